import type { TypedDocumentNode } from 'urql'

import {
  ApproveDocument,
  DeliverDocument,
  DriverToDeliverDocument,
  DriverToPickUpDocument,
  PickUpDocument,
  RestaurantToApproveDocument,
  ToApproveDocument,
  ToDeliverDocument,
  ToPickUpDocument,
  type ApproveMutation,
  type ApproveMutationVariables,
} from '../../gql/graphql'

/** Order that waits for a manual step. The columns depend on the role. */
export interface Work {
  order_id: string | null
  created: string | null
  items: string | null
  total?: number | null
  user_id?: string | null
  address?: string | null
  restaurant?: string | null
  restaurant_id?: number | null
  driver?: string | null
}

/** Orders that wait for the same manual step. `Scope` selects them in addition to the permissions. */
export interface Queue<Scope extends object> {
  title: string
  /** Shown if the queue is empty. */
  empty: string
  emptyHint: string
  /** Label of the button of one order. */
  verb: string
  /** Label of an order for which it was used. */
  done: string
  /** Label of the button for several orders; receives `all 7` or `the first 25`. */
  verbFor: (several: string) => string
  /** Message if the step was already stored. */
  unchanged: string
  orders: TypedDocumentNode<{ work: Work[] }, Scope & { limit: number }>
  action: TypedDocumentNode<ApproveMutation, ApproveMutationVariables>
}

const APPROVAL = {
  title: 'Awaiting approval',
  empty: 'No orders awaiting approval',
  verb: 'Approve',
  done: 'Approved',
  verbFor: (several: string) => `Approve ${several}`,
  unchanged: 'This order has changed in the meantime',
  action: ApproveDocument,
}
const PICK_UP = {
  title: 'Ready for pick-up',
  empty: 'No orders ready for pick-up',
  verb: 'Mark as picked up',
  done: 'Picked up',
  verbFor: (several: string) => `Mark ${several} as picked up`,
  unchanged: 'This order has changed in the meantime',
  action: PickUpDocument,
}
const DELIVERY = {
  title: 'On the way',
  empty: 'No orders on the way',
  verb: 'Mark as delivered',
  done: 'Delivered',
  verbFor: (several: string) => `Mark ${several} as delivered`,
  unchanged: 'This order has changed in the meantime',
  action: DeliverDocument,
}

/** Queues of the manager, in life cycle order. */
export const QUEUES: Queue<object>[] = [
  {
    ...APPROVAL,
    emptyHint: 'Paid orders of restaurants that approve manually appear here.',
    orders: ToApproveDocument,
  },
  { ...PICK_UP, emptyHint: 'Orders that a driver has accepted appear here.', orders: ToPickUpDocument },
  { ...DELIVERY, emptyHint: 'Picked-up orders appear here.', orders: ToDeliverDocument },
]

/** Queue of a restaurant. */
export const RESTAURANT_QUEUE: Queue<{ restaurant: number }> = {
  ...APPROVAL,
  emptyHint: 'Paid orders appear here until you approve them.',
  orders: RestaurantToApproveDocument,
}

/** Queues of a driver. */
export const DRIVER_QUEUES: Queue<{ driver: number }>[] = [
  {
    ...PICK_UP,
    emptyHint: 'Orders that you have accepted appear here.',
    orders: DriverToPickUpDocument,
  },
  { ...DELIVERY, emptyHint: 'Orders that you have picked up appear here.', orders: DriverToDeliverDocument },
]
