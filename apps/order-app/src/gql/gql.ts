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
    "subscription Menu {\n  menu_items(order_by: {name: asc}) {\n    name\n    price\n    available\n  }\n}\n\nsubscription Restaurants {\n  restaurants(order_by: {id: asc}) {\n    id\n    name\n    open\n    auto_approve\n  }\n}": typeof types.MenuDocument,
};
const documents: Documents = {
    "subscription Menu {\n  menu_items(order_by: {name: asc}) {\n    name\n    price\n    available\n  }\n}\n\nsubscription Restaurants {\n  restaurants(order_by: {id: asc}) {\n    id\n    name\n    open\n    auto_approve\n  }\n}": types.MenuDocument,
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
export function graphql(source: "subscription Menu {\n  menu_items(order_by: {name: asc}) {\n    name\n    price\n    available\n  }\n}\n\nsubscription Restaurants {\n  restaurants(order_by: {id: asc}) {\n    id\n    name\n    open\n    auto_approve\n  }\n}"): (typeof documents)["subscription Menu {\n  menu_items(order_by: {name: asc}) {\n    name\n    price\n    available\n  }\n}\n\nsubscription Restaurants {\n  restaurants(order_by: {id: asc}) {\n    id\n    name\n    open\n    auto_approve\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;