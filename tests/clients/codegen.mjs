// graphql-codegen: types from the live schema and from an app's operations, which TypeScript accepts, and which catch
// what is wrong.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "@graphql-codegen/cli";
import { HEADERS, HTTP } from "./common.mjs";

const here = import.meta.dirname;
// Beside the packages, so that TypeScript finds them.
const dir = mkdtempSync(join(here, "generated-"));
try {
  const scalars = { timestamptz: "string", bigint: "number" };
  await generate({
    cwd: here,
    schema: [{ [HTTP]: { headers: HEADERS } }],
    documents: join(here, "operations/*.graphql"),
    generates: {
      [join(dir, "schema.ts")]: { plugins: ["typescript"], config: { scalars } },
      [join(dir, "operations.ts")]: { plugins: ["typescript-operations"], config: { scalars } },
    },
    silent: true,
  });
  const app = (name, body) => {
    const file = join(dir, name);
    writeFileSync(file, `
      import type { OrdersQuery, OrdersQueryVariables, PlaceMutationVariables } from "./operations.js";
      import type { Orders } from "./schema.js";
      ${body}\n`);
    return file;
  };
  const compile = (file) =>
    execFileSync(process.execPath, [
      join(here, "node_modules/typescript/bin/tsc"),
      "--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--types", "", "--ignoreConfig", file,
    ], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  compile(app("good.ts", `
    const variables: OrdersQueryVariables = { where: { user_id: { _eq: "me" }, items: { quantity: { _gt: 1 } } }, order: [{ created: "desc" }] };
    const place: PlaceMutationVariables = { order: { order_id: "1", items: { data: [{ item: "pizza" }] } } };
    export const ids = (data: OrdersQuery): string[] => data.orders.map(({ order_id }) => order_id);
    export const amount = (data: OrdersQuery): number => data.orders[0]?.payments_aggregate.aggregate?.count ?? 0;
    export const fields: (keyof Orders)[] = ["order_id", "items_aggregate", "status"];
    export default [variables, place];`));
  assert.throws(
    () => compile(app("bad.ts", `
      const variables: OrdersQueryVariables = { where: { user_id: { _eq: 1 } } };
      export default variables;`)),
    (error) => /number.*string/.test(error.stdout),
  );
} finally {
  rmSync(dir, { recursive: true });
}
