import { Button } from '@mantine/core'
import { DishPicture, money } from '@threefactor/shared'
import { useState } from 'react'

import { useAction } from '../../common/useAction'
import { SetDishAvailableDocument, UpdateDishDocument } from '../../gql/graphql'
import { common } from '../../texts/common'
import { menu as texts } from '../../texts/menu'
import { LiveSwitch } from '../availability/LiveSwitch'
import type { Dish } from './dish'
import { DishDialog } from './DishDialog'
import classes from './DishRow.module.css'

/** Dish of the menu with its availability and a button that edits the rest. */
export function DishRow({
  restaurant,
  dish,
  categories,
}: {
  restaurant: number
  dish: Dish
  categories: readonly string[]
}) {
  const { name, price, available, description, picture } = dish
  const update = useAction(UpdateDishDocument, texts.dishGone)
  const [editing, setEditing] = useState(false)
  return (
    <li className={classes.row} data-dish={name} data-sold-out={!available || undefined}>
      <span className={classes.picture}>
        <DishPicture picture={picture} />
      </span>
      <span className={classes.what}>
        <span className={classes.name}>{name}</span>
        {description !== '' && <span className={classes.description}>{description}</span>}
      </span>
      <span className={classes.price}>{money(price)}</span>
      <span className={classes.controls}>
        <LiveSwitch
          target={{ restaurant, name }}
          value={available}
          label={common.available}
          name={name}
          mutation={SetDishAvailableDocument}
        />
        <Button variant="default" aria-label={texts.editDish(name)} onClick={() => setEditing(true)}>
          {texts.edit}
        </Button>
      </span>
      {editing && (
        <DishDialog
          dish={dish}
          categories={categories}
          busy={update.busy}
          problem={update.problem}
          onSave={({ price, category, description }) =>
            update.run({ restaurant, name, set: { price, category, description } })
          }
          onClose={() => setEditing(false)}
        />
      )}
    </li>
  )
}
