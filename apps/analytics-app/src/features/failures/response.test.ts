import { expect, test } from 'vitest'

import { failureText } from './response'

const response = (body: unknown) => JSON.stringify({ type: 'webhook_response', data: { body, status: 500 } })

test('the reason is the message of the function, of the connection, or the body', () => {
  const error = JSON.stringify({
    error: { code: 'database_unavailable', message: 'The database does not respond.' },
  })
  expect(failureText(503, response(error))).toBe('Status 503: The database does not respond.')
  expect(failureText(500, response('out of order'))).toBe('Status 500: out of order')
  expect(failureText(404, response(''))).toBe('Status 404')
  const refused = JSON.stringify({ type: 'client_error', data: { message: 'connection failed' } })
  expect(failureText(1000, refused)).toBe('No response: connection failed')
})

test('a log that is missing or was cut is not an error', () => {
  expect(failureText(null, null)).toBe('The log of its calls has been deleted.')
  expect(failureText(500, '{"type": "webhook_res')).toBe('Status 500')
})
