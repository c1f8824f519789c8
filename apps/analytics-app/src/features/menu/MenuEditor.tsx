import { Button } from '@mantine/core'
import {
  EmptyState,
  ErrorState,
  LoadingState,
  Panel,
  integerText,
  staffMessage,
  useConfig,
  useLive,
} from '@threefactor/shared'
import { Plus, UtensilsCrossed } from 'lucide-react'
import { useState } from 'react'

import { useAction } from '../../common/useAction'
import { AddDishDocument, MenuDocument } from '../../gql/graphql'
import { menu as texts } from '../../texts/menu'
import { byCategory } from './dish'
import { DishDialog } from './DishDialog'
import { DishRow } from './DishRow'
import classes from './MenuEditor.module.css'

/** Menu of a restaurant, by category: availability, prices and descriptions of its dishes. */
export function MenuEditor({
  restaurant,
  canAdd,
}: {
  restaurant: number
  /** Whether the role may add dishes. */
  canAdd: boolean
}) {
  const { data, loading, error, retry } = useLive(MenuDocument, { restaurant })
  const { access } = useConfig()
  const add = useAction(AddDishDocument, texts.notAdded)
  const [adding, setAdding] = useState(false)
  const dishes = data?.menu_items ?? []
  const sections = byCategory(dishes)
  const categories = sections.map(([category]) => category)
  const sold = dishes.filter((dish) => !dish.available).length
  return (
    <Panel
      title={sold > 0 ? texts.titleWithSoldOut(integerText(sold), integerText(dishes.length)) : texts.title}
      aside={
        canAdd && (
          <Button
            variant="light"
            leftSection={<Plus size={17} aria-hidden />}
            onClick={() => setAdding(true)}
          >
            {texts.newDish}
          </Button>
        )
      }
    >
      {loading && <LoadingState rows={6} label={texts.loading} />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data && dishes.length === 0 && (
        <EmptyState icon={<UtensilsCrossed size={26} />} title={texts.empty}>
          {texts.emptyHint}
        </EmptyState>
      )}
      {sections.map(([category, dishes]) => (
        <section key={category}>
          <h3 className={classes.category}>{category}</h3>
          <ul className={classes.list} aria-label={category}>
            {dishes.map((dish) => (
              <DishRow key={dish.name} restaurant={restaurant} dish={dish} categories={categories} />
            ))}
          </ul>
        </section>
      ))}
      {adding && (
        <DishDialog
          categories={categories}
          busy={add.busy}
          problem={add.problem?.includes('menu_items_pkey') ? texts.nameTaken : add.problem}
          onSave={(values) =>
            // In open mode the backend does not know the restaurant; otherwise it sets that of the token.
            add.run({
              dish: {
                ...values,
                position: dishes.length + 1,
                ...(access === 'open' && { restaurant_id: restaurant }),
              },
            })
          }
          onClose={() => setAdding(false)}
        />
      )}
    </Panel>
  )
}
