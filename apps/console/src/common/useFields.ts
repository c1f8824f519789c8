import { useState } from 'react'

/** Names of the fields with values of a type. */
type KeyOf<Fields, Value> = {
  [Key in keyof Fields]: Fields[Key] extends Value ? Key : never
}[keyof Fields]

/** Content of a form, with the properties of its inputs. */
export function useFields<Fields extends object>(initial: Fields) {
  const [fields, setFields] = useState(initial)
  const set = (part: Partial<Fields>) => setFields((fields) => ({ ...fields, ...part }))
  return {
    fields,
    set,
    /** Properties of an input for a text, or of a selection. */
    text: (key: KeyOf<Fields, string>) => ({
      value: fields[key] as string,
      onChange: ({ currentTarget }: { currentTarget: { value: string } }) => {
        // React resets currentTarget before the state is updated.
        const { value } = currentTarget
        set({ [key]: value } as Partial<Fields>)
      },
    }),
    /** Properties of a checkbox. */
    check: (key: KeyOf<Fields, boolean>) => ({
      checked: fields[key] as boolean,
      onChange: ({ currentTarget }: { currentTarget: { checked: boolean } }) => {
        const { checked } = currentTarget
        set({ [key]: checked } as Partial<Fields>)
      },
    }),
    reset: () => setFields(initial),
  }
}
