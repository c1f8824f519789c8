// Access to the running stack under test: addresses, GraphQL, /payment and fault injection.
//
// STACK names a file with the addresses (`cargo xtask dev --addresses FILE`). Faults are injected by the process that
// started the stack: requests are written to standard error, responses read from standard input; see
// tests/tests/all/apps.rs.
import { readFileSync } from 'node:fs'
import { once } from 'node:events'

import type { Customer } from './customers.ts'

/** Base URLs of the stack. */
export interface Addresses {
  engine: string
  functions: string
  order_app: string
  analytics_app: string
  /** Address of the console; null without apps. */
  console: string | null
  /** File with the admin secret; null in open mode. */
  admin_secret_file: string | null
}

const file = process.env.STACK
if (!file) throw new Error('STACK must name a file with the addresses: cargo xtask dev --addresses FILE')

/** Base URLs of the stack under test. */
export const addresses = JSON.parse(readFileSync(file, 'utf8')) as Addresses

/** Headers of a request as admin. */
export const adminHeaders: Record<string, string> = addresses.admin_secret_file
  ? { 'x-hasura-admin-secret': readFileSync(addresses.admin_secret_file, 'utf8') }
  : {}

const tokens = new Map<string, string>()

/** Returns a token of the user, who is logged in if necessary. */
export async function tokenOf(username: string): Promise<string> {
  const known = tokens.get(username)
  if (known !== undefined) return known
  const response = await fetch(`${addresses.functions}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username }),
  })
  const { token } = (await response.json()) as { token?: string }
  if (token === undefined) throw new Error(`${username} cannot log in: HTTP ${response.status}`)
  tokens.set(username, token)
  return token
}

/** Customers of the orders that {@link place} has placed. */
const customers = new Map<string, string>()

/** Whether the parent process injects faults on request; fault tests are skipped otherwise. */
export const canInjectFaults = process.env.STACK_CONTROL === '1'

/** Asks the parent process to stop or start a service, and waits for its response. */
export async function injectFault(
  fault: 'engine kill' | 'engine stop' | 'engine start' | 'functions stop' | 'functions start',
): Promise<void> {
  if (!canInjectFaults)
    throw new Error('the parent process does not inject faults: run the tests with cargo xtask test')
  const answered = once(process.stdin, 'data')
  process.stdin.resume()
  process.stderr.write(`@stack ${fault}\n`)
  const [answer] = (await answered) as [Buffer]
  // A flowing stdin would keep this process alive.
  process.stdin.pause()
  if (answer.toString() !== 'ok\n') throw new Error(`${fault}: ${answer.toString()}`)
}

/** Runs a GraphQL operation as admin over HTTP; throws its errors. */
export async function graphql<Data>(query: string, variables: object = {}): Promise<Data> {
  const response = await fetch(`${addresses.engine}/v1/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...adminHeaders },
    body: JSON.stringify({ query, variables }),
  })
  const answer = (await response.json()) as { data?: Data; errors?: { message: string }[] }
  if (!answer.data) throw new Error(answer.errors?.map(({ message }) => message).join(' · '))
  return answer.data
}

/** Places an order as the app does; returns its id. */
export async function place(
  user: Customer,
  {
    items = [{ item: 'pizza', quantity: 1 }],
    restaurant = 1,
  }: { items?: { item: string; quantity: number }[]; restaurant?: number } = {},
): Promise<string> {
  const order_id = crypto.randomUUID()
  customers.set(order_id, user)
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

/** Pays an order with a valid card, as its customer, by default that of {@link place}; returns the HTTP status. */
export async function pay(
  order_id: string,
  amount = 500,
  user = customers.get(order_id) ?? '',
): Promise<number> {
  const token = await tokenOf(user)
  const response = await fetch(`${addresses.functions}/payment`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({
      order_id,
      info: { full_name: 'Tester', credit_card_number: '4242 4242 4242 4242', cvv: '123' },
      metadata: { type: 'credit_card', amount },
    }),
  })
  return response.status
}

/** Places and pays an order of one pizza; returns its id. */
export async function ordered(user: Customer, restaurant: number): Promise<string> {
  const id = await place(user, { restaurant })
  await reach(id, 'validated')
  const status = await pay(id)
  if (status !== 200) throw new Error(`order ${id} is not paid: HTTP ${status}`)
  return id
}

/** Returns the status of an order. */
export async function statusOf(order_id: string): Promise<string | undefined> {
  const { order } = await graphql<{ order: { status: string } | null }>(
    'query ($id: String!) { order: orders_by_pk(order_id: $id) { status } }',
    { id: order_id },
  )
  return order?.status
}

/** Waits until an order has the status. */
export async function reach(order_id: string, status: string): Promise<void> {
  await until(`order ${order_id} is ${status}`, async () => (await statusOf(order_id)) === status)
}

/** Polls a condition until it is true; throws its description after the timeout. */
export async function until(what: string, isTrue: () => Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`not true after ${timeoutMs / 1000} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
