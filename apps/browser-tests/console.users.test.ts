// What roles may do and see: the role switch and headers of the editor, permissions with computed fields and relationships, presets,
// references of rows, names of the API, and remedies of inconsistent objects.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { metadata, query } from './harness/admin.ts'
import { close } from './harness/browser.ts'
import { button, goTo, runQuery, runSql, signedIn, typeQuery } from './harness/console.ts'
import { graphql } from './harness/stack.ts'

interface Exported {
  sources: { name: string; tables: { table: { schema: string; name: string }; [key: string]: unknown }[] }[]
}

/** Entry of a table in the metadata. */
async function entryOf(name: string) {
  const { sources } = await query<Exported>('export_metadata', {})
  return sources[0]?.tables.find(({ table }) => table.name === name)
}

test('a role gets a permission by forms: relationships, computed fields, root fields and presets', async () => {
  const page = await signedIn('/data/sql')
  await runSql(
    page,
    `CREATE TABLE library (id serial PRIMARY KEY, name text NOT NULL, owner text NOT NULL);
     INSERT INTO library (name, owner) VALUES ('North', 'ann'), ('South', 'bob');
     CREATE TABLE loan (id serial PRIMARY KEY, library_id int NOT NULL REFERENCES library, reader text NOT NULL);
     INSERT INTO loan (library_id, reader) VALUES (1, 'eve'), (2, 'eve'), (2, 'ian');
     CREATE FUNCTION loan_label(l loan) RETURNS text STABLE LANGUAGE sql AS $$ SELECT l.reader || '!' $$`,
  )
  const loan = { table: 'loan' }
  await metadata('pg_create_object_relationship', {
    ...loan,
    name: 'library',
    using: { foreign_key_constraint_on: 'library_id' },
  })
  await metadata('pg_add_computed_field', { ...loan, name: 'label', definition: { function: 'loan_label' } })

  await goTo(page, '/data/public/loan/permissions')
  await page.getByLabel('New role').fill('keeper')
  await button(page, 'Add role').click()
  await button(page, 'keeper may select none').click()
  const conditions = page.getByRole('group', { name: 'Conditions' })
  await button(page, 'Add condition').click()
  await conditions.getByLabel('Column').selectOption('library › owner')
  await button(page, 'Add condition').click()
  await conditions.getByLabel('Column').nth(1).selectOption('reader')
  await conditions.getByLabel('Rows have to meet').selectOption('at least one condition')
  await page.getByRole('group', { name: 'Columns' }).getByLabel('id', { exact: true }).check()
  await page.getByRole('group', { name: 'Computed fields' }).getByLabel('label').check()
  await page.getByRole('group', { name: 'Root fields of queries' }).getByLabel('select_by_pk').uncheck()
  await button(page, 'Save permission').click()
  await button(page, 'keeper may select some rows').waitFor()
  await button(page, 'keeper may insert none').click()
  const presets = page.getByRole('group', { name: 'Values that the engine sets' })
  await button(page, 'Add value').click()
  await presets.getByLabel('Column').selectOption('reader')
  await page.getByRole('group', { name: 'Columns' }).getByLabel('library_id').check()
  await button(page, 'Save permission').click()
  await button(page, 'keeper may insert all rows').waitFor()
  const entry = await entryOf('loan')
  assert.partialDeepStrictEqual(entry?.select_permissions, [
    {
      role: 'keeper',
      permission: {
        columns: ['id'],
        computed_fields: ['label'],
        filter: {
          _or: [{ library: { owner: { _eq: 'X-Hasura-User-Id' } } }, { reader: { _eq: 'X-Hasura-User-Id' } }],
        },
        query_root_fields: ['select'],
      },
    },
  ])
  assert.partialDeepStrictEqual(entry?.insert_permissions, [
    {
      role: 'keeper',
      permission: { check: {}, set: { reader: 'X-Hasura-User-Id' }, columns: ['library_id'] },
    },
  ])

  // An inherited role is shown with what it inherits.
  await metadata('add_inherited_role', { role_name: 'chief', role_set: ['keeper'] })
  await page.reload()
  await button(page, 'chief may select inherited rows').waitFor()
  await button(page, 'chief may delete none').waitFor()
  await close(page)
})

test('the editor sends the role, its variables and other headers, and its explorer writes a query', async () => {
  const page = await signedIn('/api')
  await page.getByLabel('Role', { exact: true }).fill('keeper')
  await page.getByLabel('Session variables').fill('user-id: ann')
  await page.getByLabel('Other headers').fill('x-request-id')
  await page.getByLabel('Other headers').press('Enter')
  await page.getByText('“x-request-id” is not of the form name: value.').waitFor()
  await page.getByLabel('Other headers').fill('x-request-id: from-the-console')
  await page.getByLabel('Other headers').press('Enter')
  const sent = page.waitForRequest((request) => request.postData()?.includes('loan {') === true)
  await typeQuery(page, '{ loan { id label } }')
  assert.deepEqual(JSON.parse(await runQuery(page)), { data: { loan: [{ id: 1, label: 'eve!' }] } })
  assert.equal((await sent).headers()['x-request-id'], 'from-the-console')
  await typeQuery(page, '{ loan { reader } }')
  assert.match(await runQuery(page), /field \\"reader\\" not found/)

  await page.getByRole('button', { name: /GraphiQL Explorer/ }).click()
  const explorer = page.locator('.graphiql-plugin')
  await explorer.getByText('loan', { exact: true }).first().waitFor()
  // The schema is that of the role.
  assert.equal(await explorer.getByText('loan_by_pk', { exact: true }).count(), 0)
  await close(page)
})

test('a foreign key is chosen among the rows that exist', async () => {
  const page = await signedIn('/data/public/loan')
  await button(page, 'Insert row').click()
  const dialog = page.getByRole('dialog')
  const field = dialog.getByLabel('library_id', { exact: true })
  await field.focus()
  await dialog.locator('datalist option').nth(1).waitFor({ state: 'attached' })
  assert.deepEqual(await dialog.locator('datalist option').allTextContents(), [
    '(1,North,ann)',
    '(2,South,bob)',
  ])
  await field.fill('2')
  await dialog.locator('datalist option').nth(1).waitFor({ state: 'detached' })
  await dialog.getByLabel('reader', { exact: true }).fill('kim')
  await button(dialog, 'Insert').click()
  await page.getByRole('cell', { name: 'kim', exact: true }).waitFor()
  await close(page)
})

test('the names of the API follow the settings', async () => {
  const page = await signedIn('/settings')
  const save = async (status: number) => {
    const saved = page.waitForResponse(
      (response) => response.request().postData()?.includes('update_source') === true,
    )
    await button(page, 'Save names of the API').click()
    assert.equal((await saved).status(), status)
  }
  await page.getByLabel('Naming convention').selectOption('graphql-default')
  await page.getByLabel('Prefix of root fields').fill('1')
  await save(400)
  await page.getByText('The names were not changed').waitFor()
  await page.getByLabel('Prefix of root fields').fill('')
  await page.getByLabel('Namespace of root fields').fill('shop')
  await save(200)
  assert.deepEqual(await graphql('{ shop { loanByPk(id: 1) { libraryId } } }'), {
    shop: { loanByPk: { libraryId: 1 } },
  })
  await page.getByLabel('Naming convention').selectOption('')
  await page.getByLabel('Namespace of root fields').fill('')
  await save(200)
  assert.deepEqual(await graphql('{ loan_by_pk(id: 1) { library_id } }'), { loan_by_pk: { library_id: 1 } })
  await close(page)
})

test('an inconsistent object is shown with its remedy, and removed', async () => {
  const page = await signedIn('/settings')
  const exported = await query<Exported>('export_metadata', {})
  exported.sources[0]?.tables.push({ table: { schema: 'public', name: 'gone' } })
  await page.getByLabel('File with metadata').setInputFiles({
    name: 'metadata.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(exported)),
  })
  await page.getByLabel('Import also objects that are inconsistent').check()
  await button(page, 'Replace the metadata').click()
  const objects = page.getByRole('region', { name: 'Inconsistent objects' })
  await objects.getByText('Create the table or correct it with SQL', { exact: false }).waitFor()
  await button(objects, 'Remove all').click()
  await button(page, 'Remove them').click()
  await objects.getByText('All objects are consistent').waitFor()
  await close(page)
})
