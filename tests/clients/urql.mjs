// urql, with graphql-ws for subscriptions.
import assert from "node:assert/strict";
import { Client, cacheExchange, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { APPROVE, Arrivals, HEADERS, HTTP, PLACE, SOCKET, WATCH, order } from "./common.mjs";

const socket = createClient({ url: SOCKET, webSocketImpl: WebSocket, connectionParams: { headers: HEADERS } });
const client = new Client({
  url: HTTP,
  preferGetMethod: false,
  fetchOptions: { headers: HEADERS },
  exchanges: [
    cacheExchange,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? "" }, sink) }),
      }),
    }),
  ],
});
const good = (result) => {
  assert.ifError(result.error);
  return result.data;
};

const placed = good(await client.mutation(gql(PLACE), order("urql")).toPromise());
assert.equal(placed.insert_orders_one.items.length, 2);

const arrivals = new Arrivals();
const { unsubscribe } = client
  .subscription(gql(WATCH), { id: "urql" })
  .subscribe((result) => arrivals.push(result.error ?? result.data.orders_by_pk));
assert.equal((await arrivals.next("the first result")).approved, false);
good(await client.mutation(gql(APPROVE), { id: "urql" }).toPromise());
assert.equal((await arrivals.next("the change")).approved, true);
unsubscribe();

// A stream: existing rows, then new ones.
const STREAM = `subscription ($after: Int!) {
  items_stream(batch_size: 1, cursor: {initial_value: {id: $after}}, where: {order_id: {_in: ["urql", "urql-2"]}}) { id item order_id }
}`;
const batches = new Arrivals();
const stream = client
  .subscription(gql(STREAM), { after: 0 })
  .subscribe((result) => batches.push(result.error ?? result.data.items_stream));
const names = async (count) => {
  const rows = [];
  while (rows.length < count) rows.push(...(await batches.next("a batch")));
  return rows.map((row) => `${row.order_id}: ${row.item}`);
};
const ordered = (id) => order(id).order.items.data.map((row) => `${id}: ${row.item}`);
assert.deepEqual((await names(2)).sort(), ordered("urql").sort());
good(await client.mutation(gql(PLACE), order("urql-2")).toPromise());
assert.deepEqual((await names(2)).sort(), ordered("urql-2").sort());
stream.unsubscribe();

const query = gql`query ($id: String!) { orders_by_pk(order_id: $id) { approved items { item order { order_id } } } }`;
const { orders_by_pk } = good(await client.query(query, { id: "urql" }).toPromise());
assert.equal(orders_by_pk.items[1].order.order_id, "urql");

const refused = await client.query(gql`{ orders(where: {order_id: {_eq: 1}}) { order_id } }`, {}).toPromise();
assert.equal(refused.error.graphQLErrors[0].extensions.code, "validation-failed");
const twice = await client.mutation(gql(PLACE), order("urql")).toPromise();
assert.equal(twice.error.graphQLErrors[0].extensions.code, "constraint-violation");
await socket.dispose();
