// ra-data-hasura, react-admin's data provider: it builds its operations from the introspected schema.
import assert from "node:assert/strict";
import module from "node:module";
import { HEADERS, HTTP } from "./common.mjs";

// It is published as CommonJS that wants to be bundled.
const { default: buildHasuraProvider } = module.createRequire(import.meta.url)("ra-data-hasura");
const provider = await buildHasuraProvider({ clientOptions: { uri: HTTP, headers: HEADERS } });

const page = { pagination: { page: 1, perPage: 5 }, sort: { field: "id", order: "ASC" } };
const list = await provider.getList("drivers", { ...page, filter: { available: true } });
assert.equal(list.data.length, 5);
assert.ok(list.total >= 50, `${list.total} drivers`);
assert.deepEqual(list.data.map(({ id }) => id), [1, 2, 3, 4, 5]);

const created = await provider.create("drivers", { data: { name: "Zoltan" } });
assert.equal(created.data.name, "Zoltan");
assert.equal(created.data.available, true);
const { id } = created.data;
const changed = await provider.update("drivers", { id, data: { ...created.data, name: "Zoltan Q." }, previousData: created.data });
assert.equal(changed.data.name, "Zoltan Q.");
assert.equal((await provider.getOne("drivers", { id })).data.name, "Zoltan Q.");
const many = await provider.getMany("drivers", { ids: [1, id] });
assert.deepEqual(many.data.map((driver) => driver.id).sort((a, b) => a - b), [1, id]);
const found = await provider.getList("drivers", { ...page, filter: { "name@_ilike": "zoltan" } });
assert.deepEqual(found.data.map((driver) => driver.id), [id]);
await provider.updateMany("drivers", { ids: [1, id], data: { available: false } });
assert.equal((await provider.getOne("drivers", { id: 1 })).data.available, false);
const removed = await provider.delete("drivers", { id, previousData: changed.data });
assert.equal(removed.data.id, id);
await assert.rejects(provider.create("drivers", { data: { name: "nobody", id: 1 } }), /Uniqueness violation/);
await provider.deleteMany("drivers", { ids: [2] });
assert.equal((await provider.getList("drivers", { ...page, filter: { id: 2 } })).total, 0);
