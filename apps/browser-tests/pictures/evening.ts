// The orders of an hour, for pictures: at all restaurants that are open, in each stage.
import { driverOf, sql } from '../harness/admin.ts'
import { named } from '../harness/customers.ts'
import { moveDriver } from '../harness/drivers.ts'
import { graphql, pay, place, reach } from '../harness/stack.ts'

/** Status that an order has in the end. */
type End = 'paid' | 'assigned' | 'picked_up' | 'delivered' | 'cancelled' | 'rejected'

const CUSTOMERS = ['bob', 'carla', 'dmitri', 'esra', 'farid', 'grace', 'hiro', 'ilse', 'jorge', 'kim']
const STREETS = [
  '4 Mill Lane',
  '27 Harbour Street',
  '9 Orchard Way',
  '81 Station Road',
  '16 Chapel Hill',
  '3 Market Square',
]
const ENDS: End[] = [
  'delivered',
  'delivered',
  'picked_up',
  'delivered',
  'assigned',
  'delivered',
  'delivered',
  'cancelled',
  'delivered',
  'delivered',
  'rejected',
  'delivered',
]

interface Planned {
  user: string
  restaurant: number
  items: { item: string; quantity: number }[]
  address: string
  end: End
  /** Whether the restaurant answers itself. */
  manual: boolean
  /** Minutes since it was placed. */
  age: number
}

interface Menu {
  id: number
  auto_approve: boolean
  menu_items: { name: string }[]
}

/** Orders that pictures are about. */
export interface Evening {
  /** Alice's order, which is on its way. */
  followed: string
  /** Order that its driver has not picked up yet, and the driver. */
  next: { id: string; driver: number }
}

/** Places the orders and takes them to their ends, then moves them into the past. Needs a new database. */
export async function playEvening(): Promise<Evening> {
  const { restaurants } = await graphql<{ restaurants: Menu[] }>(`
    {
      restaurants(where: { open: { _eq: true } }, order_by: { id: asc }) {
        id
        auto_approve
        menu_items(where: { available: { _eq: true } }, order_by: { position: asc }) {
          name
        }
      }
    }
  `)
  const planned = [...plan(restaurants), ...waiting(restaurants)]
  const alice: Planned = {
    user: 'alice',
    restaurant: 4,
    items: [
      { item: 'ramen', quantity: 2 },
      { item: 'gyoza', quantity: 1 },
      { item: 'green tea', quantity: 2 },
    ],
    address: '12 Rainbow Road',
    end: 'picked_up',
    manual: false,
    age: 17,
  }
  const orders = await Promise.all([alice, ...planned].map(play))
  const [followed = '', ...others] = orders
  await moveIntoThePast([alice, ...planned], orders)
  const id = others[planned.findIndex(({ restaurant, end }) => restaurant === 5 && end === 'assigned')] ?? ''
  const driver = await driverOf(id)
  await moveAlong(id, driver, 'restaurant', 0.2)
  await moveAlong(followed, await driverOf(followed), 'destination', 0.55)
  return { followed, next: { id, driver } }
}

function plan(restaurants: readonly Menu[]): Planned[] {
  return Array.from({ length: 60 }, (_, n): Planned => {
    const { id, auto_approve, menu_items } = cycled(restaurants, n)
    const dish = (m: number) => cycled(menu_items, m).name
    const end = cycled(ENDS, n)
    return {
      ...person(n),
      restaurant: id,
      items: [
        { item: dish(n), quantity: 1 + (n % 2) },
        { item: dish(n + 1 + (n % 3)), quantity: 1 },
      ],
      end: auto_approve && end === 'rejected' ? 'delivered' : end,
      manual: !auto_approve,
      age: ageOf(end, n),
    }
  })
}

/** Minutes since an order was placed: as many as its end takes, and so few that nothing is late. */
function ageOf(end: End, n: number): number {
  if (end === 'delivered') return 28 + ((n * 7) % 31)
  if (end === 'picked_up') return 16 + ((n * 5) % 11)
  if (end === 'assigned') return 4 + (n % 5)
  return 3 + ((n * 7) % 25)
}

/** Orders that wait for restaurants that answer themselves. */
function waiting(restaurants: readonly Menu[]): Planned[] {
  const manual = restaurants.filter(({ auto_approve }) => !auto_approve)
  return manual.flatMap(({ id, menu_items }) =>
    [0, 1, 2].map((n): Planned => {
      const items = [n, n + 3].map((m) => ({ item: menu_items[m]?.name ?? '', quantity: 1 + (m % 2) }))
      return { ...person(id + n), restaurant: id, items, end: 'paid', manual: true, age: 1 + n * 1.4 }
    }),
  )
}

function person(n: number): Pick<Planned, 'user' | 'address'> {
  return { user: cycled(CUSTOMERS, n), address: cycled(STREETS, n) }
}

/** Returns an element of a list that repeats. */
function cycled<Element>(list: readonly Element[], n: number): Element {
  const element = list[n % list.length]
  if (element === undefined) throw new Error('the list is empty')
  return element
}

async function play({ user, restaurant, items, end, manual }: Planned): Promise<string> {
  const id = await place(named(user), { items, restaurant })
  await reach(id, 'validated')
  const set = (change: object) =>
    graphql(
      'mutation ($id: String!, $set: orders_set_input!) { update_orders_by_pk(pk_columns: {order_id: $id}, _set: $set) { status } }',
      { id, set: change },
    )
  if (end === 'cancelled') {
    await set({ cancelled: true })
    return id
  }
  const { order } = await graphql<{ order: { total: number } }>(
    'query ($id: String!) { order: orders_by_pk(order_id: $id) { total } }',
    { id },
  )
  await pay(id, order.total)
  if (end === 'paid') return id
  if (manual) {
    await reach(id, 'paid')
    await set(
      end === 'rejected' ? { rejected: true, close_reason: 'Sold out for today.' } : { approved: true },
    )
    if (end === 'rejected') return id
  }
  await reach(id, 'assigned')
  if (end === 'picked_up' || end === 'delivered') await set({ food_picked: true })
  if (end === 'delivered') await set({ delivered: true })
  return id
}

/** Spreads the orders over the last hour, with the times that people take. */
async function moveIntoThePast(planned: readonly Planned[], orders: readonly string[]): Promise<void> {
  const rows = planned.map(({ age, address }, n) => `('${orders[n] ?? ''}', ${age}, '${address}')`)
  await sql(`
    UPDATE orders AS o
    SET created = now() - make_interval(secs => p.age * 60), address = p.address,
        answer_by = CASE o.status WHEN 'paid' THEN now() - make_interval(secs => p.age * 60) + interval '10 minutes'
                                  ELSE o.answer_by END
    FROM (VALUES ${rows.join(', ')}) AS p (id, age, address)
    WHERE o.order_id = p.id;
    UPDATE order_history AS h
    SET at = o.created + CASE h.outcome
      WHEN 'placed' THEN interval '0'       WHEN 'validated' THEN interval '0.2 seconds'
      WHEN 'paid'   THEN interval '35 seconds'
      WHEN 'approved' THEN interval '36 seconds' WHEN 'rejected' THEN interval '2 minutes'
      WHEN 'assigned' THEN interval '37 seconds'
      WHEN 'picked_up' THEN interval '13 minutes' * (0.8 + 0.4 * random())
      WHEN 'delivered' THEN interval '23 minutes' * (0.8 + 0.4 * random())
      ELSE interval '50 seconds' END
    FROM orders AS o
    WHERE o.order_id = h.order_id;
  `)
}

/** Moves a driver along the way to the restaurant (from the centre) or to the customer. */
async function moveAlong(
  id: string,
  driver: number,
  to: 'restaurant' | 'destination',
  part: number,
): Promise<void> {
  interface Places {
    restaurant_x: number
    restaurant_y: number
    destination_x: number
    destination_y: number
  }
  const { order_tracking } = await graphql<{ order_tracking: Places[] }>(
    'query ($id: String!) { order_tracking(where: {order_id: {_eq: $id}}) { restaurant_x restaurant_y destination_x destination_y } }',
    { id },
  )
  const [places] = order_tracking
  if (!places) throw new Error(`order ${id} cannot be tracked`)
  const restaurant = { x: places.restaurant_x, y: places.restaurant_y }
  const destination = { x: places.destination_x, y: places.destination_y }
  const [start, end] = to === 'restaurant' ? [{ x: 50, y: 50 }, restaurant] : [restaurant, destination]
  await moveDriver(driver, {
    x: start.x + part * (end.x - start.x),
    y: start.y + part * (end.y - start.y),
  })
}
