// The stack that is tested, which somebody else has started: its addresses, its GraphQL, /payment, and its breakdowns.
//
// STACK names a file with the addresses (`cargo xtask dev --addresses FILE`). What only the owner of the processes can do
// (killing the engine, say) is asked for on standard error and answered on standard input; see tests/tests/all/apps.rs.
import { readFileSync } from 'node:fs'
import { once } from 'node:events'

/** Where the parts are. */
export interface Addresses {
  engine: string
  functions: string
  order_app: string
  analytics_app: string
}

const file = process.env.STACK
if (!file) throw new Error('STACK must name a file with the addresses: cargo xtask dev --addresses FILE')

/** Where the parts of the tested stack are. */
export const addresses = JSON.parse(readFileSync(file, 'utf8')) as Addresses

/** Whether the stack's owner listens; tests that break something are left out otherwise. */
export const canBreak = process.env.STACK_CONTROL === '1'

/** Asks the stack's owner to do something to its processes, and waits until it is done. */
export async function breakdown(
  what: 'engine kill' | 'engine stop' | 'engine start' | 'functions stop' | 'functions start',
): Promise<void> {
  if (!canBreak) throw new Error('nobody listens: see canBreak')
  const answered = once(process.stdin, 'data')
  process.stdin.resume()
  process.stderr.write(`@stack ${what}\n`)
  const [answer] = (await answered) as [Buffer]
  // Listening would keep this process alive.
  process.stdin.pause()
  if (answer.toString() !== 'ok\n') throw new Error(`${what}: ${answer.toString()}`)
}

/** A GraphQL operation over HTTP; throws what the engine refuses. */
export async function graphql<Data>(query: string, variables: object = {}): Promise<Data> {
  const response = await fetch(`${addresses.engine}/v1/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  const answer = (await response.json()) as { data?: Data; errors?: { message: string }[] }
  if (!answer.data) throw new Error(answer.errors?.map(({ message }) => message).join(' · '))
  return answer.data
}

/** Places an order as the app does; answers its id. */
export async function place(
  user: string,
  {
    items = [{ item: 'pizza', quantity: 1 }],
    restaurant = 1,
  }: { items?: { item: string; quantity: number }[]; restaurant?: number } = {},
): Promise<string> {
  const order_id = crypto.randomUUID()
  await graphql(
    `
      mutation ($order: orders_insert_input!, $items: [items_insert_input!]!) {
        insert_orders(objects: [$order]) {
          affected_rows
        }
        insert_items(objects: $items) {
          affected_rows
        }
      }
    `,
    {
      order: { order_id, user_id: user, address: '1 Test Street', restaurant_id: restaurant },
      items: items.map((item) => ({ ...item, order_id })),
    },
  )
  return order_id
}

/** Pays an order with a good card, as the app does; answers the HTTP status. */
export async function pay(order_id: string, amount = 500): Promise<number> {
  const response = await fetch(`${addresses.functions}/payment`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      order_id,
      info: { full_name: 'Tester', credit_card_number: '4242 4242 4242 4242', cvv: '123' },
      metadata: { type: 'credit_card', amount },
    }),
  })
  return response.status
}

/** An order's status. */
export async function statusOf(order_id: string): Promise<string | undefined> {
  const { order } = await graphql<{ order: { status: string } | null }>(
    'query ($id: String!) { order: orders_by_pk(order_id: $id) { status } }',
    { id: order_id },
  )
  return order?.status
}

/** Waits until an order has a status. */
export async function reach(order_id: string, status: string): Promise<void> {
  await until(`order ${order_id} is ${status}`, async () => (await statusOf(order_id)) === status)
}

/** Waits until something is true, looking often; fails with its name. */
export async function until(what: string, is: () => Promise<boolean>, patience = 20_000): Promise<void> {
  const deadline = Date.now() + patience
  while (!(await is())) {
    if (Date.now() > deadline) throw new Error(`did not come true in ${patience / 1000} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
