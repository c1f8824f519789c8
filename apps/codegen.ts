// Types for the apps' operations, from the schema that the engine serves (schema.graphql, checked in: see
// scripts/schema.ts). Each app's operations stand in .graphql files beside the components that use them.
import type { CodegenConfig } from '@graphql-codegen/cli'

const app = (name: string) => ({
  [`${name}/src/gql/`]: {
    preset: 'client' as const,
    documents: [`${name}/src/**/*.graphql`],
    presetConfig: { fragmentMasking: false },
    config: {
      onlyOperationTypes: true,
      useTypeImports: true,
      enumsAsTypes: true,
      strictScalars: true,
      // As the engine and Hasura write them into JSON.
      scalars: {
        bigint: 'number',
        float8: 'number',
        timestamptz: 'string',
        uuid: 'string',
        numeric: 'number',
        json: 'unknown',
        jsonb: 'unknown',
      },
    },
  },
})

const config: CodegenConfig = {
  schema: 'schema.graphql',
  generates: { ...app('order-app'), ...app('analytics-app') },
  ignoreNoDocuments: true,
}

export default config
