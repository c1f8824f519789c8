// Pages of the console, signed in as the admin.
import { readFileSync } from 'node:fs'

import type { Locator, Page } from 'playwright-core'

import { openConsole } from './browser.ts'
import { addresses } from './stack.ts'

/** Admin secret of the stack. */
export const secret = addresses.admin_secret_file
  ? readFileSync(addresses.admin_secret_file, 'utf8').trim()
  : ''

/** Opens a page of the console. */
export async function signedIn(path: string): Promise<Page> {
  const page = await openConsole(path)
  await page.getByLabel('Secret of this engine').fill(secret)
  await button(page, 'Sign in').click()
  await page.getByRole('navigation', { name: 'Main' }).waitFor()
  return page
}

/** Goes to another page of the console; the tab keeps the secret. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.goto(`${addresses.console ?? ''}${path}`)
  await page.getByRole('navigation', { name: 'Main' }).waitFor()
}

export const button = (within: Page | Locator, name: string | RegExp) =>
  within.getByRole('button', { name, exact: true })

export const openLink = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click()

/** Runs SQL on the page SQL, which tracks the tables that it creates unless `track` is false. */
export async function runSql(page: Page, sql: string, track = true): Promise<void> {
  if (!track) await page.getByLabel('Track the tables and views that it creates').uncheck()
  await page.getByLabel('SQL', { exact: true }).fill(sql)
  await button(page, 'Run').click()
  await page.getByText('The statement succeeded and returned no rows.').waitFor()
}

/** Replaces the query in the editor of the page GraphQL. */
export async function typeQuery(page: Page, query: string): Promise<void> {
  await page.locator('.graphiql-query-editor .monaco-editor').first().click()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.press('Delete')
  // In one line: the editor indents and closes what is typed after a line break.
  await page.keyboard.insertText(query.replace(/\s+/g, ' '))
}

/** Runs the query in the editor; returns the response. */
export async function runQuery(page: Page): Promise<string> {
  const answered = page.waitForResponse(
    (response) =>
      response.url().endsWith('/v1/graphql') &&
      response.request().method() === 'POST' &&
      !response.request().postData()?.includes('IntrospectionQuery'),
  )
  await page.getByRole('button', { name: /^Execute query/ }).click()
  return (await answered).text()
}
