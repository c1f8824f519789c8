// What the clients' scripts share: where the engine is, and waiting.

/** The engine's HTTP endpoint, given by the test. */
export const HTTP = `${process.env.ENGINE_URL}/v1/graphql`;
/** The same for sockets. */
export const SOCKET = HTTP.replace(/^http/, "ws");
/** Sent by every client, as teams do: the engine asks for it. */
export const HEADERS = { "x-hasura-admin-secret": process.env.ADMIN_SECRET };

/** Places an order with its items, in one nested insert. */
export const PLACE = `mutation Place($order: orders_insert_input!) {
  insert_orders_one(object: $order) { order_id items(order_by: {id: asc}) { item quantity } }
}`;
export const APPROVE = `mutation Approve($id: String!) {
  update_orders_by_pk(pk_columns: {order_id: $id}, _set: {approved: true}) { order_id approved }
}`;
export const WATCH = `subscription Watch($id: String!) { orders_by_pk(order_id: $id) { order_id approved } }`;

export const order = (id) => ({
  order: {
    order_id: id, user_id: "tester", address: "my-address", restaurant_id: 1,
    items: { data: [{ item: "pizza" }, { item: "salad", quantity: 2 }] },
  },
});

/** Collects what arrives and lets one wait for the next. */
export class Arrivals {
  #there = [];
  #waiting = null;
  push(value) {
    this.#there.push(value);
    this.#waiting?.();
  }
  async next(what) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`nothing arrived: ${what}`)), 20_000);
    });
    while (this.#there.length === 0) {
      await Promise.race([late, new Promise((resolve) => (this.#waiting = resolve))]);
    }
    clearTimeout(timer);
    const value = this.#there.shift();
    if (value instanceof Error) throw value;
    return value;
  }
}
