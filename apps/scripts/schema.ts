// Writes schema.graphql from what an engine (or Hasura) serves, or with --check compares the two.
//
//     node scripts/schema.ts http://127.0.0.1:8080 [--check]
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

const response = await fetch(`${engine}/v1/graphql`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query: getIntrospectionQuery({ descriptions: true }) }),
})
const answer = (await response.json()) as { data?: IntrospectionQuery; errors?: unknown }
if (!answer.data) throw new Error(`no schema at ${engine}: ${JSON.stringify(answer.errors)}`)
// Sorted, so that it does not depend on the order in which tables were made.
const served = printSchema(lexicographicSortSchema(buildClientSchema(answer.data))) + '\n'

if (check === '--check') {
  if (served !== (await readFile(file, 'utf8'))) {
    throw new Error(
      'apps/schema.graphql is not what the engine serves: with a stack running, `npm run schema` and `npm run codegen` in apps/',
    )
  }
} else {
  await writeFile(file, served)
}
