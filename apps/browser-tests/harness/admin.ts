// Actions of an administrator: drivers, deadlines, SQL and scheduled events.
import { addresses, adminHeaders, graphql, until } from './stack.ts'

/** Sends a command to the engine's metadata API; throws its error. */
export async function metadata(type: string, args: object): Promise<void> {
  await query(type, args)
}

/** Does the same, and returns the response. */
export async function query<Answer>(type: string, args: object): Promise<Answer> {
  const response = await fetch(`${addresses.engine}/v1/metadata`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...adminHeaders },
    body: JSON.stringify({ type, args }),
  })
  const answer = (await response.json()) as Answer & { error?: string }
  if (!response.ok) throw new Error(`${type}: ${answer.error ?? response.status}`)
  return answer
}

/** Runs SQL as the engine; returns the rows without the header. */
export async function sql(text: string): Promise<string[][]> {
  const response = await fetch(`${addresses.engine}/v2/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...adminHeaders },
    body: JSON.stringify({ type: 'run_sql', args: { sql: text } }),
  })
  const answer = (await response.json()) as { result?: string[][]; error?: string }
  if (!response.ok) throw new Error(`run_sql: ${answer.error ?? response.status}`)
  return answer.result?.slice(1) ?? []
}

/** Makes these drivers available, and all others unavailable; without a list all are available. */
export async function setAvailable(ids?: readonly number[]): Promise<void> {
  await graphql(
    `
      mutation ($available: drivers_bool_exp!, $others: drivers_bool_exp!) {
        on: update_drivers(where: $available, _set: { available: true }) {
          affected_rows
        }
        off: update_drivers(where: $others, _set: { available: false }) {
          affected_rows
        }
      }
    `,
    ids
      ? { available: { id: { _in: ids } }, others: { id: { _nin: ids } } }
      : { available: {}, others: { id: { _in: [] } } },
  )
}

/** Sets whether these drivers accept assignments automatically. */
export async function setAutoAccept(ids: readonly number[], value: boolean): Promise<void> {
  await graphql(
    'mutation ($ids: [Int!]!, $value: Boolean!) { update_drivers(where: {id: {_in: $ids}}, _set: {auto_accept: $value}) { affected_rows } }',
    { ids, value },
  )
}

/** Returns the driver of an order, once it has one that is not in the list. */
export async function driverOf(order_id: string, except: readonly number[] = []): Promise<number> {
  let found: number | undefined
  await until(`order ${order_id} has another driver than ${except.join(', ') || 'none'}`, async () => {
    const { assignment } = await graphql<{ assignment: { driver_id: number } | null }>(
      'query ($id: String!) { assignment: assignment_by_pk(order_id: $id) { driver_id } }',
      { id: order_id },
    )
    found = assignment?.driver_id
    return found !== undefined && !except.includes(found)
  })
  return found ?? 0
}

/** Sets hours with which a restaurant is closed now and opens in three days, which is another weekday in each time zone. */
export async function openLater(restaurant: number): Promise<void> {
  await sql(
    `INSERT INTO opening_hours (restaurant_id, weekday, opens, closes)
     SELECT ${restaurant}, extract(isodow FROM now() + interval '3 days'), '17:30', '22:00'`,
  )
}

/** Deletes the opening hours of a restaurant. */
export async function openAlways(restaurant: number): Promise<void> {
  await sql(
    `DELETE FROM opening_hours WHERE restaurant_id = ${restaurant};
     UPDATE restaurants SET time_zone = 'UTC' WHERE id = ${restaurant}`,
  )
}

/** Delivers or closes all orders that are assigned, which would go to other drivers when theirs go off duty. */
export async function finishDeliveries(): Promise<void> {
  await graphql(`
    mutation {
      accepted: update_assignment(where: { accepted: { _eq: false } }, _set: { accepted: true }) {
        affected_rows
      }
      picked: update_orders(where: { status: { _eq: "assigned" } }, _set: { food_picked: true }) {
        affected_rows
      }
      delivered: update_orders(where: { status: { _eq: "picked_up" } }, _set: { delivered: true }) {
        affected_rows
      }
    }
  `)
}

/** Moves a deadline of an order into the past and calls expire-orders, as its cron trigger does each minute. */
export async function passDeadline(
  order_id: string,
  deadline: 'pay_by' | 'answer_by' | 'assign_by',
): Promise<void> {
  await graphql(
    'mutation ($id: String!, $set: orders_set_input!) { update_orders_by_pk(pk_columns: {order_id: $id}, _set: $set) { status } }',
    { id: order_id, set: { [deadline]: new Date(Date.now() - 1_000).toISOString() } },
  )
  await metadata('create_scheduled_event', {
    webhook: '{{FUNCTIONS_URL}}/expire-orders',
    schedule_at: new Date().toISOString(),
    payload: {},
    headers: [{ name: 'x-webhook-secret', value_from_env: 'WEBHOOK_SECRET' }],
  })
}
