/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "mutation PlaceOrder($order: orders_insert_input!, $items: [items_insert_input!]!) {\n  insert_orders(objects: [$order]) {\n    affected_rows\n  }\n  insert_items(objects: $items) {\n    affected_rows\n  }\n}": typeof types.PlaceOrderDocument,
    "subscription Tracking($id: String!) {\n  order_tracking(where: {order_id: {_eq: $id}}) {\n    order_id\n    status\n    restaurant\n    restaurant_x\n    restaurant_y\n    destination_x\n    destination_y\n    driver\n    driver_x\n    driver_y\n    driver_at\n    eta\n  }\n}": typeof types.TrackingDocument,
    "mutation CancelOrder($id: String!) {\n  update_orders_by_pk(pk_columns: {order_id: $id}, _set: {cancelled: true}) {\n    order_id\n    status\n  }\n}": typeof types.CancelOrderDocument,
    "subscription Order($id: String!) {\n  orders_by_pk(order_id: $id) {\n    order_id\n    user_id\n    restaurant_id\n    address\n    note\n    created\n    status\n    total\n    problem\n    order_valid\n    payment_valid\n    approved\n    driver_assigned\n    food_picked\n    delivered\n    close_reason\n    pay_by\n    answer_by\n    refunds(order_by: {created: asc}) {\n      amount\n      status\n      refunded\n    }\n    items(order_by: {id: asc}) {\n      id\n      item\n      quantity\n    }\n    payments(order_by: {attempt: asc}) {\n      attempt\n      status\n      card_last4\n      decline_code\n    }\n    assignment {\n      driver {\n        name\n      }\n    }\n    order_history(order_by: {id: asc}) {\n      id\n      at\n      step\n      outcome\n      attempt\n    }\n  }\n}": typeof types.OrderDocument,
    "subscription Orders($user: String!, $limit: Int!) {\n  orders(where: {user_id: {_eq: $user}}, order_by: {created: desc}, limit: $limit) {\n    order_id\n    restaurant_id\n    created\n    status\n    total\n    items(order_by: {id: asc}) {\n      item\n      quantity\n    }\n  }\n}\n\nquery PayableOrders($user: String!) {\n  orders(\n    where: {user_id: {_eq: $user}, status: {_eq: \"validated\"}}\n    order_by: {created: asc}\n  ) {\n    order_id\n    total\n  }\n}": typeof types.OrdersDocument,
    "subscription Restaurants {\n  restaurants(order_by: {id: asc}) {\n    id\n    name\n    cuisine\n    description\n    picture\n    open\n    auto_approve\n    preparation_minutes\n    time_zone\n    opening_hours(order_by: [{weekday: asc}, {opens: asc}]) {\n      weekday\n      opens\n      closes\n    }\n    menu_items(order_by: [{position: asc}, {name: asc}]) {\n      name\n      price\n      available\n      picture\n    }\n  }\n}\n\nsubscription RestaurantOpenings {\n  restaurant_openings(order_by: {restaurant_id: asc}) {\n    restaurant_id\n    opens_at\n    paused\n  }\n}\n\nsubscription Menu($id: Int!) {\n  menu_items(\n    where: {restaurant_id: {_eq: $id}}\n    order_by: [{position: asc}, {name: asc}]\n    limit: 100\n  ) {\n    name\n    price\n    available\n    category\n    description\n    picture\n  }\n}": typeof types.RestaurantsDocument,
    "subscription RecentOrders($user: String!) {\n  orders(where: {user_id: {_eq: $user}}, order_by: {created: desc}, limit: 10) {\n    order_id\n    restaurant_id\n    address\n    status\n    assignment {\n      driver {\n        name\n      }\n    }\n  }\n}": typeof types.RecentOrdersDocument,
};
const documents: Documents = {
    "mutation PlaceOrder($order: orders_insert_input!, $items: [items_insert_input!]!) {\n  insert_orders(objects: [$order]) {\n    affected_rows\n  }\n  insert_items(objects: $items) {\n    affected_rows\n  }\n}": types.PlaceOrderDocument,
    "subscription Tracking($id: String!) {\n  order_tracking(where: {order_id: {_eq: $id}}) {\n    order_id\n    status\n    restaurant\n    restaurant_x\n    restaurant_y\n    destination_x\n    destination_y\n    driver\n    driver_x\n    driver_y\n    driver_at\n    eta\n  }\n}": types.TrackingDocument,
    "mutation CancelOrder($id: String!) {\n  update_orders_by_pk(pk_columns: {order_id: $id}, _set: {cancelled: true}) {\n    order_id\n    status\n  }\n}": types.CancelOrderDocument,
    "subscription Order($id: String!) {\n  orders_by_pk(order_id: $id) {\n    order_id\n    user_id\n    restaurant_id\n    address\n    note\n    created\n    status\n    total\n    problem\n    order_valid\n    payment_valid\n    approved\n    driver_assigned\n    food_picked\n    delivered\n    close_reason\n    pay_by\n    answer_by\n    refunds(order_by: {created: asc}) {\n      amount\n      status\n      refunded\n    }\n    items(order_by: {id: asc}) {\n      id\n      item\n      quantity\n    }\n    payments(order_by: {attempt: asc}) {\n      attempt\n      status\n      card_last4\n      decline_code\n    }\n    assignment {\n      driver {\n        name\n      }\n    }\n    order_history(order_by: {id: asc}) {\n      id\n      at\n      step\n      outcome\n      attempt\n    }\n  }\n}": types.OrderDocument,
    "subscription Orders($user: String!, $limit: Int!) {\n  orders(where: {user_id: {_eq: $user}}, order_by: {created: desc}, limit: $limit) {\n    order_id\n    restaurant_id\n    created\n    status\n    total\n    items(order_by: {id: asc}) {\n      item\n      quantity\n    }\n  }\n}\n\nquery PayableOrders($user: String!) {\n  orders(\n    where: {user_id: {_eq: $user}, status: {_eq: \"validated\"}}\n    order_by: {created: asc}\n  ) {\n    order_id\n    total\n  }\n}": types.OrdersDocument,
    "subscription Restaurants {\n  restaurants(order_by: {id: asc}) {\n    id\n    name\n    cuisine\n    description\n    picture\n    open\n    auto_approve\n    preparation_minutes\n    time_zone\n    opening_hours(order_by: [{weekday: asc}, {opens: asc}]) {\n      weekday\n      opens\n      closes\n    }\n    menu_items(order_by: [{position: asc}, {name: asc}]) {\n      name\n      price\n      available\n      picture\n    }\n  }\n}\n\nsubscription RestaurantOpenings {\n  restaurant_openings(order_by: {restaurant_id: asc}) {\n    restaurant_id\n    opens_at\n    paused\n  }\n}\n\nsubscription Menu($id: Int!) {\n  menu_items(\n    where: {restaurant_id: {_eq: $id}}\n    order_by: [{position: asc}, {name: asc}]\n    limit: 100\n  ) {\n    name\n    price\n    available\n    category\n    description\n    picture\n  }\n}": types.RestaurantsDocument,
    "subscription RecentOrders($user: String!) {\n  orders(where: {user_id: {_eq: $user}}, order_by: {created: desc}, limit: 10) {\n    order_id\n    restaurant_id\n    address\n    status\n    assignment {\n      driver {\n        name\n      }\n    }\n  }\n}": types.RecentOrdersDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation PlaceOrder($order: orders_insert_input!, $items: [items_insert_input!]!) {\n  insert_orders(objects: [$order]) {\n    affected_rows\n  }\n  insert_items(objects: $items) {\n    affected_rows\n  }\n}"): (typeof documents)["mutation PlaceOrder($order: orders_insert_input!, $items: [items_insert_input!]!) {\n  insert_orders(objects: [$order]) {\n    affected_rows\n  }\n  insert_items(objects: $items) {\n    affected_rows\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription Tracking($id: String!) {\n  order_tracking(where: {order_id: {_eq: $id}}) {\n    order_id\n    status\n    restaurant\n    restaurant_x\n    restaurant_y\n    destination_x\n    destination_y\n    driver\n    driver_x\n    driver_y\n    driver_at\n    eta\n  }\n}"): (typeof documents)["subscription Tracking($id: String!) {\n  order_tracking(where: {order_id: {_eq: $id}}) {\n    order_id\n    status\n    restaurant\n    restaurant_x\n    restaurant_y\n    destination_x\n    destination_y\n    driver\n    driver_x\n    driver_y\n    driver_at\n    eta\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation CancelOrder($id: String!) {\n  update_orders_by_pk(pk_columns: {order_id: $id}, _set: {cancelled: true}) {\n    order_id\n    status\n  }\n}"): (typeof documents)["mutation CancelOrder($id: String!) {\n  update_orders_by_pk(pk_columns: {order_id: $id}, _set: {cancelled: true}) {\n    order_id\n    status\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription Order($id: String!) {\n  orders_by_pk(order_id: $id) {\n    order_id\n    user_id\n    restaurant_id\n    address\n    note\n    created\n    status\n    total\n    problem\n    order_valid\n    payment_valid\n    approved\n    driver_assigned\n    food_picked\n    delivered\n    close_reason\n    pay_by\n    answer_by\n    refunds(order_by: {created: asc}) {\n      amount\n      status\n      refunded\n    }\n    items(order_by: {id: asc}) {\n      id\n      item\n      quantity\n    }\n    payments(order_by: {attempt: asc}) {\n      attempt\n      status\n      card_last4\n      decline_code\n    }\n    assignment {\n      driver {\n        name\n      }\n    }\n    order_history(order_by: {id: asc}) {\n      id\n      at\n      step\n      outcome\n      attempt\n    }\n  }\n}"): (typeof documents)["subscription Order($id: String!) {\n  orders_by_pk(order_id: $id) {\n    order_id\n    user_id\n    restaurant_id\n    address\n    note\n    created\n    status\n    total\n    problem\n    order_valid\n    payment_valid\n    approved\n    driver_assigned\n    food_picked\n    delivered\n    close_reason\n    pay_by\n    answer_by\n    refunds(order_by: {created: asc}) {\n      amount\n      status\n      refunded\n    }\n    items(order_by: {id: asc}) {\n      id\n      item\n      quantity\n    }\n    payments(order_by: {attempt: asc}) {\n      attempt\n      status\n      card_last4\n      decline_code\n    }\n    assignment {\n      driver {\n        name\n      }\n    }\n    order_history(order_by: {id: asc}) {\n      id\n      at\n      step\n      outcome\n      attempt\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription Orders($user: String!, $limit: Int!) {\n  orders(where: {user_id: {_eq: $user}}, order_by: {created: desc}, limit: $limit) {\n    order_id\n    restaurant_id\n    created\n    status\n    total\n    items(order_by: {id: asc}) {\n      item\n      quantity\n    }\n  }\n}\n\nquery PayableOrders($user: String!) {\n  orders(\n    where: {user_id: {_eq: $user}, status: {_eq: \"validated\"}}\n    order_by: {created: asc}\n  ) {\n    order_id\n    total\n  }\n}"): (typeof documents)["subscription Orders($user: String!, $limit: Int!) {\n  orders(where: {user_id: {_eq: $user}}, order_by: {created: desc}, limit: $limit) {\n    order_id\n    restaurant_id\n    created\n    status\n    total\n    items(order_by: {id: asc}) {\n      item\n      quantity\n    }\n  }\n}\n\nquery PayableOrders($user: String!) {\n  orders(\n    where: {user_id: {_eq: $user}, status: {_eq: \"validated\"}}\n    order_by: {created: asc}\n  ) {\n    order_id\n    total\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription Restaurants {\n  restaurants(order_by: {id: asc}) {\n    id\n    name\n    cuisine\n    description\n    picture\n    open\n    auto_approve\n    preparation_minutes\n    time_zone\n    opening_hours(order_by: [{weekday: asc}, {opens: asc}]) {\n      weekday\n      opens\n      closes\n    }\n    menu_items(order_by: [{position: asc}, {name: asc}]) {\n      name\n      price\n      available\n      picture\n    }\n  }\n}\n\nsubscription RestaurantOpenings {\n  restaurant_openings(order_by: {restaurant_id: asc}) {\n    restaurant_id\n    opens_at\n    paused\n  }\n}\n\nsubscription Menu($id: Int!) {\n  menu_items(\n    where: {restaurant_id: {_eq: $id}}\n    order_by: [{position: asc}, {name: asc}]\n    limit: 100\n  ) {\n    name\n    price\n    available\n    category\n    description\n    picture\n  }\n}"): (typeof documents)["subscription Restaurants {\n  restaurants(order_by: {id: asc}) {\n    id\n    name\n    cuisine\n    description\n    picture\n    open\n    auto_approve\n    preparation_minutes\n    time_zone\n    opening_hours(order_by: [{weekday: asc}, {opens: asc}]) {\n      weekday\n      opens\n      closes\n    }\n    menu_items(order_by: [{position: asc}, {name: asc}]) {\n      name\n      price\n      available\n      picture\n    }\n  }\n}\n\nsubscription RestaurantOpenings {\n  restaurant_openings(order_by: {restaurant_id: asc}) {\n    restaurant_id\n    opens_at\n    paused\n  }\n}\n\nsubscription Menu($id: Int!) {\n  menu_items(\n    where: {restaurant_id: {_eq: $id}}\n    order_by: [{position: asc}, {name: asc}]\n    limit: 100\n  ) {\n    name\n    price\n    available\n    category\n    description\n    picture\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription RecentOrders($user: String!) {\n  orders(where: {user_id: {_eq: $user}}, order_by: {created: desc}, limit: 10) {\n    order_id\n    restaurant_id\n    address\n    status\n    assignment {\n      driver {\n        name\n      }\n    }\n  }\n}"): (typeof documents)["subscription RecentOrders($user: String!) {\n  orders(where: {user_id: {_eq: $user}}, order_by: {created: desc}, limit: 10) {\n    order_id\n    restaurant_id\n    address\n    status\n    assignment {\n      driver {\n        name\n      }\n    }\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;