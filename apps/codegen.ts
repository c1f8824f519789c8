// Generates types for the operations of the apps from schema.graphql (see scripts/schema.ts). Operations are in .graphql
// files next to the components that use them.
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
      // JSON types of the scalars in responses of the engine and Hasura.
      scalars: {
        bigint: 'number',
        float8: 'number',
        interval: 'string',
        time: 'string',
        timestamptz: 'string',
        uuid: 'string',
        numeric: 'number',
        smallint: 'number',
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
