import { failures as texts } from '../../texts/failures'

/** Status that stands for a call without a response. */
const NO_RESPONSE = 1000

/** Returns the reason for which the last call of an event failed. */
export function failureText(status: number | null, response: string | null): string {
  if (status === null) return texts.noLog
  const message = messageOf(response)
  const result = status >= NO_RESPONSE ? texts.noResponse : texts.status(status)
  return message === undefined ? result : texts.withMessage(result, message)
}

/** Returns the message in the logged response of a call: that of the function, or of the connection error. */
export function messageOf(response: string | null): string | undefined {
  const { data } = objectOf(response)
  const { body, message } = objectOf(data)
  const { error } = objectOf(body)
  return textOf(objectOf(error).message) ?? textOf(error) ?? textOf(message) ?? textOf(body)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 300) : undefined
}

/** Returns an object, or parses it from a text; an empty object if it is neither, for example because it was cut. */
function objectOf(value: unknown): Record<string, unknown> {
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
