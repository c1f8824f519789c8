// Writes the schema of a running engine (or Hasura) to schema.graphql; with --check, compares the two.
//
//     node scripts/schema.ts http://127.0.0.1:8080 [--check]
//
// An engine with an admin secret needs it in the environment variable HASURA_GRAPHQL_ADMIN_SECRET.
import { readFile, writeFile } from 'node:fs/promises'

import {
  buildClientSchema,
  getIntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
  type IntrospectionQuery,
} from 'graphql'

const [engine = 'http://127.0.0.1:8080', check] = process.argv.slice(2)
const file = new URL('../schema.graphql', import.meta.url)

const secret = process.env.HASURA_GRAPHQL_ADMIN_SECRET
const response = await fetch(`${engine}/v1/graphql`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', ...(secret && { 'x-hasura-admin-secret': secret }) },
  body: JSON.stringify({ query: getIntrospectionQuery({ descriptions: true }) }),
})
const answer = (await response.json()) as { data?: IntrospectionQuery; errors?: unknown }
if (!answer.data) throw new Error(`cannot load the schema from ${engine}: ${JSON.stringify(answer.errors)}`)
// Sorted, because the order of the types depends on the order in which tables were created.
const current = printSchema(lexicographicSortSchema(buildClientSchema(answer.data))) + '\n'

if (check === '--check') {
  if (current !== (await readFile(file, 'utf8'))) {
    throw new Error(
      'apps/schema.graphql differs from the schema of the engine; run `npm run schema` and `npm run codegen` in apps/ while a stack is running',
    )
  }
} else {
  await writeFile(file, current)
}
