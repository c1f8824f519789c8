import js from '@eslint/js'
import reactHooks from 'eslint-plugin-react-hooks'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** Attributes that the user sees or hears. */
const TEXT_ATTRIBUTES =
  '/^(aria-(label|description|valuetext)|alt|confirm|description|dismiss|label|message|placeholder|subtitle|title)$/'
const IN_CATALOGUE = 'Texts are in the catalogue, src/texts/.'

export default defineConfig([
  globalIgnores(['**/dist/', '**/src/gql/']),
  {
    files: ['**/*.{ts,tsx}'],
    extends: [
      js.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      reactHooks.configs.flat.recommended,
    ],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Node's test runner awaits its tests.
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: 'test' }] },
      ],
      // Numbers in templates are intended.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Allows arrow functions that only call another function.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['{order-app,analytics-app,shared}/src/**/*.tsx'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[
          'JSXText[value=/[A-Za-z]{2}/]',
          `JSXAttribute[name.name=${TEXT_ATTRIBUTES}] > Literal[value=/[A-Za-z]{2}/]`,
          // Sentences and capitalised words; others are names of states.
          `JSXAttribute[name.name=${TEXT_ATTRIBUTES}] > JSXExpressionContainer Literal[value=/^[A-Z]|[a-z] [a-z]/]`,
          'JSXElement > JSXExpressionContainer > :matches(Literal, LogicalExpression > Literal, ConditionalExpression > Literal)[value=/^[A-Z]|[a-z] [a-z]/]',
          'JSXElement > JSXExpressionContainer > TemplateLiteral > TemplateElement[value.raw=/[A-Za-z]{2} /]',
        ].map((selector) => ({ selector, message: IN_CATALOGUE })),
      ],
    },
  },
])
