// What GraphiQL and editors do: load the schema by introspection, check it, and validate documents against it.
import assert from "node:assert/strict";
import {
  buildClientSchema, buildSchema, getIntrospectionQuery, isSpecifiedDirective, parse, printSchema, validate, validateSchema,
} from "graphql";
import { APPROVE, HEADERS, HTTP, PLACE, WATCH } from "./common.mjs";

const introspect = async (options) => {
  const response = await fetch(HTTP, {
    method: "POST",
    headers: { "content-type": "application/json", ...HEADERS },
    body: JSON.stringify({ query: getIntrospectionQuery(options), operationName: "IntrospectionQuery" }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
};

// The shortest and the longest question that tools ask.
buildClientSchema(await introspect({ descriptions: false }));
const schema = buildClientSchema(await introspect({
  specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true,
}));
assert.deepEqual(validateSchema(schema), []);
// Printed and read again it is the same: names, defaults and descriptions are well-formed.
const printed = printSchema(schema);
assert.equal(printSchema(buildSchema(printed)), printed);
assert.ok(schema.getDirectives().some(isSpecifiedDirective));
for (const document of [PLACE, APPROVE, WATCH]) assert.deepEqual(validate(schema, parse(document)), []);
const [wrong] = validate(schema, parse("{ orders { no_such_field } }"));
assert.match(wrong.message, /no_such_field/);
for (const type of ["orders", "orders_bool_exp", "orders_order_by", "orders_mutation_response", "timestamptz"]) {
  assert.ok(schema.getType(type), `no type ${type}`);
}
