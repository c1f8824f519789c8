import type { TypedDocumentNode } from 'urql'

import type { Changed } from '../../common/useAction'
import {
  AcceptAssignmentDocument,
  AcceptDocument,
  ApproveDocument,
  DeclineAssignmentDocument,
  DeliverDocument,
  DriverToAcceptDocument,
  DriverToDeliverDocument,
  DriverToPickUpDocument,
  FailDeliveryDocument,
  PickUpDocument,
  RejectDocument,
  RestaurantToApproveDocument,
  ToApproveDocument,
  ToDeliverDocument,
  ToPickUpDocument,
} from '../../gql/graphql'
import { common } from '../../texts/common'
import { work as texts } from '../../texts/work'

/** Orders of a queue that are listed. */
export const MAX_SHOWN = 25

/** Order that waits for a manual step. The columns depend on the role. */
export interface Work {
  order_id: string | null
  created: string | null
  items: string | null
  /** Time at which the order, or its assignment, expires without the step. */
  deadline?: string | null
  total?: number | null
  user_id?: string | null
  address?: string | null
  restaurant?: string | null
  restaurant_id?: number | null
  driver?: string | null
  /** Of the customer, to the restaurant. */
  note?: string | null
  /** When the food is expected to be ready. */
  ready_at?: string | null
}

/** Mutation that takes a step of the orders with these ids; `minutes` only if the step asks for them. */
export type StepMutation = TypedDocumentNode<Changed, { ids: string[]; minutes?: number }>
/** {@link StepMutation} that closes the orders, for a reason that the customer sees. */
export type ClosingMutation = TypedDocumentNode<Changed, { ids: string[]; reason: string }>

/** Step that is taken instead of the next one. */
export interface Alternative {
  verb: string
  /** Label of an order for which it was used. */
  done: string
  mutation: StepMutation | ClosingMutation
  /** Asked before the mutation; absent if it needs no reason. */
  question?: { title: string; confirm: string; reasons: readonly string[] }
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
  mutation: StepMutation
  alternative?: Alternative
}

const REJECTION: Alternative = {
  verb: texts.rejection.verb,
  done: texts.rejection.done,
  mutation: RejectDocument,
  question: texts.rejection,
}
const FAILURE: Alternative = {
  verb: texts.failure.verb,
  done: texts.failure.done,
  mutation: FailDeliveryDocument,
  question: texts.failure,
}

/** Answer to an order, by its restaurant or a manager. */
export const APPROVAL = {
  ...texts.approval,
  unchanged: common.changedMeanwhile,
  mutation: ApproveDocument,
  alternative: REJECTION,
}
const PICK_UP = { ...texts.pickUp, unchanged: common.changedMeanwhile, mutation: PickUpDocument }
const DELIVERY = {
  ...texts.delivery,
  unchanged: common.changedMeanwhile,
  mutation: DeliverDocument,
  alternative: FAILURE,
}

/** Queues of the manager, in life cycle order. */
export const QUEUES: Queue<object>[] = [
  { ...APPROVAL, orders: ToApproveDocument },
  { ...PICK_UP, orders: ToPickUpDocument },
  { ...DELIVERY, orders: ToDeliverDocument },
]

/** Queue of a restaurant. */
export const RESTAURANT_QUEUE: Queue<{ restaurant: number }> = {
  ...APPROVAL,
  ...texts.newOrders,
  mutation: AcceptDocument,
  orders: RestaurantToApproveDocument,
}

/** Assignments that a driver has to answer. */
export const OFFERS: Queue<{ driver: number }> = {
  ...texts.offered,
  unchanged: common.changedMeanwhile,
  mutation: AcceptAssignmentDocument,
  orders: DriverToAcceptDocument,
  alternative: { ...texts.decline, mutation: DeclineAssignmentDocument },
}

/** Queues of a driver. */
export const DRIVER_QUEUES: Queue<{ driver: number }>[] = [
  OFFERS,
  {
    ...PICK_UP,
    emptyHint: texts.pickUp.emptyHintDriver,
    orders: DriverToPickUpDocument,
    alternative: { ...texts.release, mutation: DeclineAssignmentDocument },
  },
  { ...DELIVERY, emptyHint: texts.delivery.emptyHintDriver, orders: DriverToDeliverDocument },
]
