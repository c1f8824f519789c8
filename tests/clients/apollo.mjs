// Apollo Client: queries and mutations over HTTP with its normalised cache, subscriptions over graphql-ws.
import assert from "node:assert/strict";
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { APPROVE, Arrivals, HEADERS, HTTP, PLACE, SOCKET, WATCH, order } from "./common.mjs";

const socket = createClient({ url: SOCKET, webSocketImpl: WebSocket, connectionParams: { headers: HEADERS } });
const client = new ApolloClient({
  cache: new InMemoryCache({ typePolicies: { orders: { keyFields: ["order_id"] } } }),
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    new HttpLink({ uri: HTTP, headers: HEADERS }),
  ),
});

const placed = await client.mutate({ mutation: gql(PLACE), variables: order("apollo") });
assert.equal(placed.data.insert_orders_one.__typename, "orders");
assert.deepEqual(
  placed.data.insert_orders_one.items.map(({ item, quantity }) => [item, quantity]),
  [["pizza", 1], ["salad", 2]],
);

// A fragment, variables with defaults, an alias and a directive: what an app's query has.
const ORDER = gql`
  fragment Order on orders { order_id approved items_aggregate { aggregate { count } } }
  query Orders($user: String!, $limit: Int = 10, $dated: Boolean = false) {
    mine: orders(where: {user_id: {_eq: $user}}, limit: $limit, order_by: {created: desc}) {
      ...Order
      created @include(if: $dated)
    }
  }`;
const { data } = await client.query({ query: ORDER, variables: { user: "tester" } });
assert.equal(data.mine.length, 1);
assert.equal(data.mine[0].items_aggregate.aggregate.count, 2);
assert.equal(data.mine[0].created, undefined);

const arrivals = new Arrivals();
const subscription = client.subscribe({ query: gql(WATCH), variables: { id: "apollo" } }).subscribe({
  next: (result) => arrivals.push(result.error ?? result.data.orders_by_pk),
  error: (error) => arrivals.push(error),
});
assert.equal((await arrivals.next("the first result")).approved, false);
await client.mutate({ mutation: gql(APPROVE), variables: { id: "apollo" } });
assert.equal((await arrivals.next("the change")).approved, true);
subscription.unsubscribe();
// The cache knows by the mutation's answer, without asking again.
assert.equal(client.readQuery({ query: ORDER, variables: { user: "tester" } }).mine[0].approved, true);

await assert.rejects(
  client.query({ query: gql`{ orders { no_such_field } }` }),
  (error) => CombinedGraphQLErrors.is(error) && error.errors[0].extensions.code === "validation-failed",
);
client.stop();
await socket.dispose();
