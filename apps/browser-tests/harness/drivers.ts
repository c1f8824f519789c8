// Positions of drivers.
import { graphql } from './stack.ts'

/** Sets the position of a driver, as its phone does. */
export async function moveDriver(driver_id: number, { x, y }: { x: number; y: number }): Promise<void> {
  await graphql(
    `
      mutation ($position: driver_positions_insert_input!) {
        insert_driver_positions_one(
          object: $position
          on_conflict: { constraint: driver_positions_pkey, update_columns: [x, y] }
        ) {
          driver_id
        }
      }
    `,
    { position: { driver_id, x, y } },
  )
}

/** Removes the positions of all drivers. */
export async function forgetPositions(): Promise<void> {
  await graphql('mutation { delete_driver_positions(where: {}) { affected_rows } }')
}
