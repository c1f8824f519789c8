/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** Boolean expression to compare columns of type "Boolean". All fields are combined with logical 'AND'. */
export type Boolean_Comparison_Exp = {
  _eq?: boolean | null | undefined;
  _gt?: boolean | null | undefined;
  _gte?: boolean | null | undefined;
  _in?: Array<boolean> | null | undefined;
  _is_null?: boolean | null | undefined;
  _lt?: boolean | null | undefined;
  _lte?: boolean | null | undefined;
  _neq?: boolean | null | undefined;
  _nin?: Array<boolean> | null | undefined;
};

/** Boolean expression to compare columns of type "Float". All fields are combined with logical 'AND'. */
export type Float_Comparison_Exp = {
  _eq?: number | null | undefined;
  _gt?: number | null | undefined;
  _gte?: number | null | undefined;
  _in?: Array<number> | null | undefined;
  _is_null?: boolean | null | undefined;
  _lt?: number | null | undefined;
  _lte?: number | null | undefined;
  _neq?: number | null | undefined;
  _nin?: Array<number> | null | undefined;
};

/** Boolean expression to compare columns of type "Int". All fields are combined with logical 'AND'. */
export type Int_Comparison_Exp = {
  _eq?: number | null | undefined;
  _gt?: number | null | undefined;
  _gte?: number | null | undefined;
  _in?: Array<number> | null | undefined;
  _is_null?: boolean | null | undefined;
  _lt?: number | null | undefined;
  _lte?: number | null | undefined;
  _neq?: number | null | undefined;
  _nin?: Array<number> | null | undefined;
};

/** Boolean expression to compare columns of type "String". All fields are combined with logical 'AND'. */
export type String_Comparison_Exp = {
  _eq?: string | null | undefined;
  _gt?: string | null | undefined;
  _gte?: string | null | undefined;
  /** does the column match the given case-insensitive pattern */
  _ilike?: string | null | undefined;
  _in?: Array<string> | null | undefined;
  /** does the column match the given POSIX regular expression, case insensitive */
  _iregex?: string | null | undefined;
  _is_null?: boolean | null | undefined;
  /** does the column match the given pattern */
  _like?: string | null | undefined;
  _lt?: string | null | undefined;
  _lte?: string | null | undefined;
  _neq?: string | null | undefined;
  /** does the column NOT match the given case-insensitive pattern */
  _nilike?: string | null | undefined;
  _nin?: Array<string> | null | undefined;
  /** does the column NOT match the given POSIX regular expression, case insensitive */
  _niregex?: string | null | undefined;
  /** does the column NOT match the given pattern */
  _nlike?: string | null | undefined;
  /** does the column NOT match the given POSIX regular expression, case sensitive */
  _nregex?: string | null | undefined;
  /** does the column NOT match the given SQL regular expression */
  _nsimilar?: string | null | undefined;
  /** does the column match the given POSIX regular expression, case sensitive */
  _regex?: string | null | undefined;
  /** does the column match the given SQL regular expression */
  _similar?: string | null | undefined;
};

export type Assignment_Aggregate_Bool_Exp = {
  bool_and?: Assignment_Aggregate_Bool_Exp_Bool_And | null | undefined;
  bool_or?: Assignment_Aggregate_Bool_Exp_Bool_Or | null | undefined;
  count?: Assignment_Aggregate_Bool_Exp_Count | null | undefined;
};

export type Assignment_Aggregate_Bool_Exp_Bool_And = {
  arguments: Assignment_Select_Column_Assignment_Aggregate_Bool_Exp_Bool_And_Arguments_Columns;
  distinct?: boolean | null | undefined;
  filter?: Assignment_Bool_Exp | null | undefined;
  predicate: Boolean_Comparison_Exp;
};

export type Assignment_Aggregate_Bool_Exp_Bool_Or = {
  arguments: Assignment_Select_Column_Assignment_Aggregate_Bool_Exp_Bool_Or_Arguments_Columns;
  distinct?: boolean | null | undefined;
  filter?: Assignment_Bool_Exp | null | undefined;
  predicate: Boolean_Comparison_Exp;
};

export type Assignment_Aggregate_Bool_Exp_Count = {
  arguments?: Array<Assignment_Select_Column> | null | undefined;
  distinct?: boolean | null | undefined;
  filter?: Assignment_Bool_Exp | null | undefined;
  predicate: Int_Comparison_Exp;
};

/** input type for inserting array relation for remote table "assignment" */
export type Assignment_Arr_Rel_Insert_Input = {
  data: Array<Assignment_Insert_Input>;
  /** upsert condition */
  on_conflict?: Assignment_On_Conflict | null | undefined;
};

/** Boolean expression to filter rows from the table "assignment". All fields are combined with a logical 'AND'. */
export type Assignment_Bool_Exp = {
  _and?: Array<Assignment_Bool_Exp> | null | undefined;
  _not?: Assignment_Bool_Exp | null | undefined;
  _or?: Array<Assignment_Bool_Exp> | null | undefined;
  accept_by?: Timestamptz_Comparison_Exp | null | undefined;
  accepted?: Boolean_Comparison_Exp | null | undefined;
  created?: Timestamptz_Comparison_Exp | null | undefined;
  declined?: Boolean_Comparison_Exp | null | undefined;
  delivered?: Boolean_Comparison_Exp | null | undefined;
  driver?: Drivers_Bool_Exp | null | undefined;
  driver_id?: Int_Comparison_Exp | null | undefined;
  order?: Orders_Bool_Exp | null | undefined;
  order_id?: String_Comparison_Exp | null | undefined;
};

/** unique or primary key constraints on table "assignment" */
export type Assignment_Constraint =
  /** unique or primary key constraint */
  | 'assignment_pkey';

/** input type for inserting data into table "assignment" */
export type Assignment_Insert_Input = {
  accept_by?: string | null | undefined;
  accepted?: boolean | null | undefined;
  created?: string | null | undefined;
  declined?: boolean | null | undefined;
  delivered?: boolean | null | undefined;
  driver?: Drivers_Obj_Rel_Insert_Input | null | undefined;
  driver_id?: number | null | undefined;
  order?: Orders_Obj_Rel_Insert_Input | null | undefined;
  order_id?: string | null | undefined;
};

/** on_conflict condition type for table "assignment" */
export type Assignment_On_Conflict = {
  constraint: Assignment_Constraint;
  update_columns?: Array<Assignment_Update_Column>;
  where?: Assignment_Bool_Exp | null | undefined;
};

/** select columns of table "assignment" */
export type Assignment_Select_Column =
  /** column name */
  | 'accept_by'
  /** column name */
  | 'accepted'
  /** column name */
  | 'created'
  /** column name */
  | 'declined'
  /** column name */
  | 'delivered'
  /** column name */
  | 'driver_id'
  /** column name */
  | 'order_id';

/** select "assignment_aggregate_bool_exp_bool_and_arguments_columns" columns of table "assignment" */
export type Assignment_Select_Column_Assignment_Aggregate_Bool_Exp_Bool_And_Arguments_Columns =
  /** column name */
  | 'accepted'
  /** column name */
  | 'declined'
  /** column name */
  | 'delivered';

/** select "assignment_aggregate_bool_exp_bool_or_arguments_columns" columns of table "assignment" */
export type Assignment_Select_Column_Assignment_Aggregate_Bool_Exp_Bool_Or_Arguments_Columns =
  /** column name */
  | 'accepted'
  /** column name */
  | 'declined'
  /** column name */
  | 'delivered';

/** update columns of table "assignment" */
export type Assignment_Update_Column =
  /** column name */
  | 'accept_by'
  /** column name */
  | 'accepted'
  /** column name */
  | 'created'
  /** column name */
  | 'declined'
  /** column name */
  | 'delivered'
  /** column name */
  | 'driver_id'
  /** column name */
  | 'order_id';

/** Boolean expression to compare columns of type "bigint". All fields are combined with logical 'AND'. */
export type Bigint_Comparison_Exp = {
  _eq?: number | null | undefined;
  _gt?: number | null | undefined;
  _gte?: number | null | undefined;
  _in?: Array<number> | null | undefined;
  _is_null?: boolean | null | undefined;
  _lt?: number | null | undefined;
  _lte?: number | null | undefined;
  _neq?: number | null | undefined;
  _nin?: Array<number> | null | undefined;
};

export type Declined_Assignments_Aggregate_Bool_Exp = {
  count?: Declined_Assignments_Aggregate_Bool_Exp_Count | null | undefined;
};

export type Declined_Assignments_Aggregate_Bool_Exp_Count = {
  arguments?: Array<Declined_Assignments_Select_Column> | null | undefined;
  distinct?: boolean | null | undefined;
  filter?: Declined_Assignments_Bool_Exp | null | undefined;
  predicate: Int_Comparison_Exp;
};

/** input type for inserting array relation for remote table "declined_assignments" */
export type Declined_Assignments_Arr_Rel_Insert_Input = {
  data: Array<Declined_Assignments_Insert_Input>;
  /** upsert condition */
  on_conflict?: Declined_Assignments_On_Conflict | null | undefined;
};

/** Boolean expression to filter rows from the table "declined_assignments". All fields are combined with a logical 'AND'. */
export type Declined_Assignments_Bool_Exp = {
  _and?: Array<Declined_Assignments_Bool_Exp> | null | undefined;
  _not?: Declined_Assignments_Bool_Exp | null | undefined;
  _or?: Array<Declined_Assignments_Bool_Exp> | null | undefined;
  declined?: Timestamptz_Comparison_Exp | null | undefined;
  driver?: Drivers_Bool_Exp | null | undefined;
  driver_id?: Int_Comparison_Exp | null | undefined;
  order?: Orders_Bool_Exp | null | undefined;
  order_id?: String_Comparison_Exp | null | undefined;
};

/** unique or primary key constraints on table "declined_assignments" */
export type Declined_Assignments_Constraint =
  /** unique or primary key constraint */
  | 'declined_assignments_pkey';

/** input type for inserting data into table "declined_assignments" */
export type Declined_Assignments_Insert_Input = {
  declined?: string | null | undefined;
  driver?: Drivers_Obj_Rel_Insert_Input | null | undefined;
  driver_id?: number | null | undefined;
  order?: Orders_Obj_Rel_Insert_Input | null | undefined;
  order_id?: string | null | undefined;
};

/** on_conflict condition type for table "declined_assignments" */
export type Declined_Assignments_On_Conflict = {
  constraint: Declined_Assignments_Constraint;
  update_columns?: Array<Declined_Assignments_Update_Column>;
  where?: Declined_Assignments_Bool_Exp | null | undefined;
};

/** select columns of table "declined_assignments" */
export type Declined_Assignments_Select_Column =
  /** column name */
  | 'declined'
  /** column name */
  | 'driver_id'
  /** column name */
  | 'order_id';

/** update columns of table "declined_assignments" */
export type Declined_Assignments_Update_Column =
  /** column name */
  | 'declined'
  /** column name */
  | 'driver_id'
  /** column name */
  | 'order_id';

export type Driver_Positions_Aggregate_Bool_Exp = {
  count?: Driver_Positions_Aggregate_Bool_Exp_Count | null | undefined;
};

export type Driver_Positions_Aggregate_Bool_Exp_Count = {
  arguments?: Array<Driver_Positions_Select_Column> | null | undefined;
  distinct?: boolean | null | undefined;
  filter?: Driver_Positions_Bool_Exp | null | undefined;
  predicate: Int_Comparison_Exp;
};

/** input type for inserting array relation for remote table "driver_positions" */
export type Driver_Positions_Arr_Rel_Insert_Input = {
  data: Array<Driver_Positions_Insert_Input>;
  /** upsert condition */
  on_conflict?: Driver_Positions_On_Conflict | null | undefined;
};

/** Boolean expression to filter rows from the table "driver_positions". All fields are combined with a logical 'AND'. */
export type Driver_Positions_Bool_Exp = {
  _and?: Array<Driver_Positions_Bool_Exp> | null | undefined;
  _not?: Driver_Positions_Bool_Exp | null | undefined;
  _or?: Array<Driver_Positions_Bool_Exp> | null | undefined;
  at?: Timestamptz_Comparison_Exp | null | undefined;
  driver?: Drivers_Bool_Exp | null | undefined;
  driver_id?: Int_Comparison_Exp | null | undefined;
  x?: Float_Comparison_Exp | null | undefined;
  y?: Float_Comparison_Exp | null | undefined;
};

/** unique or primary key constraints on table "driver_positions" */
export type Driver_Positions_Constraint =
  /** unique or primary key constraint */
  | 'driver_positions_pkey';

/** input type for inserting data into table "driver_positions" */
export type Driver_Positions_Insert_Input = {
  at?: string | null | undefined;
  driver?: Drivers_Obj_Rel_Insert_Input | null | undefined;
  driver_id?: number | null | undefined;
  x?: number | null | undefined;
  y?: number | null | undefined;
};

/** on_conflict condition type for table "driver_positions" */
export type Driver_Positions_On_Conflict = {
  constraint: Driver_Positions_Constraint;
  update_columns?: Array<Driver_Positions_Update_Column>;
  where?: Driver_Positions_Bool_Exp | null | undefined;
};

/** select columns of table "driver_positions" */
export type Driver_Positions_Select_Column =
  /** column name */
  | 'at'
  /** column name */
  | 'driver_id'
  /** column name */
  | 'x'
  /** column name */
  | 'y';

/** update columns of table "driver_positions" */
export type Driver_Positions_Update_Column =
  /** column name */
  | 'at'
  /** column name */
  | 'driver_id'
  /** column name */
  | 'x'
  /** column name */
  | 'y';

/** Boolean expression to filter rows from the table "drivers". All fields are combined with a logical 'AND'. */
export type Drivers_Bool_Exp = {
  _and?: Array<Drivers_Bool_Exp> | null | undefined;
  _not?: Drivers_Bool_Exp | null | undefined;
  _or?: Array<Drivers_Bool_Exp> | null | undefined;
  assignment?: Assignment_Bool_Exp | null | undefined;
  assignment_aggregate?: Assignment_Aggregate_Bool_Exp | null | undefined;
  auto_accept?: Boolean_Comparison_Exp | null | undefined;
  available?: Boolean_Comparison_Exp | null | undefined;
  declined_assignments?: Declined_Assignments_Bool_Exp | null | undefined;
  declined_assignments_aggregate?: Declined_Assignments_Aggregate_Bool_Exp | null | undefined;
  driver_positions?: Driver_Positions_Bool_Exp | null | undefined;
  driver_positions_aggregate?: Driver_Positions_Aggregate_Bool_Exp | null | undefined;
  id?: Int_Comparison_Exp | null | undefined;
  name?: String_Comparison_Exp | null | undefined;
};

/** unique or primary key constraints on table "drivers" */
export type Drivers_Constraint =
  /** unique or primary key constraint */
  | 'drivers_pkey';

/** input type for inserting data into table "drivers" */
export type Drivers_Insert_Input = {
  assignment?: Assignment_Arr_Rel_Insert_Input | null | undefined;
  auto_accept?: boolean | null | undefined;
  available?: boolean | null | undefined;
  declined_assignments?: Declined_Assignments_Arr_Rel_Insert_Input | null | undefined;
  driver_positions?: Driver_Positions_Arr_Rel_Insert_Input | null | undefined;
  id?: number | null | undefined;
  name?: string | null | undefined;
};

/** input type for inserting object relation for remote table "drivers" */
export type Drivers_Obj_Rel_Insert_Input = {
  data: Drivers_Insert_Input;
  /** upsert condition */
  on_conflict?: Drivers_On_Conflict | null | undefined;
};

/** on_conflict condition type for table "drivers" */
export type Drivers_On_Conflict = {
  constraint: Drivers_Constraint;
  update_columns?: Array<Drivers_Update_Column>;
  where?: Drivers_Bool_Exp | null | undefined;
};

/** update columns of table "drivers" */
export type Drivers_Update_Column =
  /** column name */
  | 'auto_accept'
  /** column name */
  | 'available'
  /** column name */
  | 'id'
  /** column name */
  | 'name';

export type Items_Aggregate_Bool_Exp = {
  count?: Items_Aggregate_Bool_Exp_Count | null | undefined;
};

export type Items_Aggregate_Bool_Exp_Count = {
  arguments?: Array<Items_Select_Column> | null | undefined;
  distinct?: boolean | null | undefined;
  filter?: Items_Bool_Exp | null | undefined;
  predicate: Int_Comparison_Exp;
};

/** input type for inserting array relation for remote table "items" */
export type Items_Arr_Rel_Insert_Input = {
  data: Array<Items_Insert_Input>;
  /** upsert condition */
  on_conflict?: Items_On_Conflict | null | undefined;
};

/** Boolean expression to filter rows from the table "items". All fields are combined with a logical 'AND'. */
export type Items_Bool_Exp = {
  _and?: Array<Items_Bool_Exp> | null | undefined;
  _not?: Items_Bool_Exp | null | undefined;
  _or?: Array<Items_Bool_Exp> | null | undefined;
  id?: Int_Comparison_Exp | null | undefined;
  item?: String_Comparison_Exp | null | undefined;
  order?: Orders_Bool_Exp | null | undefined;
  order_id?: String_Comparison_Exp | null | undefined;
  quantity?: Int_Comparison_Exp | null | undefined;
};

/** unique or primary key constraints on table "items" */
export type Items_Constraint =
  /** unique or primary key constraint */
  | 'items_pkey';

/** input type for inserting data into table "items" */
export type Items_Insert_Input = {
  id?: number | null | undefined;
  item?: string | null | undefined;
  order?: Orders_Obj_Rel_Insert_Input | null | undefined;
  order_id?: string | null | undefined;
  quantity?: number | null | undefined;
};

/** on_conflict condition type for table "items" */
export type Items_On_Conflict = {
  constraint: Items_Constraint;
  update_columns?: Array<Items_Update_Column>;
  where?: Items_Bool_Exp | null | undefined;
};

/** select columns of table "items" */
export type Items_Select_Column =
  /** column name */
  | 'id'
  /** column name */
  | 'item'
  /** column name */
  | 'order_id'
  /** column name */
  | 'quantity';

/** update columns of table "items" */
export type Items_Update_Column =
  /** column name */
  | 'id'
  /** column name */
  | 'item'
  /** column name */
  | 'order_id'
  /** column name */
  | 'quantity';

export type Order_History_Aggregate_Bool_Exp = {
  count?: Order_History_Aggregate_Bool_Exp_Count | null | undefined;
};

export type Order_History_Aggregate_Bool_Exp_Count = {
  arguments?: Array<Order_History_Select_Column> | null | undefined;
  distinct?: boolean | null | undefined;
  filter?: Order_History_Bool_Exp | null | undefined;
  predicate: Int_Comparison_Exp;
};

/** input type for inserting array relation for remote table "order_history" */
export type Order_History_Arr_Rel_Insert_Input = {
  data: Array<Order_History_Insert_Input>;
  /** upsert condition */
  on_conflict?: Order_History_On_Conflict | null | undefined;
};

/** Boolean expression to filter rows from the table "order_history". All fields are combined with a logical 'AND'. */
export type Order_History_Bool_Exp = {
  _and?: Array<Order_History_Bool_Exp> | null | undefined;
  _not?: Order_History_Bool_Exp | null | undefined;
  _or?: Array<Order_History_Bool_Exp> | null | undefined;
  at?: Timestamptz_Comparison_Exp | null | undefined;
  attempt?: Int_Comparison_Exp | null | undefined;
  event_id?: String_Comparison_Exp | null | undefined;
  id?: Bigint_Comparison_Exp | null | undefined;
  order?: Orders_Bool_Exp | null | undefined;
  order_id?: String_Comparison_Exp | null | undefined;
  outcome?: String_Comparison_Exp | null | undefined;
  step?: String_Comparison_Exp | null | undefined;
  trace_id?: String_Comparison_Exp | null | undefined;
};

/** unique or primary key constraints on table "order_history" */
export type Order_History_Constraint =
  /** unique or primary key constraint */
  | 'order_history_pkey';

/** input type for inserting data into table "order_history" */
export type Order_History_Insert_Input = {
  at?: string | null | undefined;
  attempt?: number | null | undefined;
  event_id?: string | null | undefined;
  order?: Orders_Obj_Rel_Insert_Input | null | undefined;
  order_id?: string | null | undefined;
  outcome?: string | null | undefined;
  step?: string | null | undefined;
  trace_id?: string | null | undefined;
};

/** on_conflict condition type for table "order_history" */
export type Order_History_On_Conflict = {
  constraint: Order_History_Constraint;
  update_columns?: Array<Order_History_Update_Column>;
  where?: Order_History_Bool_Exp | null | undefined;
};

/** select columns of table "order_history" */
export type Order_History_Select_Column =
  /** column name */
  | 'at'
  /** column name */
  | 'attempt'
  /** column name */
  | 'event_id'
  /** column name */
  | 'id'
  /** column name */
  | 'order_id'
  /** column name */
  | 'outcome'
  /** column name */
  | 'step'
  /** column name */
  | 'trace_id';

/** update columns of table "order_history" */
export type Order_History_Update_Column =
  /** column name */
  | 'at'
  /** column name */
  | 'attempt'
  /** column name */
  | 'event_id'
  /** column name */
  | 'order_id'
  /** column name */
  | 'outcome'
  /** column name */
  | 'step'
  /** column name */
  | 'trace_id';

/** Boolean expression to filter rows from the table "orders". All fields are combined with a logical 'AND'. */
export type Orders_Bool_Exp = {
  _and?: Array<Orders_Bool_Exp> | null | undefined;
  _not?: Orders_Bool_Exp | null | undefined;
  _or?: Array<Orders_Bool_Exp> | null | undefined;
  address?: String_Comparison_Exp | null | undefined;
  answer_by?: Timestamptz_Comparison_Exp | null | undefined;
  approved?: Boolean_Comparison_Exp | null | undefined;
  assign_by?: Timestamptz_Comparison_Exp | null | undefined;
  assignment?: Assignment_Bool_Exp | null | undefined;
  assignment_aggregate?: Assignment_Aggregate_Bool_Exp | null | undefined;
  cancelled?: Boolean_Comparison_Exp | null | undefined;
  close_reason?: String_Comparison_Exp | null | undefined;
  closed?: Boolean_Comparison_Exp | null | undefined;
  created?: Timestamptz_Comparison_Exp | null | undefined;
  declined_assignments?: Declined_Assignments_Bool_Exp | null | undefined;
  declined_assignments_aggregate?: Declined_Assignments_Aggregate_Bool_Exp | null | undefined;
  delivered?: Boolean_Comparison_Exp | null | undefined;
  delivery_failed?: Boolean_Comparison_Exp | null | undefined;
  driver_assigned?: Boolean_Comparison_Exp | null | undefined;
  expired?: Boolean_Comparison_Exp | null | undefined;
  food_picked?: Boolean_Comparison_Exp | null | undefined;
  items?: Items_Bool_Exp | null | undefined;
  items_aggregate?: Items_Aggregate_Bool_Exp | null | undefined;
  note?: String_Comparison_Exp | null | undefined;
  order_history?: Order_History_Bool_Exp | null | undefined;
  order_history_aggregate?: Order_History_Aggregate_Bool_Exp | null | undefined;
  order_id?: String_Comparison_Exp | null | undefined;
  order_valid?: Boolean_Comparison_Exp | null | undefined;
  pay_by?: Timestamptz_Comparison_Exp | null | undefined;
  payment_valid?: Boolean_Comparison_Exp | null | undefined;
  payments?: Payments_Bool_Exp | null | undefined;
  payments_aggregate?: Payments_Aggregate_Bool_Exp | null | undefined;
  placed?: Boolean_Comparison_Exp | null | undefined;
  preparation_minutes?: Int_Comparison_Exp | null | undefined;
  problem?: String_Comparison_Exp | null | undefined;
  reassignments?: Int_Comparison_Exp | null | undefined;
  refund_requests?: Smallint_Comparison_Exp | null | undefined;
  refunds?: Refunds_Bool_Exp | null | undefined;
  refunds_aggregate?: Refunds_Aggregate_Bool_Exp | null | undefined;
  rejected?: Boolean_Comparison_Exp | null | undefined;
  restaurant_id?: Int_Comparison_Exp | null | undefined;
  status?: String_Comparison_Exp | null | undefined;
  total?: Int_Comparison_Exp | null | undefined;
  trace_id?: String_Comparison_Exp | null | undefined;
  user_id?: String_Comparison_Exp | null | undefined;
};

/** unique or primary key constraints on table "orders" */
export type Orders_Constraint =
  /** unique or primary key constraint */
  | 'orders_pkey';

/** input type for inserting data into table "orders" */
export type Orders_Insert_Input = {
  address?: string | null | undefined;
  answer_by?: string | null | undefined;
  approved?: boolean | null | undefined;
  assign_by?: string | null | undefined;
  assignment?: Assignment_Arr_Rel_Insert_Input | null | undefined;
  cancelled?: boolean | null | undefined;
  close_reason?: string | null | undefined;
  created?: string | null | undefined;
  declined_assignments?: Declined_Assignments_Arr_Rel_Insert_Input | null | undefined;
  delivered?: boolean | null | undefined;
  delivery_failed?: boolean | null | undefined;
  driver_assigned?: boolean | null | undefined;
  expired?: boolean | null | undefined;
  food_picked?: boolean | null | undefined;
  items?: Items_Arr_Rel_Insert_Input | null | undefined;
  note?: string | null | undefined;
  order_history?: Order_History_Arr_Rel_Insert_Input | null | undefined;
  order_id?: string | null | undefined;
  order_valid?: boolean | null | undefined;
  pay_by?: string | null | undefined;
  payment_valid?: boolean | null | undefined;
  payments?: Payments_Arr_Rel_Insert_Input | null | undefined;
  placed?: boolean | null | undefined;
  preparation_minutes?: number | null | undefined;
  problem?: string | null | undefined;
  reassignments?: number | null | undefined;
  refund_requests?: number | null | undefined;
  refunds?: Refunds_Arr_Rel_Insert_Input | null | undefined;
  rejected?: boolean | null | undefined;
  restaurant_id?: number | null | undefined;
  total?: number | null | undefined;
  trace_id?: string | null | undefined;
  user_id?: string | null | undefined;
};

/** input type for inserting object relation for remote table "orders" */
export type Orders_Obj_Rel_Insert_Input = {
  data: Orders_Insert_Input;
  /** upsert condition */
  on_conflict?: Orders_On_Conflict | null | undefined;
};

/** on_conflict condition type for table "orders" */
export type Orders_On_Conflict = {
  constraint: Orders_Constraint;
  update_columns?: Array<Orders_Update_Column>;
  where?: Orders_Bool_Exp | null | undefined;
};

/** update columns of table "orders" */
export type Orders_Update_Column =
  /** column name */
  | 'address'
  /** column name */
  | 'answer_by'
  /** column name */
  | 'approved'
  /** column name */
  | 'assign_by'
  /** column name */
  | 'cancelled'
  /** column name */
  | 'close_reason'
  /** column name */
  | 'created'
  /** column name */
  | 'delivered'
  /** column name */
  | 'delivery_failed'
  /** column name */
  | 'driver_assigned'
  /** column name */
  | 'expired'
  /** column name */
  | 'food_picked'
  /** column name */
  | 'note'
  /** column name */
  | 'order_id'
  /** column name */
  | 'order_valid'
  /** column name */
  | 'pay_by'
  /** column name */
  | 'payment_valid'
  /** column name */
  | 'placed'
  /** column name */
  | 'preparation_minutes'
  /** column name */
  | 'problem'
  /** column name */
  | 'reassignments'
  /** column name */
  | 'refund_requests'
  /** column name */
  | 'rejected'
  /** column name */
  | 'restaurant_id'
  /** column name */
  | 'total'
  /** column name */
  | 'trace_id'
  /** column name */
  | 'user_id';

export type Payments_Aggregate_Bool_Exp = {
  count?: Payments_Aggregate_Bool_Exp_Count | null | undefined;
};

export type Payments_Aggregate_Bool_Exp_Count = {
  arguments?: Array<Payments_Select_Column> | null | undefined;
  distinct?: boolean | null | undefined;
  filter?: Payments_Bool_Exp | null | undefined;
  predicate: Int_Comparison_Exp;
};

/** input type for inserting array relation for remote table "payments" */
export type Payments_Arr_Rel_Insert_Input = {
  data: Array<Payments_Insert_Input>;
  /** upsert condition */
  on_conflict?: Payments_On_Conflict | null | undefined;
};

/** Boolean expression to filter rows from the table "payments". All fields are combined with a logical 'AND'. */
export type Payments_Bool_Exp = {
  _and?: Array<Payments_Bool_Exp> | null | undefined;
  _not?: Payments_Bool_Exp | null | undefined;
  _or?: Array<Payments_Bool_Exp> | null | undefined;
  amount?: Int_Comparison_Exp | null | undefined;
  attempt?: Int_Comparison_Exp | null | undefined;
  card_last4?: String_Comparison_Exp | null | undefined;
  claim?: Uuid_Comparison_Exp | null | undefined;
  claimed_at?: Timestamptz_Comparison_Exp | null | undefined;
  created?: Timestamptz_Comparison_Exp | null | undefined;
  decline_code?: String_Comparison_Exp | null | undefined;
  id?: Int_Comparison_Exp | null | undefined;
  idempotency_key?: String_Comparison_Exp | null | undefined;
  order?: Orders_Bool_Exp | null | undefined;
  order_id?: String_Comparison_Exp | null | undefined;
  payer?: String_Comparison_Exp | null | undefined;
  refunds?: Refunds_Bool_Exp | null | undefined;
  refunds_aggregate?: Refunds_Aggregate_Bool_Exp | null | undefined;
  status?: String_Comparison_Exp | null | undefined;
  type?: String_Comparison_Exp | null | undefined;
};

/** unique or primary key constraints on table "payments" */
export type Payments_Constraint =
  /** unique or primary key constraint */
  | 'payments_idempotency_key_key'
  /** unique or primary key constraint */
  | 'payments_order_id_attempt_key'
  /** unique or primary key constraint */
  | 'payments_pkey';

/** input type for inserting data into table "payments" */
export type Payments_Insert_Input = {
  amount?: number | null | undefined;
  attempt?: number | null | undefined;
  card_last4?: string | null | undefined;
  claim?: string | null | undefined;
  claimed_at?: string | null | undefined;
  created?: string | null | undefined;
  decline_code?: string | null | undefined;
  id?: number | null | undefined;
  idempotency_key?: string | null | undefined;
  order?: Orders_Obj_Rel_Insert_Input | null | undefined;
  order_id?: string | null | undefined;
  payer?: string | null | undefined;
  refunds?: Refunds_Arr_Rel_Insert_Input | null | undefined;
  status?: string | null | undefined;
  type?: string | null | undefined;
};

/** input type for inserting object relation for remote table "payments" */
export type Payments_Obj_Rel_Insert_Input = {
  data: Payments_Insert_Input;
  /** upsert condition */
  on_conflict?: Payments_On_Conflict | null | undefined;
};

/** on_conflict condition type for table "payments" */
export type Payments_On_Conflict = {
  constraint: Payments_Constraint;
  update_columns?: Array<Payments_Update_Column>;
  where?: Payments_Bool_Exp | null | undefined;
};

/** select columns of table "payments" */
export type Payments_Select_Column =
  /** column name */
  | 'amount'
  /** column name */
  | 'attempt'
  /** column name */
  | 'card_last4'
  /** column name */
  | 'claim'
  /** column name */
  | 'claimed_at'
  /** column name */
  | 'created'
  /** column name */
  | 'decline_code'
  /** column name */
  | 'id'
  /** column name */
  | 'idempotency_key'
  /** column name */
  | 'order_id'
  /** column name */
  | 'payer'
  /** column name */
  | 'status'
  /** column name */
  | 'type';

/** update columns of table "payments" */
export type Payments_Update_Column =
  /** column name */
  | 'amount'
  /** column name */
  | 'attempt'
  /** column name */
  | 'card_last4'
  /** column name */
  | 'claim'
  /** column name */
  | 'claimed_at'
  /** column name */
  | 'created'
  /** column name */
  | 'decline_code'
  /** column name */
  | 'id'
  /** column name */
  | 'idempotency_key'
  /** column name */
  | 'order_id'
  /** column name */
  | 'payer'
  /** column name */
  | 'status'
  /** column name */
  | 'type';

export type Refund_Statuses_Enum =
  /** The payment gateway is asked to return the payment. */
  | 'pending'
  /** The payment gateway has returned the payment. */
  | 'succeeded';

/** Boolean expression to compare columns of type "refund_statuses_enum". All fields are combined with logical 'AND'. */
export type Refund_Statuses_Enum_Comparison_Exp = {
  _eq?: Refund_Statuses_Enum | null | undefined;
  _in?: Array<Refund_Statuses_Enum> | null | undefined;
  _is_null?: boolean | null | undefined;
  _neq?: Refund_Statuses_Enum | null | undefined;
  _nin?: Array<Refund_Statuses_Enum> | null | undefined;
};

export type Refunds_Aggregate_Bool_Exp = {
  count?: Refunds_Aggregate_Bool_Exp_Count | null | undefined;
};

export type Refunds_Aggregate_Bool_Exp_Count = {
  arguments?: Array<Refunds_Select_Column> | null | undefined;
  distinct?: boolean | null | undefined;
  filter?: Refunds_Bool_Exp | null | undefined;
  predicate: Int_Comparison_Exp;
};

/** input type for inserting array relation for remote table "refunds" */
export type Refunds_Arr_Rel_Insert_Input = {
  data: Array<Refunds_Insert_Input>;
  /** upsert condition */
  on_conflict?: Refunds_On_Conflict | null | undefined;
};

/** Boolean expression to filter rows from the table "refunds". All fields are combined with a logical 'AND'. */
export type Refunds_Bool_Exp = {
  _and?: Array<Refunds_Bool_Exp> | null | undefined;
  _not?: Refunds_Bool_Exp | null | undefined;
  _or?: Array<Refunds_Bool_Exp> | null | undefined;
  amount?: Int_Comparison_Exp | null | undefined;
  created?: Timestamptz_Comparison_Exp | null | undefined;
  id?: Int_Comparison_Exp | null | undefined;
  key?: String_Comparison_Exp | null | undefined;
  order?: Orders_Bool_Exp | null | undefined;
  order_id?: String_Comparison_Exp | null | undefined;
  payment?: Payments_Bool_Exp | null | undefined;
  payment_id?: Int_Comparison_Exp | null | undefined;
  refunded?: Timestamptz_Comparison_Exp | null | undefined;
  status?: Refund_Statuses_Enum_Comparison_Exp | null | undefined;
};

/** unique or primary key constraints on table "refunds" */
export type Refunds_Constraint =
  /** unique or primary key constraint */
  | 'refunds_payment_id_key'
  /** unique or primary key constraint */
  | 'refunds_pkey';

/** input type for inserting data into table "refunds" */
export type Refunds_Insert_Input = {
  amount?: number | null | undefined;
  created?: string | null | undefined;
  id?: number | null | undefined;
  key?: string | null | undefined;
  order?: Orders_Obj_Rel_Insert_Input | null | undefined;
  order_id?: string | null | undefined;
  payment?: Payments_Obj_Rel_Insert_Input | null | undefined;
  payment_id?: number | null | undefined;
  refunded?: string | null | undefined;
  status?: Refund_Statuses_Enum | null | undefined;
};

/** on_conflict condition type for table "refunds" */
export type Refunds_On_Conflict = {
  constraint: Refunds_Constraint;
  update_columns?: Array<Refunds_Update_Column>;
  where?: Refunds_Bool_Exp | null | undefined;
};

/** select columns of table "refunds" */
export type Refunds_Select_Column =
  /** column name */
  | 'amount'
  /** column name */
  | 'created'
  /** column name */
  | 'id'
  /** column name */
  | 'key'
  /** column name */
  | 'order_id'
  /** column name */
  | 'payment_id'
  /** column name */
  | 'refunded'
  /** column name */
  | 'status';

/** update columns of table "refunds" */
export type Refunds_Update_Column =
  /** column name */
  | 'amount'
  /** column name */
  | 'created'
  /** column name */
  | 'id'
  /** column name */
  | 'key'
  /** column name */
  | 'order_id'
  /** column name */
  | 'payment_id'
  /** column name */
  | 'refunded'
  /** column name */
  | 'status';

/** Boolean expression to compare columns of type "smallint". All fields are combined with logical 'AND'. */
export type Smallint_Comparison_Exp = {
  _eq?: number | null | undefined;
  _gt?: number | null | undefined;
  _gte?: number | null | undefined;
  _in?: Array<number> | null | undefined;
  _is_null?: boolean | null | undefined;
  _lt?: number | null | undefined;
  _lte?: number | null | undefined;
  _neq?: number | null | undefined;
  _nin?: Array<number> | null | undefined;
};

/** Boolean expression to compare columns of type "timestamptz". All fields are combined with logical 'AND'. */
export type Timestamptz_Comparison_Exp = {
  _eq?: string | null | undefined;
  _gt?: string | null | undefined;
  _gte?: string | null | undefined;
  _in?: Array<string> | null | undefined;
  _is_null?: boolean | null | undefined;
  _lt?: string | null | undefined;
  _lte?: string | null | undefined;
  _neq?: string | null | undefined;
  _nin?: Array<string> | null | undefined;
};

/** Boolean expression to compare columns of type "uuid". All fields are combined with logical 'AND'. */
export type Uuid_Comparison_Exp = {
  _eq?: string | null | undefined;
  _gt?: string | null | undefined;
  _gte?: string | null | undefined;
  _in?: Array<string> | null | undefined;
  _is_null?: boolean | null | undefined;
  _lt?: string | null | undefined;
  _lte?: string | null | undefined;
  _neq?: string | null | undefined;
  _nin?: Array<string> | null | undefined;
};

export type PlaceOrderMutationVariables = Exact<{
  order: Orders_Insert_Input;
  items: Array<Items_Insert_Input> | Items_Insert_Input;
}>;


export type PlaceOrderMutation = { insert_orders: { affected_rows: number } | null, insert_items: { affected_rows: number } | null };

export type TrackingSubscriptionVariables = Exact<{
  id: string;
}>;


export type TrackingSubscription = { order_tracking: Array<{ order_id: string | null, status: string | null, restaurant: string | null, restaurant_x: number | null, restaurant_y: number | null, destination_x: number | null, destination_y: number | null, driver: string | null, driver_x: number | null, driver_y: number | null, driver_at: string | null, eta: string | null }> };

export type CancelOrderMutationVariables = Exact<{
  id: string;
}>;


export type CancelOrderMutation = { update_orders_by_pk: { order_id: string, status: string | null } | null };

export type OrderSubscriptionVariables = Exact<{
  id: string;
}>;


export type OrderSubscription = { orders_by_pk: { order_id: string, user_id: string, restaurant_id: number, address: string, note: string | null, created: string, status: string | null, total: number | null, problem: string | null, order_valid: boolean | null, payment_valid: boolean | null, approved: boolean, driver_assigned: boolean, food_picked: boolean, delivered: boolean, close_reason: string | null, pay_by: string | null, answer_by: string | null, refunds: Array<{ amount: number, status: Refund_Statuses_Enum, refunded: string | null }>, items: Array<{ id: number, item: string, quantity: number }>, payments: Array<{ attempt: number, status: string, card_last4: string | null, decline_code: string | null }>, assignment: Array<{ driver: { name: string } }>, order_history: Array<{ id: number, at: string, step: string, outcome: string, attempt: number | null }> } | null };

export type OrdersSubscriptionVariables = Exact<{
  user: string;
  limit: number;
}>;


export type OrdersSubscription = { orders: Array<{ order_id: string, restaurant_id: number, created: string, status: string | null, total: number | null, items: Array<{ item: string, quantity: number }> }> };

export type PayableOrdersQueryVariables = Exact<{
  user: string;
}>;


export type PayableOrdersQuery = { orders: Array<{ order_id: string, total: number | null }> };

export type RestaurantsSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type RestaurantsSubscription = { restaurants: Array<{ id: number, name: string, cuisine: string, description: string, picture: string | null, open: boolean, auto_approve: boolean, preparation_minutes: number, time_zone: string, opening_hours: Array<{ weekday: number, opens: string, closes: string }>, menu_items: Array<{ name: string, price: number, available: boolean, picture: string | null }> }> };

export type RestaurantOpeningsSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type RestaurantOpeningsSubscription = { restaurant_openings: Array<{ restaurant_id: number | null, opens_at: string | null, paused: boolean | null }> };

export type MenuSubscriptionVariables = Exact<{
  id: number;
}>;


export type MenuSubscription = { menu_items: Array<{ name: string, price: number, available: boolean, category: string, description: string, picture: string | null }> };

export type RecentOrdersSubscriptionVariables = Exact<{
  user: string;
}>;


export type RecentOrdersSubscription = { orders: Array<{ order_id: string, restaurant_id: number, address: string, status: string | null, assignment: Array<{ driver: { name: string } }> }> };


export const PlaceOrderDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PlaceOrder"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"order"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"orders_insert_input"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"items"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"items_insert_input"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"insert_orders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"objects"},"value":{"kind":"ListValue","values":[{"kind":"Variable","name":{"kind":"Name","value":"order"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}},{"kind":"Field","name":{"kind":"Name","value":"insert_items"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"objects"},"value":{"kind":"Variable","name":{"kind":"Name","value":"items"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<PlaceOrderMutation, PlaceOrderMutationVariables>;
export const TrackingDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Tracking"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_tracking"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_x"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_y"}},{"kind":"Field","name":{"kind":"Name","value":"destination_x"}},{"kind":"Field","name":{"kind":"Name","value":"destination_y"}},{"kind":"Field","name":{"kind":"Name","value":"driver"}},{"kind":"Field","name":{"kind":"Name","value":"driver_x"}},{"kind":"Field","name":{"kind":"Name","value":"driver_y"}},{"kind":"Field","name":{"kind":"Name","value":"driver_at"}},{"kind":"Field","name":{"kind":"Name","value":"eta"}}]}}]}}]} as unknown as DocumentNode<TrackingSubscription, TrackingSubscriptionVariables>;
export const CancelOrderDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CancelOrder"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"update_orders_by_pk"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"pk_columns"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"cancelled"},"value":{"kind":"BooleanValue","value":true}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}}]} as unknown as DocumentNode<CancelOrderMutation, CancelOrderMutationVariables>;
export const OrderDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Order"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"orders_by_pk"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"user_id"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"note"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"problem"}},{"kind":"Field","name":{"kind":"Name","value":"order_valid"}},{"kind":"Field","name":{"kind":"Name","value":"payment_valid"}},{"kind":"Field","name":{"kind":"Name","value":"approved"}},{"kind":"Field","name":{"kind":"Name","value":"driver_assigned"}},{"kind":"Field","name":{"kind":"Name","value":"food_picked"}},{"kind":"Field","name":{"kind":"Name","value":"delivered"}},{"kind":"Field","name":{"kind":"Name","value":"close_reason"}},{"kind":"Field","name":{"kind":"Name","value":"pay_by"}},{"kind":"Field","name":{"kind":"Name","value":"answer_by"}},{"kind":"Field","name":{"kind":"Name","value":"refunds"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"refunded"}}]}},{"kind":"Field","name":{"kind":"Name","value":"items"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"item"}},{"kind":"Field","name":{"kind":"Name","value":"quantity"}}]}},{"kind":"Field","name":{"kind":"Name","value":"payments"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"attempt"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"attempt"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"card_last4"}},{"kind":"Field","name":{"kind":"Name","value":"decline_code"}}]}},{"kind":"Field","name":{"kind":"Name","value":"assignment"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"driver"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"order_history"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"step"}},{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}}]}}]}}]}}]} as unknown as DocumentNode<OrderSubscription, OrderSubscriptionVariables>;
export const OrdersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Orders"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"user"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"orders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"user_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"user"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"desc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"items"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"item"}},{"kind":"Field","name":{"kind":"Name","value":"quantity"}}]}}]}}]}}]} as unknown as DocumentNode<OrdersSubscription, OrdersSubscriptionVariables>;
export const PayableOrdersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"PayableOrders"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"user"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"orders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"user_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"user"}}}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"StringValue","value":"validated","block":false}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"total"}}]}}]}}]} as unknown as DocumentNode<PayableOrdersQuery, PayableOrdersQueryVariables>;
export const RestaurantsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Restaurants"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restaurants"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"cuisine"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"picture"}},{"kind":"Field","name":{"kind":"Name","value":"open"}},{"kind":"Field","name":{"kind":"Name","value":"auto_approve"}},{"kind":"Field","name":{"kind":"Name","value":"preparation_minutes"}},{"kind":"Field","name":{"kind":"Name","value":"time_zone"}},{"kind":"Field","name":{"kind":"Name","value":"opening_hours"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ListValue","values":[{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"weekday"},"value":{"kind":"EnumValue","value":"asc"}}]},{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"opens"},"value":{"kind":"EnumValue","value":"asc"}}]}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"weekday"}},{"kind":"Field","name":{"kind":"Name","value":"opens"}},{"kind":"Field","name":{"kind":"Name","value":"closes"}}]}},{"kind":"Field","name":{"kind":"Name","value":"menu_items"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ListValue","values":[{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"position"},"value":{"kind":"EnumValue","value":"asc"}}]},{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"EnumValue","value":"asc"}}]}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"price"}},{"kind":"Field","name":{"kind":"Name","value":"available"}},{"kind":"Field","name":{"kind":"Name","value":"picture"}}]}}]}}]}}]} as unknown as DocumentNode<RestaurantsSubscription, RestaurantsSubscriptionVariables>;
export const RestaurantOpeningsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"RestaurantOpenings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restaurant_openings"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"restaurant_id"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"opens_at"}},{"kind":"Field","name":{"kind":"Name","value":"paused"}}]}}]}}]} as unknown as DocumentNode<RestaurantOpeningsSubscription, RestaurantOpeningsSubscriptionVariables>;
export const MenuDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Menu"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"menu_items"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"restaurant_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ListValue","values":[{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"position"},"value":{"kind":"EnumValue","value":"asc"}}]},{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"EnumValue","value":"asc"}}]}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"price"}},{"kind":"Field","name":{"kind":"Name","value":"available"}},{"kind":"Field","name":{"kind":"Name","value":"category"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"picture"}}]}}]}}]} as unknown as DocumentNode<MenuSubscription, MenuSubscriptionVariables>;
export const RecentOrdersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"RecentOrders"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"user"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"orders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"user_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"user"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"desc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"IntValue","value":"10"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"assignment"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"driver"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]} as unknown as DocumentNode<RecentOrdersSubscription, RecentOrdersSubscriptionVariables>;