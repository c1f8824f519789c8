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

/** Orders at one place of their way that wait for a person, and what that person does. */
export interface Queue {
  title: string
  /** When there are none. */
  empty: string
  emptyHint: string
  /** On the button of an order. */
  verb: string
  /** On the button for several: `all 7`, `the first 25`. */
  verbFor: (several: string) => string
  /** When the server found nothing to do. */
  unchanged: string
  orders: TypedDocumentNode<ToApproveSubscription, ToApproveSubscriptionVariables>
  action: TypedDocumentNode<ApproveMutation, ApproveMutationVariables>
}

/** In the order in which an order meets them. */
export const QUEUES: Queue[] = [
  {
    title: 'To approve',
    empty: 'Nothing to approve',
    emptyHint: 'Paid orders of restaurants that do not approve by themselves come here.',
    verb: 'Approve',
    verbFor: (several) => `Approve ${several}`,
    unchanged: 'It was approved already.',
    orders: ToApproveDocument,
    action: ApproveDocument,
  },
  {
    title: 'To pick up',
    empty: 'Nothing to pick up',
    emptyHint: 'Orders with a driver come here.',
    verb: 'Picked up',
    verbFor: (several) => `Mark ${several} as picked up`,
    unchanged: 'It was picked up already.',
    orders: ToPickUpDocument,
    action: PickUpDocument,
  },
  {
    title: 'To deliver',
    empty: 'Nothing on its way',
    emptyHint: 'Orders that were picked up come here.',
    verb: 'Delivered',
    verbFor: (several) => `Mark ${several} as delivered`,
    unchanged: 'It was delivered already.',
    orders: ToDeliverDocument,
    action: DeliverDocument,
  },
]
