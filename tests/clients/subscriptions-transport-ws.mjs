// subscriptions-transport-ws, the client of the older protocol: everything over one socket.
import assert from "node:assert/strict";
import { SubscriptionClient } from "subscriptions-transport-ws";
import WebSocket from "ws";
import { APPROVE, Arrivals, HEADERS, PLACE, SOCKET, WATCH, order } from "./common.mjs";

const client = new SubscriptionClient(
  SOCKET,
  { reconnect: true, connectionParams: { headers: HEADERS } },
  WebSocket,
);
const connected = new Arrivals();
client.onConnected(() => connected.push("connected"));
client.onReconnected(() => connected.push("reconnected"));
client.onError((error) => connected.push(new Error(error.message)));

const start = (query, variables) => {
  const arrivals = new Arrivals();
  const { unsubscribe } = client.request({ query, variables }).subscribe({
    next: (result) => arrivals.push(result),
    error: (error) => arrivals.push(error),
    complete: () => arrivals.push("complete"),
  });
  return { arrivals, unsubscribe };
};
const once = async (query, variables) => {
  const { arrivals } = start(query, variables);
  const result = await arrivals.next(query);
  assert.equal(await arrivals.next("the end"), "complete");
  return result;
};

assert.equal(await connected.next("the connection"), "connected");
const placed = await once(PLACE, order("older"));
assert.equal(placed.data.insert_orders_one.items.length, 2);
const watched = start(WATCH, { id: "older" });
assert.equal((await watched.arrivals.next("the first result")).data.orders_by_pk.approved, false);
await once(APPROVE, { id: "older" });
assert.equal((await watched.arrivals.next("the change")).data.orders_by_pk.approved, true);

// The client reconnects automatically and subscribes again.
client.close(false, false);
assert.equal(await connected.next("the connection, again"), "reconnected");
assert.equal((await watched.arrivals.next("the first result, again")).data.orders_by_pk.approved, true);
watched.unsubscribe();

const refused = start("{ no_such_table { id } }");
// Its errors are plain objects, as the server sent them.
assert.deepEqual(await refused.arrivals.next("the refusal"), {
  message: "field \"no_such_table\" not found in type: 'query_root'",
  extensions: { path: "$.selectionSet.no_such_table", code: "validation-failed" },
});
client.close();
