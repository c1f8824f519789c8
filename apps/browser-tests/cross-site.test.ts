// A page of another site cannot reach the engine through the browser of a developer who runs the stack.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'

import type { Browser, Page } from 'playwright-core'

import { launch } from './harness/browser.ts'
import { addresses, adminHeaders, graphql } from './harness/stack.ts'

const REBINDING_HOST = 'rebinding.test'
const SQL = 'CREATE TABLE created_by_another_site (id int)'

let browser: Browser
let site: Server

before(async () => {
  site = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>another site</title>')
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  browser = await launch(`--host-resolver-rules=MAP ${REBINDING_HOST} 127.0.0.1`)
})

after(async () => {
  await browser.close()
  site.close()
})

async function pageOfAnotherSite(): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${String((site.address() as AddressInfo).port)}/`)
  return page
}

async function assertNoTable(): Promise<void> {
  const response = await fetch(`${addresses.engine}/v2/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...adminHeaders },
    body: JSON.stringify({
      type: 'run_sql',
      args: { sql: "SELECT to_regclass('created_by_another_site')", read_only: true },
    }),
  })
  const { result } = (await response.json()) as { result: string[][] }
  assert.equal(result[1]?.[0], 'NULL')
}

test('a form of another site is refused before its body is read', async () => {
  const page = await pageOfAnotherSite()
  const [name, value] = [`{"type":"run_sql","args":{"sql":"${SQL}"},"x":"`, '"}']
  await page.evaluate(
    ({ action, name, value }) => {
      const form = document.createElement('form')
      Object.assign(form, { method: 'post', enctype: 'text/plain', action })
      const input = document.createElement('input')
      Object.assign(input, { name, value })
      form.append(input)
      document.body.append(form)
    },
    { action: `${addresses.engine}/v2/query`, name, value },
  )
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/v2/query')),
    page.evaluate(() => {
      document.querySelector('form')?.submit()
    }),
  ])
  assert.equal(answer.status(), 403)
  await assertNoTable()
  await page.close()
})

test('fetch and WebSocket of another site are refused', async () => {
  const page = await pageOfAnotherSite()
  const outcome = await page.evaluate(
    async ({ engine, body }) => {
      const send = (mode: RequestMode, contentType: string) =>
        fetch(`${engine}/v2/query`, { method: 'POST', mode, headers: { 'content-type': contentType }, body })
          .then((response) => response.type)
          .catch(() => 'blocked')
      const socket = new WebSocket(`${engine.replace('http', 'ws')}/v1/graphql`, 'graphql-transport-ws')
      const opened = await new Promise<boolean>((resolve) => {
        socket.onopen = () => {
          resolve(true)
        }
        socket.onerror = () => {
          resolve(false)
        }
      })
      await send('no-cors', 'text/plain')
      return { json: await send('cors', 'application/json'), plain: await send('cors', 'text/plain'), opened }
    },
    { engine: addresses.engine, body: JSON.stringify({ type: 'run_sql', args: { sql: SQL } }) },
  )
  assert.deepEqual(outcome, { json: 'blocked', plain: 'blocked', opened: false })
  await assertNoTable()
  await page.close()
})

test('a name that another site resolves to this machine is refused', async () => {
  const page = await browser.newPage()
  const { port } = new URL(addresses.engine)
  const answer = await page.goto(`http://${REBINDING_HOST}:${port}/v1/version`)
  assert.equal(answer?.status(), 403)
  await page.close()
})

test('clients that are not browsers need no Origin', async () => {
  await graphql('query { orders(limit: 1) { order_id } }', {})
})
