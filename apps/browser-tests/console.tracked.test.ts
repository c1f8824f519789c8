// Objects of the metadata besides tables and permissions, made in the console: functions, computed fields, enums, REST endpoints,
// collections, inherited roles; and the definition of a table.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { metadata } from './harness/admin.ts'
import { close } from './harness/browser.ts'
import { button, goTo, openLink, runSql, signedIn } from './harness/console.ts'
import { addresses, adminHeaders, graphql } from './harness/stack.ts'

const SQL = `
  CREATE TABLE shade (value text PRIMARY KEY, about text);
  INSERT INTO shade VALUES ('blue', 'cold'), ('red', NULL);
  CREATE TABLE book (id serial PRIMARY KEY, title text NOT NULL, shade text REFERENCES shade);
  INSERT INTO book (title, shade) VALUES ('One', 'red'), ('Two', 'blue');
  CREATE FUNCTION books_like(pattern text) RETURNS SETOF book STABLE LANGUAGE sql AS 'SELECT * FROM book WHERE title LIKE pattern';
  CREATE FUNCTION add_book(name text) RETURNS SETOF book VOLATILE LANGUAGE sql AS 'INSERT INTO book (title) VALUES (name) RETURNING *';
  CREATE FUNCTION book_label(b book) RETURNS text STABLE LANGUAGE sql AS $$ SELECT b.title || '!' $$`

test('functions, computed fields and enums are served as the console defines them', async () => {
  const page = await signedIn('/data/sql')
  await runSql(page, SQL)
  await metadata('pg_create_select_permission', {
    source: 'default',
    table: 'book',
    role: 'reader',
    permission: { columns: ['id', 'title'], filter: {} },
  })

  await openLink(page, 'Functions')
  await button(page, 'Track books_like').click()
  await button(page, 'Track add_book as a mutation').click()
  await button(page, 'Edit books_like').click()
  const panel = page.getByRole('region', { name: 'Function books_like' })
  await panel.getByText(/^Every role that may read book may call/).waitFor()
  await panel.getByText(/SELECT \* FROM book WHERE title LIKE pattern/).waitFor()
  await panel.getByLabel('Root field', { exact: true }).fill('findBooks')
  await button(panel, 'Save function').click()
  await page.getByText('query findBooks').waitFor()
  assert.deepEqual(await graphql('{ findBooks(args: {pattern: "O%"}) { title } }'), {
    findBooks: [{ title: 'One' }],
  })
  // A mutation needs a permission of its own.
  await button(page, 'Edit add_book').click()
  const roles = page.getByRole('group', { name: 'Roles that may call it' })
  await roles.getByLabel('reader').click()
  await roles.getByRole('checkbox', { name: 'reader', checked: true }).waitFor()
  const added = await fetch(`${addresses.engine}/v1/graphql`, {
    method: 'POST',
    headers: { ...adminHeaders, 'x-hasura-role': 'reader' },
    body: JSON.stringify({ query: 'mutation { add_book(args: {name: "Three"}) { title } }' }),
  })
  assert.deepEqual(await added.json(), { data: { add_book: [{ title: 'Three' }] } })
  await button(page, 'Untrack').first().click()
  await button(page.getByRole('dialog'), 'Untrack').click()
  await button(page, 'Track books_like').waitFor()

  await goTo(page, '/data/public/book/computed')
  await page.getByLabel('Name', { exact: true }).fill('label')
  await page.getByLabel('Function', { exact: true }).selectOption('book_label')
  await button(page, 'Add computed field').click()
  await button(page, 'Remove label').waitFor()
  assert.deepEqual(await graphql('{ book_by_pk(id: 1) { label } }'), { book_by_pk: { label: 'One!' } })

  await goTo(page, '/data/public/shade/structure')
  await page.getByRole('cell', { name: 'cold', exact: true }).waitFor()
  await button(page, 'Use as an enum').click()
  await button(page, 'No longer use as an enum').waitFor()
  const { __type } = await graphql<{ __type: { enumValues: { name: string; description: string }[] } }>(
    '{ __type(name: "shade_enum") { enumValues { name description } } }',
  )
  assert.deepEqual(
    __type.enumValues.map(({ name }) => name),
    ['blue', 'red'],
  )
  await close(page)
})

test('the definition of a table is changed', async () => {
  const page = await signedIn('/data/public/book/structure')
  await button(page, 'Add column').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name', { exact: true }).fill('pages')
  await dialog.getByLabel('Type').fill('integer')
  await dialog.getByLabel('Default').fill('100')
  await dialog.getByLabel('Can be null').uncheck()
  await button(dialog, 'Add column').click()
  await button(page, 'Edit pages').click()
  await dialog.getByLabel('Name', { exact: true }).fill('length')
  await dialog.getByLabel('Comment').fill('Number of pages')
  await dialog.getByText(/RENAME COLUMN "pages" TO "length"/).waitFor()
  await button(dialog, 'Save column').click()
  await page.getByRole('cell', { name: 'Number of pages' }).waitFor()
  assert.deepEqual(await graphql('{ book_by_pk(id: 1) { length } }'), { book_by_pk: { length: 100 } })

  // An invalid change is refused with the reason, and the form stays.
  await button(page, 'Edit length').click()
  await dialog.getByLabel('Type').fill('boolen')
  await button(dialog, 'Save column').click()
  await dialog.getByText(/type "boolen" does not exist/).waitFor()
  await button(dialog, 'Cancel').click()

  await page.getByLabel('Definition', { exact: true }).fill('CHECK (length > 0)')
  await page.getByLabel('Name of the constraint').fill('some_pages')
  await button(page, 'Add constraint').click()
  await page.getByRole('cell', { name: 'CHECK ((length > 0))' }).waitFor()

  await page.getByText('Names of the root fields').click()
  await page.getByLabel('select_by_pk', { exact: true }).fill('book')
  await button(page, 'Save names').click()
  await page.getByText('The names were not changed').waitFor()
  await page.getByLabel('select_by_pk', { exact: true }).fill('oneBook')
  const saved = page.waitForResponse(
    (response) => response.request().postData()?.includes('pg_set_table_customization') === true,
  )
  await button(page, 'Save names').click()
  assert.equal((await saved).status(), 200)
  assert.deepEqual(await graphql('{ oneBook(id: 1) { title } }'), { oneBook: { title: 'One' } })

  // A permission depends on the column: it is removed only if that is confirmed.
  await button(page, 'Drop title').click()
  await button(dialog, 'Drop the column').click()
  await page.getByRole('heading', { name: 'Objects of the metadata depend on this' }).waitFor()
  await button(dialog, 'Cancel').click()
  await button(page, 'Edit title').waitFor()
  await close(page)
})

test('a stored query is an endpoint and part of the allow list, and roles inherit permissions', async () => {
  const page = await signedIn('/settings')
  await page.getByLabel('Collection', { exact: true }).selectOption('New collection')
  await page.getByLabel('Name of the collection').fill('shelf')
  await page.getByLabel('Name of the query').fill('one book')
  await page
    .getByLabel('Query', { exact: true })
    .fill('query ($id: Int!) { book(where: {id: {_eq: $id}}) { title } }')
  await button(page, 'Add query').click()
  await button(page, 'Allow shelf').click()
  await page.getByRole('dialog').getByLabel('reader').check()
  await button(page.getByRole('dialog'), 'Add to the allow list').click()
  await page.getByRole('cell', { name: 'reader', exact: true }).waitFor()
  await page.getByLabel('Inherited role', { exact: true }).fill('librarian')
  await page.getByRole('group', { name: 'Roles whose permissions it has' }).getByLabel('reader').check()
  await button(page, 'Add inherited role').click()
  await button(page, 'Remove librarian').waitFor()

  await goTo(page, '/api/rest')
  await page.getByLabel('Name', { exact: true }).fill('book')
  await page.getByLabel('Path below /api/rest/').fill('books/:id')
  await page.getByLabel('Stored query').selectOption({ label: 'shelf / one book' })
  await button(page, 'Create endpoint').click()
  await button(page, 'Try book').click()
  const panel = page.getByRole('region', { name: 'Try book' })
  await panel.getByLabel('id', { exact: true }).fill('2')
  await panel.getByLabel('Role').fill('librarian')
  await button(panel, 'Send').click()
  await panel.getByText(/"title": "Two"/).waitFor()
  await button(page, 'Delete book').click()
  await button(page, 'Delete the endpoint').click()
  await page.getByText('No REST endpoints yet').waitFor()
  await goTo(page, '/settings')
  await button(page, 'Remove librarian').click()
  await button(page, 'Remove the role').click()
  await page.getByText('No inherited roles yet').waitFor()
  await close(page)
})
