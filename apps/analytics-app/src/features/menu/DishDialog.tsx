import { Button, NativeSelect, TextInput } from '@mantine/core'
import { DISH_PICTURES, Dialog, DishPicture, Problem } from '@threefactor/shared'
import { useId, useState, type SubmitEvent } from 'react'

import type { Outcome } from '../../common/useAction'
import { common } from '../../texts/common'
import { menu as texts } from '../../texts/menu'
import { MAX_LENGTHS, formOf, problemsOf, valuesOf, type Dish, type DishValues } from './dish'
import classes from './DishDialog.module.css'

/** Form for a dish of the menu, or for a new one. */
export function DishDialog({
  dish,
  categories,
  busy,
  problem,
  onSave,
  onClose,
}: {
  /** Absent for a new dish. */
  dish?: Dish | undefined
  /** Categories of the menu, as suggestions. */
  categories: readonly string[]
  busy: boolean
  /** Message of the last attempt to save. */
  problem: string | undefined
  onSave: (values: DishValues) => Promise<Outcome>
  onClose: () => void
}) {
  const [form, setForm] = useState(() => formOf(dish))
  const [tried, setTried] = useState(false)
  const list = useId()
  const problems = tried ? problemsOf(form) : {}
  const save = async (event: SubmitEvent) => {
    event.preventDefault()
    setTried(true)
    const values = valuesOf(form)
    if (values && !busy && (await onSave(values)) === 'changed') onClose()
  }
  const field = (name: 'name' | 'price' | 'category' | 'description') => ({
    value: form[name],
    error: problems[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      setForm({ ...form, [name]: event.currentTarget.value }),
  })
  return (
    <Dialog title={dish ? texts.editDish(dish.name) : texts.newDish} onClose={onClose}>
      <form className={classes.form} onSubmit={(event) => void save(event)} noValidate>
        {!dish && <TextInput label={texts.name} maxLength={MAX_LENGTHS.name} {...field('name')} />}
        <TextInput label={texts.price} inputMode="decimal" leftSection={texts.currency} {...field('price')} />
        <TextInput
          label={texts.category}
          maxLength={MAX_LENGTHS.category}
          list={list}
          {...field('category')}
        />
        <datalist id={list}>
          {categories.map((category) => (
            <option key={category} value={category} />
          ))}
        </datalist>
        <TextInput label={texts.description} maxLength={MAX_LENGTHS.description} {...field('description')} />
        {!dish && (
          <div className={classes.picture}>
            <DishPicture picture={form.picture} className={classes.preview} />
            <NativeSelect
              label={texts.picture}
              value={form.picture}
              onChange={(event) => setForm({ ...form, picture: event.currentTarget.value })}
              data={[
                { value: '', label: texts.plainPicture },
                ...DISH_PICTURES.map((key) => ({ value: key, label: key })),
              ]}
            />
          </div>
        )}
        <Problem message={problem} />
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button type="submit" aria-busy={busy}>
            {dish ? texts.save : texts.addDish}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
