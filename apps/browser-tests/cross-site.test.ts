// A page of another site reaches neither the engine nor the functions through the browser of a developer who runs the stack.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'

import type { Browser, Page, Response } from 'playwright-core'

import { launch } from './harness/browser.ts'
import { customer } from './harness/customers.ts'
import { addresses, adminHeaders, graphql, place, reach, statusOf } from './harness/stack.ts'

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

/** Submits a form whose body is a JSON object; returns the response. */
async function submit(page: Page, action: string, body: object): Promise<Response> {
  // The body of the form is `name=value`.
  const [name, value] = [`${JSON.stringify(body).slice(0, -1)},"x":"`, '"}']
  await page.evaluate(
    ({ action, name, value }) => {
      const form = document.createElement('form')
      Object.assign(form, { method: 'post', enctype: 'text/plain', action })
      const input = document.createElement('input')
      Object.assign(input, { name, value })
      form.append(input)
      document.body.append(form)
    },
    { action, name, value },
  )
  const [response] = await Promise.all([
    page.waitForResponse((response) => response.url() === action),
    page.evaluate(() => {
      document.querySelector('form')?.submit()
    }),
  ])
  return response
}

/** Requests that change something in open mode, where callers have no identity. */
async function attacks(): Promise<{ order: string; requests: [url: string, body: object][] }> {
  const order = await place(customer('alice'))
  await reach(order, 'validated')
  const placing = {
    query: `mutation { insert_orders_one(object: {
      order_id: "placed-by-another-site", user_id: "mallory", restaurant_id: 1, address: "here" }) { order_id } }`,
  }
  const payment = {
    order_id: order,
    info: { full_name: 'Mallory', credit_card_number: '4242 4242 4242 4242', cvv: '123' },
    metadata: { type: 'credit_card', amount: 500 },
  }
  return {
    order,
    requests: [
      [`${addresses.engine}/v2/query`, { type: 'run_sql', args: { sql: SQL } }],
      [`${addresses.engine}/v1/graphql`, placing],
      [`${addresses.engine}/v1alpha1/graphql`, placing],
      [`${addresses.functions}/payment`, payment],
      [`${addresses.functions}/login`, { username: 'mallory' }],
      [`${addresses.functions}/restaurant-approval`, { order_id: order }],
    ],
  }
}

async function assertNoEffect(order: string): Promise<void> {
  await assertNoTable()
  assert.equal(await statusOf('placed-by-another-site'), undefined)
  assert.equal(await statusOf(order), 'validated')
}

test('forms of another site are refused before their body is read', async () => {
  const { order, requests } = await attacks()
  for (const [url, body] of requests) {
    const page = await pageOfAnotherSite()
    assert.equal((await submit(page, url, body)).status(), 403, url)
    await page.close()
  }
  await assertNoEffect(order)
})

test('requests of scripts of another site are refused', async () => {
  const { order, requests } = await attacks()
  const page = await pageOfAnotherSite()
  const refused: Response[] = []
  page.on('response', (response) => refused.push(response))
  for (const [url, body] of requests) {
    const outcome = await page.evaluate(
      async ({ url, body }) => {
        const send = (mode: RequestMode, contentType?: string) =>
          fetch(url, {
            method: 'POST',
            mode,
            headers: contentType ? { 'content-type': contentType } : {},
            body,
          })
            .then((response) => response.type)
            .catch(() => 'blocked')
        return [
          await send('cors', 'application/json'),
          await send('cors', 'text/plain'),
          await send('no-cors', 'text/plain'),
          await send('no-cors'),
        ]
      },
      { url, body: JSON.stringify(body) },
    )
    assert.deepEqual(outcome, ['blocked', 'blocked', 'opaque', 'opaque'], url)
  }
  const posts = refused.filter((response) => response.request().method() === 'POST')
  assert.ok(posts.length >= 2 * requests.length, `${posts.length} responses`)
  for (const response of posts) assert.equal(response.status(), 403, response.url())
  await assertNoEffect(order)
  await page.close()
})

test('WebSockets of another site are refused', async () => {
  const page = await pageOfAnotherSite()
  for (const [url, protocol] of [
    [`${addresses.engine}/v1/graphql`, 'graphql-transport-ws'],
    [`${addresses.engine}/v1alpha1/graphql`, 'graphql-ws'],
    [`${addresses.functions}/payment`, 'graphql-ws'],
  ] as const) {
    const opened = await page.evaluate(
      ({ url, protocol }) =>
        new Promise<boolean>((resolve) => {
          const socket = new WebSocket(url, protocol)
          socket.onopen = () => {
            resolve(true)
          }
          socket.onerror = () => {
            resolve(false)
          }
        }),
      { url: url.replace('http', 'ws'), protocol },
    )
    assert.equal(opened, false, url)
  }
  await page.close()
})

test('a name that another site resolves to this machine is refused', async () => {
  const page = await browser.newPage()
  for (const url of [`${addresses.engine}/v1/version`, `${addresses.functions}/.well-known/jwks.json`]) {
    const { port, pathname } = new URL(url)
    const answer = await page.goto(`http://${REBINDING_HOST}:${port}${pathname}`)
    assert.equal(answer?.status(), 403, url)
    // The page is now of the same origin as the service.
    const status = await page.evaluate(async () => {
      const response = await fetch('/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"username": "mallory"}',
      })
      return response.status
    })
    assert.equal(status, 403, url)
  }
  await page.close()
})

test('clients that are not browsers need no Origin', async () => {
  await graphql('query { orders(limit: 1) { order_id } }', {})
  const keys = await fetch(`${addresses.functions}/.well-known/jwks.json`)
  assert.equal(keys.status, 200)
})
