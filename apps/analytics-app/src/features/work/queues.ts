import type { TypedDocumentNode } from 'urql'

import {
  ApproveDocument,
  DeliverDocument,
  PickUpDocument,
  ToApproveDocument,
  ToDeliverDocument,
  ToPickUpDocument,
  type ApproveMutation,
  type ApproveMutationVariables,
  type ToApproveSubscription,
  type ToApproveSubscriptionVariables,
} from '../../gql/graphql'

/** Orders that wait for the same manual step. */
export interface Queue {
  title: string
  /** Shown if the queue is empty. */
  empty: string
  emptyHint: string
  /** Label of the button of one order. */
  verb: string
  /** Label of the button for several orders; receives `all 7` or `the first 25`. */
  verbFor: (several: string) => string
  /** Message if the step was already stored. */
  unchanged: string
  orders: TypedDocumentNode<ToApproveSubscription, ToApproveSubscriptionVariables>
  action: TypedDocumentNode<ApproveMutation, ApproveMutationVariables>
}

/** Queues in life cycle order. */
export const QUEUES: Queue[] = [
  {
    title: 'Awaiting approval',
    empty: 'No orders awaiting approval',
    emptyHint: 'Paid orders of restaurants that approve manually appear here.',
    verb: 'Approve',
    verbFor: (several) => `Approve ${several}`,
    unchanged: 'Already approved',
    orders: ToApproveDocument,
    action: ApproveDocument,
  },
  {
    title: 'Ready for pick-up',
    empty: 'No orders ready for pick-up',
    emptyHint: 'Orders with an assigned driver appear here.',
    verb: 'Mark as picked up',
    verbFor: (several) => `Mark ${several} as picked up`,
    unchanged: 'Already picked up',
    orders: ToPickUpDocument,
    action: PickUpDocument,
  },
  {
    title: 'On the way',
    empty: 'No orders on the way',
    emptyHint: 'Picked-up orders appear here.',
    verb: 'Mark as delivered',
    verbFor: (several) => `Mark ${several} as delivered`,
    unchanged: 'Already delivered',
    orders: ToDeliverDocument,
    action: DeliverDocument,
  },
]
