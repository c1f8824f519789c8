import type { Header } from '../../engine/metadata'

/** Header of a webhook in a form. */
export interface HeaderField {
  name: string
  value: string
  fromEnvironment: boolean
}

/** Headers of the metadata as a form shows them. */
export function headerFieldsOf(headers: Header[]): HeaderField[] {
  return headers.map(({ name, value, value_from_env }) => ({
    name,
    value: value ?? value_from_env ?? '',
    fromEnvironment: value === undefined,
  }))
}

/** Problem of the headers; undefined if they can be sent. */
export function headersProblem(fields: HeaderField[]): string | undefined {
  return fields.some(({ name, value }) => name.trim() === '' || value.trim() === '')
    ? 'Each header needs a name and a value.'
    : undefined
}

/** Returns the headers as the metadata stores them. */
export function headersOf(fields: HeaderField[]): Header[] {
  return fields.map(({ name, value, fromEnvironment }) => ({
    name: name.trim(),
    ...(fromEnvironment ? { value_from_env: value.trim() } : { value }),
  }))
}
