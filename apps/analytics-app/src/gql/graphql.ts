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

export type Menu_Items_Aggregate_Bool_Exp = {
  bool_and?: Menu_Items_Aggregate_Bool_Exp_Bool_And | null | undefined;
  bool_or?: Menu_Items_Aggregate_Bool_Exp_Bool_Or | null | undefined;
  count?: Menu_Items_Aggregate_Bool_Exp_Count | null | undefined;
};

export type Menu_Items_Aggregate_Bool_Exp_Bool_And = {
  arguments: Menu_Items_Select_Column_Menu_Items_Aggregate_Bool_Exp_Bool_And_Arguments_Columns;
  distinct?: boolean | null | undefined;
  filter?: Menu_Items_Bool_Exp | null | undefined;
  predicate: Boolean_Comparison_Exp;
};

export type Menu_Items_Aggregate_Bool_Exp_Bool_Or = {
  arguments: Menu_Items_Select_Column_Menu_Items_Aggregate_Bool_Exp_Bool_Or_Arguments_Columns;
  distinct?: boolean | null | undefined;
  filter?: Menu_Items_Bool_Exp | null | undefined;
  predicate: Boolean_Comparison_Exp;
};

export type Menu_Items_Aggregate_Bool_Exp_Count = {
  arguments?: Array<Menu_Items_Select_Column> | null | undefined;
  distinct?: boolean | null | undefined;
  filter?: Menu_Items_Bool_Exp | null | undefined;
  predicate: Int_Comparison_Exp;
};

/** input type for inserting array relation for remote table "menu_items" */
export type Menu_Items_Arr_Rel_Insert_Input = {
  data: Array<Menu_Items_Insert_Input>;
  /** upsert condition */
  on_conflict?: Menu_Items_On_Conflict | null | undefined;
};

/** Boolean expression to filter rows from the table "menu_items". All fields are combined with a logical 'AND'. */
export type Menu_Items_Bool_Exp = {
  _and?: Array<Menu_Items_Bool_Exp> | null | undefined;
  _not?: Menu_Items_Bool_Exp | null | undefined;
  _or?: Array<Menu_Items_Bool_Exp> | null | undefined;
  available?: Boolean_Comparison_Exp | null | undefined;
  category?: String_Comparison_Exp | null | undefined;
  description?: String_Comparison_Exp | null | undefined;
  name?: String_Comparison_Exp | null | undefined;
  picture?: String_Comparison_Exp | null | undefined;
  position?: Int_Comparison_Exp | null | undefined;
  price?: Int_Comparison_Exp | null | undefined;
  restaurant?: Restaurants_Bool_Exp | null | undefined;
  restaurant_id?: Int_Comparison_Exp | null | undefined;
};

/** unique or primary key constraints on table "menu_items" */
export type Menu_Items_Constraint =
  /** unique or primary key constraint */
  | 'menu_items_pkey';

/** input type for inserting data into table "menu_items" */
export type Menu_Items_Insert_Input = {
  available?: boolean | null | undefined;
  category?: string | null | undefined;
  description?: string | null | undefined;
  name?: string | null | undefined;
  picture?: string | null | undefined;
  position?: number | null | undefined;
  price?: number | null | undefined;
  restaurant?: Restaurants_Obj_Rel_Insert_Input | null | undefined;
  restaurant_id?: number | null | undefined;
};

/** on_conflict condition type for table "menu_items" */
export type Menu_Items_On_Conflict = {
  constraint: Menu_Items_Constraint;
  update_columns?: Array<Menu_Items_Update_Column>;
  where?: Menu_Items_Bool_Exp | null | undefined;
};

/** select columns of table "menu_items" */
export type Menu_Items_Select_Column =
  /** column name */
  | 'available'
  /** column name */
  | 'category'
  /** column name */
  | 'description'
  /** column name */
  | 'name'
  /** column name */
  | 'picture'
  /** column name */
  | 'position'
  /** column name */
  | 'price'
  /** column name */
  | 'restaurant_id';

/** select "menu_items_aggregate_bool_exp_bool_and_arguments_columns" columns of table "menu_items" */
export type Menu_Items_Select_Column_Menu_Items_Aggregate_Bool_Exp_Bool_And_Arguments_Columns =
  /** column name */
  | 'available';

/** select "menu_items_aggregate_bool_exp_bool_or_arguments_columns" columns of table "menu_items" */
export type Menu_Items_Select_Column_Menu_Items_Aggregate_Bool_Exp_Bool_Or_Arguments_Columns =
  /** column name */
  | 'available';

/** input type for updating data in table "menu_items" */
export type Menu_Items_Set_Input = {
  available?: boolean | null | undefined;
  category?: string | null | undefined;
  description?: string | null | undefined;
  name?: string | null | undefined;
  picture?: string | null | undefined;
  position?: number | null | undefined;
  price?: number | null | undefined;
  restaurant_id?: number | null | undefined;
};

/** update columns of table "menu_items" */
export type Menu_Items_Update_Column =
  /** column name */
  | 'available'
  /** column name */
  | 'category'
  /** column name */
  | 'description'
  /** column name */
  | 'name'
  /** column name */
  | 'picture'
  /** column name */
  | 'position'
  /** column name */
  | 'price'
  /** column name */
  | 'restaurant_id';

export type Opening_Hours_Aggregate_Bool_Exp = {
  count?: Opening_Hours_Aggregate_Bool_Exp_Count | null | undefined;
};

export type Opening_Hours_Aggregate_Bool_Exp_Count = {
  arguments?: Array<Opening_Hours_Select_Column> | null | undefined;
  distinct?: boolean | null | undefined;
  filter?: Opening_Hours_Bool_Exp | null | undefined;
  predicate: Int_Comparison_Exp;
};

/** input type for inserting array relation for remote table "opening_hours" */
export type Opening_Hours_Arr_Rel_Insert_Input = {
  data: Array<Opening_Hours_Insert_Input>;
  /** upsert condition */
  on_conflict?: Opening_Hours_On_Conflict | null | undefined;
};

/** Boolean expression to filter rows from the table "opening_hours". All fields are combined with a logical 'AND'. */
export type Opening_Hours_Bool_Exp = {
  _and?: Array<Opening_Hours_Bool_Exp> | null | undefined;
  _not?: Opening_Hours_Bool_Exp | null | undefined;
  _or?: Array<Opening_Hours_Bool_Exp> | null | undefined;
  closes?: Time_Comparison_Exp | null | undefined;
  opens?: Time_Comparison_Exp | null | undefined;
  period?: Smallint_Comparison_Exp | null | undefined;
  restaurant?: Restaurants_Bool_Exp | null | undefined;
  restaurant_id?: Int_Comparison_Exp | null | undefined;
  weekday?: Smallint_Comparison_Exp | null | undefined;
};

/** unique or primary key constraints on table "opening_hours" */
export type Opening_Hours_Constraint =
  /** unique or primary key constraint */
  | 'opening_hours_pkey';

/** input type for inserting data into table "opening_hours" */
export type Opening_Hours_Insert_Input = {
  closes?: string | null | undefined;
  opens?: string | null | undefined;
  period?: number | null | undefined;
  restaurant?: Restaurants_Obj_Rel_Insert_Input | null | undefined;
  restaurant_id?: number | null | undefined;
  weekday?: number | null | undefined;
};

/** on_conflict condition type for table "opening_hours" */
export type Opening_Hours_On_Conflict = {
  constraint: Opening_Hours_Constraint;
  update_columns?: Array<Opening_Hours_Update_Column>;
  where?: Opening_Hours_Bool_Exp | null | undefined;
};

/** select columns of table "opening_hours" */
export type Opening_Hours_Select_Column =
  /** column name */
  | 'closes'
  /** column name */
  | 'opens'
  /** column name */
  | 'period'
  /** column name */
  | 'restaurant_id'
  /** column name */
  | 'weekday';

/** update columns of table "opening_hours" */
export type Opening_Hours_Update_Column =
  /** column name */
  | 'closes'
  /** column name */
  | 'opens'
  /** column name */
  | 'period'
  /** column name */
  | 'restaurant_id'
  /** column name */
  | 'weekday';

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

/** Boolean expression to filter rows from the table "order_summaries". All fields are combined with a logical 'AND'. */
export type Order_Summaries_Bool_Exp = {
  _and?: Array<Order_Summaries_Bool_Exp> | null | undefined;
  _not?: Order_Summaries_Bool_Exp | null | undefined;
  _or?: Array<Order_Summaries_Bool_Exp> | null | undefined;
  accepted?: Boolean_Comparison_Exp | null | undefined;
  address?: String_Comparison_Exp | null | undefined;
  answer_by?: Timestamptz_Comparison_Exp | null | undefined;
  approved?: Boolean_Comparison_Exp | null | undefined;
  assign_by?: Timestamptz_Comparison_Exp | null | undefined;
  close_reason?: String_Comparison_Exp | null | undefined;
  created?: Timestamptz_Comparison_Exp | null | undefined;
  delivered?: Boolean_Comparison_Exp | null | undefined;
  delivery_failed?: Boolean_Comparison_Exp | null | undefined;
  driver?: String_Comparison_Exp | null | undefined;
  driver_id?: Int_Comparison_Exp | null | undefined;
  food_picked?: Boolean_Comparison_Exp | null | undefined;
  items?: String_Comparison_Exp | null | undefined;
  note?: String_Comparison_Exp | null | undefined;
  order_id?: String_Comparison_Exp | null | undefined;
  preparation_minutes?: Int_Comparison_Exp | null | undefined;
  problem?: String_Comparison_Exp | null | undefined;
  rejected?: Boolean_Comparison_Exp | null | undefined;
  restaurant?: String_Comparison_Exp | null | undefined;
  restaurant_id?: Int_Comparison_Exp | null | undefined;
  status?: String_Comparison_Exp | null | undefined;
  total?: Int_Comparison_Exp | null | undefined;
  user_id?: String_Comparison_Exp | null | undefined;
  waiting_for_approval?: Boolean_Comparison_Exp | null | undefined;
};

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

/** Boolean expression to filter rows from the table "restaurants". All fields are combined with a logical 'AND'. */
export type Restaurants_Bool_Exp = {
  _and?: Array<Restaurants_Bool_Exp> | null | undefined;
  _not?: Restaurants_Bool_Exp | null | undefined;
  _or?: Array<Restaurants_Bool_Exp> | null | undefined;
  auto_approve?: Boolean_Comparison_Exp | null | undefined;
  cuisine?: String_Comparison_Exp | null | undefined;
  description?: String_Comparison_Exp | null | undefined;
  id?: Int_Comparison_Exp | null | undefined;
  menu_items?: Menu_Items_Bool_Exp | null | undefined;
  menu_items_aggregate?: Menu_Items_Aggregate_Bool_Exp | null | undefined;
  name?: String_Comparison_Exp | null | undefined;
  open?: Boolean_Comparison_Exp | null | undefined;
  opening_hours?: Opening_Hours_Bool_Exp | null | undefined;
  opening_hours_aggregate?: Opening_Hours_Aggregate_Bool_Exp | null | undefined;
  paused_until?: Timestamptz_Comparison_Exp | null | undefined;
  picture?: String_Comparison_Exp | null | undefined;
  preparation_minutes?: Int_Comparison_Exp | null | undefined;
  time_zone?: String_Comparison_Exp | null | undefined;
  x?: Float_Comparison_Exp | null | undefined;
  y?: Float_Comparison_Exp | null | undefined;
};

/** unique or primary key constraints on table "restaurants" */
export type Restaurants_Constraint =
  /** unique or primary key constraint */
  | 'restaurants_pkey';

/** input type for inserting data into table "restaurants" */
export type Restaurants_Insert_Input = {
  auto_approve?: boolean | null | undefined;
  cuisine?: string | null | undefined;
  description?: string | null | undefined;
  id?: number | null | undefined;
  menu_items?: Menu_Items_Arr_Rel_Insert_Input | null | undefined;
  name?: string | null | undefined;
  open?: boolean | null | undefined;
  opening_hours?: Opening_Hours_Arr_Rel_Insert_Input | null | undefined;
  paused_until?: string | null | undefined;
  picture?: string | null | undefined;
  preparation_minutes?: number | null | undefined;
  time_zone?: string | null | undefined;
  x?: number | null | undefined;
  y?: number | null | undefined;
};

/** input type for inserting object relation for remote table "restaurants" */
export type Restaurants_Obj_Rel_Insert_Input = {
  data: Restaurants_Insert_Input;
  /** upsert condition */
  on_conflict?: Restaurants_On_Conflict | null | undefined;
};

/** on_conflict condition type for table "restaurants" */
export type Restaurants_On_Conflict = {
  constraint: Restaurants_Constraint;
  update_columns?: Array<Restaurants_Update_Column>;
  where?: Restaurants_Bool_Exp | null | undefined;
};

/** update columns of table "restaurants" */
export type Restaurants_Update_Column =
  /** column name */
  | 'auto_approve'
  /** column name */
  | 'cuisine'
  /** column name */
  | 'description'
  /** column name */
  | 'id'
  /** column name */
  | 'name'
  /** column name */
  | 'open'
  /** column name */
  | 'paused_until'
  /** column name */
  | 'picture'
  /** column name */
  | 'preparation_minutes'
  /** column name */
  | 'time_zone'
  /** column name */
  | 'x'
  /** column name */
  | 'y';

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

/** Boolean expression to compare columns of type "time". All fields are combined with logical 'AND'. */
export type Time_Comparison_Exp = {
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

export type RestaurantsSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type RestaurantsSubscription = { restaurants: Array<{ id: number, name: string, open: boolean, auto_approve: boolean }> };

export type RestaurantOpeningsSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type RestaurantOpeningsSubscription = { restaurant_openings: Array<{ restaurant_id: number | null, opens_at: string | null, paused: boolean | null }> };

export type DriversSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type DriversSubscription = { driver_loads: Array<{ id: number | null, name: string | null, available: boolean | null, orders: number | null }> };

export type SetOpenMutationVariables = Exact<{
  id: number;
  value: boolean;
}>;


export type SetOpenMutation = { changed: { affected_rows: number } | null };

export type SetAutoApproveMutationVariables = Exact<{
  id: number;
  value: boolean;
}>;


export type SetAutoApproveMutation = { changed: { affected_rows: number } | null };

export type SetAvailableMutationVariables = Exact<{
  id: number;
  value: boolean;
}>;


export type SetAvailableMutation = { changed: { affected_rows: number } | null };

export type SetAutoAcceptMutationVariables = Exact<{
  id: number;
  value: boolean;
}>;


export type SetAutoAcceptMutation = { changed: { affected_rows: number } | null };

export type SetManyAvailableMutationVariables = Exact<{
  ids: Array<number> | number;
  value: boolean;
}>;


export type SetManyAvailableMutation = { changed: { affected_rows: number } | null };

export type DriverSubscriptionVariables = Exact<{
  driver: number;
}>;


export type DriverSubscription = { drivers_by_pk: { id: number, name: string, available: boolean, auto_accept: boolean } | null };

export type DriverToAcceptSubscriptionVariables = Exact<{
  driver: number;
  limit: number;
}>;


export type DriverToAcceptSubscription = { work: Array<{ order_id: string | null, address: string | null, restaurant: string | null, restaurant_id: number | null, items: string | null, created: string | null, deadline: string | null }> };

export type DriverToPickUpSubscriptionVariables = Exact<{
  driver: number;
  limit: number;
}>;


export type DriverToPickUpSubscription = { work: Array<{ order_id: string | null, ready_at: string | null, address: string | null, restaurant: string | null, restaurant_id: number | null, items: string | null, created: string | null, restaurant_x: number | null, restaurant_y: number | null, destination_x: number | null, destination_y: number | null }> };

export type DriverToDeliverSubscriptionVariables = Exact<{
  driver: number;
  limit: number;
}>;


export type DriverToDeliverSubscription = { work: Array<{ order_id: string | null, address: string | null, restaurant: string | null, restaurant_id: number | null, items: string | null, created: string | null, restaurant_x: number | null, restaurant_y: number | null, destination_x: number | null, destination_y: number | null }> };

export type DriverPositionSubscriptionVariables = Exact<{
  driver: number;
}>;


export type DriverPositionSubscription = { driver_positions_by_pk: { x: number, y: number, at: string } | null };

export type SetPositionMutationVariables = Exact<{
  position: Driver_Positions_Insert_Input;
}>;


export type SetPositionMutation = { changed: { affected_rows: number } | null };

export type GivenUpEventsSubscriptionVariables = Exact<{
  limit: number;
}>;


export type GivenUpEventsSubscription = { given_up_events: Array<{ id: string | null, trigger_name: string | null, order_id: string | null, tries: number | null, created: string | null, failed: string | null, last_status: number | null, last_response: string | null }> };

export type RedeliverEventsMutationVariables = Exact<{
  ids: Array<string> | string;
}>;


export type RedeliverEventsMutation = { changed: { affected_rows: number } | null };

export type PendingEventsSubscriptionVariables = Exact<{
  limit: number;
}>;


export type PendingEventsSubscription = { pending_events: Array<{ id: string | null, trigger_name: string | null, order_id: string | null, tries: number | null, created: string | null, next_attempt: string | null, failed: string | null, last_status: number | null, last_response: string | null }> };

export type CancelEventsMutationVariables = Exact<{
  ids: Array<string> | string;
}>;


export type CancelEventsMutation = { changed: { affected_rows: number } | null };

export type FailedEventIdsSubscriptionVariables = Exact<{
  limit: number;
}>;


export type FailedEventIdsSubscription = { given_up_events: Array<{ id: string | null }> };

export type RestaurantFiguresSubscriptionVariables = Exact<{
  range: string;
}>;


export type RestaurantFiguresSubscription = { restaurant_figures: Array<{ restaurant_id: number | null, restaurant: string | null, orders: number | null, paid: number | null, delivered: number | null, cancelled: number | null, rejected: number | null, expired: number | null, failed: number | null, refused: number | null, revenue: number | null, refunded: number | null, average_total: number | null, median_ms: number | null, p99_ms: number | null }> };

export type DeliveriesSubscriptionVariables = Exact<{
  driver: number;
  since: string;
  limit: number;
}>;


export type DeliveriesSubscription = { driver_deliveries: Array<{ order_id: string | null, restaurant: string | null, restaurant_id: number | null, status: string | null, close_reason: string | null, ended: string | null, minutes: number | null, kilometres: number | null }> };

export type DeliveryTotalsSubscriptionVariables = Exact<{
  driver: number;
  since: string;
}>;


export type DeliveryTotalsSubscription = { driver_deliveries_aggregate: { aggregate: { count: number, sum: { kilometres: number | null } | null, avg: { minutes: number | null } | null } | null } };

export type OpeningHoursSubscriptionVariables = Exact<{
  restaurant: number;
}>;


export type OpeningHoursSubscription = { restaurants_by_pk: { id: number, time_zone: string, opening_hours: Array<{ weekday: number, opens: string, closes: string }> } | null };

export type SetOpeningHoursMutationVariables = Exact<{
  restaurant: number;
  zone: string;
  hours: Array<Opening_Hours_Insert_Input> | Opening_Hours_Insert_Input;
}>;


export type SetOpeningHoursMutation = { changed: { affected_rows: number } | null, delete_opening_hours: { affected_rows: number } | null, insert_opening_hours: { affected_rows: number } | null };

export type PlaceOrdersMutationVariables = Exact<{
  orders: Array<Orders_Insert_Input> | Orders_Insert_Input;
  items: Array<Items_Insert_Input> | Items_Insert_Input;
}>;


export type PlaceOrdersMutation = { insert_orders: { affected_rows: number } | null, insert_items: { affected_rows: number } | null };

export type MenuSubscriptionVariables = Exact<{
  restaurant: number;
}>;


export type MenuSubscription = { menu_items: Array<{ name: string, price: number, available: boolean, category: string, description: string, picture: string | null }> };

export type SetDishAvailableMutationVariables = Exact<{
  restaurant: number;
  name: string;
  value: boolean;
}>;


export type SetDishAvailableMutation = { changed: { affected_rows: number } | null };

export type UpdateDishMutationVariables = Exact<{
  restaurant: number;
  name: string;
  set: Menu_Items_Set_Input;
}>;


export type UpdateDishMutation = { changed: { affected_rows: number } | null };

export type AddDishMutationVariables = Exact<{
  dish: Menu_Items_Insert_Input;
}>;


export type AddDishMutation = { changed: { affected_rows: number } | null };

export type OrderSummariesSubscriptionVariables = Exact<{
  where: Order_Summaries_Bool_Exp;
  limit: number;
}>;


export type OrderSummariesSubscription = { order_summaries: Array<{ order_id: string | null, user_id: string | null, address: string | null, items: string | null, restaurant: string | null, restaurant_id: number | null, driver: string | null, total: number | null, status: string | null, problem: string | null, close_reason: string | null, created: string | null }> };

export type ExportedOrdersQueryVariables = Exact<{
  where: Order_Summaries_Bool_Exp;
  limit: number;
}>;


export type ExportedOrdersQuery = { order_summaries: Array<{ order_id: string | null, created: string | null, status: string | null, user_id: string | null, restaurant: string | null, items: string | null, total: number | null, address: string | null, driver: string | null, problem: string | null, close_reason: string | null }> };

export type ExportedRefundsQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type ExportedRefundsQuery = { refunds: Array<{ order_id: string, amount: number }> };

export type OrderDetailSubscriptionVariables = Exact<{
  id: string;
}>;


export type OrderDetailSubscription = { order_summaries: Array<{ order_id: string | null, user_id: string | null, address: string | null, note: string | null, items: string | null, restaurant: string | null, restaurant_id: number | null, driver: string | null, total: number | null, status: string | null, problem: string | null, close_reason: string | null, preparation_minutes: number | null, created: string | null }> };

export type OrderHistorySubscriptionVariables = Exact<{
  id: string;
}>;


export type OrderHistorySubscription = { order_history: Array<{ id: number, at: string, step: string, outcome: string, attempt: number | null, event_id: string | null, trace_id: string | null }> };

export type OrderPaymentsSubscriptionVariables = Exact<{
  id: string;
}>;


export type OrderPaymentsSubscription = { payments: Array<{ id: number, attempt: number, status: string, amount: number, created: string }> };

export type OrderRefundsSubscriptionVariables = Exact<{
  id: string;
}>;


export type OrderRefundsSubscription = { refunds: Array<{ id: number, status: Refund_Statuses_Enum, amount: number, created: string }> };

export type OrdersByStatusSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type OrdersByStatusSubscription = { orders_by_status: Array<{ status: string | null, count: number | null, reached: number | null }> };

export type StepTimesSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type StepTimesSubscription = { step_times: Array<{ step: string | null, orders: number | null, p50_ms: number | null, p99_ms: number | null }> };

export type BusiestDriversSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type BusiestDriversSubscription = { driver_loads: Array<{ id: number | null, name: string | null, available: boolean | null, orders: number | null }> };

export type NewestOrdersSubscriptionVariables = Exact<{
  where: Order_Summaries_Bool_Exp;
}>;


export type NewestOrdersSubscription = { order_summaries: Array<{ order_id: string | null, user_id: string | null, items: string | null, restaurant: string | null, restaurant_id: number | null, driver: string | null, total: number | null, status: string | null, created: string | null }> };

export type RestaurantSubscriptionVariables = Exact<{
  restaurant: number;
}>;


export type RestaurantSubscription = { restaurants_by_pk: { id: number, name: string, open: boolean, auto_approve: boolean, preparation_minutes: number } | null };

export type RestaurantOpeningSubscriptionVariables = Exact<{
  restaurant: number;
}>;


export type RestaurantOpeningSubscription = { restaurant_openings: Array<{ opens_at: string | null, paused: boolean | null }> };

export type SetPauseMutationVariables = Exact<{
  restaurant: number;
  until?: string | null | undefined;
}>;


export type SetPauseMutation = { changed: { affected_rows: number } | null };

export type SetPreparationMinutesMutationVariables = Exact<{
  restaurant: number;
  minutes: number;
}>;


export type SetPreparationMinutesMutation = { changed: { affected_rows: number } | null };

export type RestaurantToApproveSubscriptionVariables = Exact<{
  restaurant: number;
  limit: number;
}>;


export type RestaurantToApproveSubscription = { work: Array<{ order_id: string | null, items: string | null, total: number | null, created: string | null, note: string | null, deadline: string | null }> };

export type OrdersToPrepareSubscriptionVariables = Exact<{
  restaurant: number;
}>;


export type OrdersToPrepareSubscription = { orders: Array<{ order_id: string, created: string, status: string | null, total: number | null, close_reason: string | null, note: string | null, preparation_minutes: number | null, approvals: Array<{ at: string }>, items: Array<{ item: string, quantity: number }> }> };

export type RecentOrdersSubscriptionVariables = Exact<{
  restaurant: number;
}>;


export type RecentOrdersSubscription = { orders: Array<{ order_id: string, created: string, status: string | null, total: number | null, close_reason: string | null, note: string | null, items: Array<{ item: string, quantity: number }> }> };

export type StuckCountSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type StuckCountSubscription = { stuck_orders_aggregate: { aggregate: { count: number } | null } };

export type StuckOrdersSubscriptionVariables = Exact<{
  limit: number;
}>;


export type StuckOrdersSubscription = { stuck_orders: Array<{ order_id: string | null, user_id: string | null, restaurant_id: number | null, status: string | null, created: string | null, since: string | null, next_step: string | null, last_step: string | null, last_outcome: string | null, last_event_id: string | null, last_attempt: number | null }> };

export type ReachedPerTenSecondsSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type ReachedPerTenSecondsSubscription = { reached: Array<{ bucket: string | null, placed: number | null, refused: number | null, validated: number | null, paid: number | null, approved: number | null, assigned: number | null, picked_up: number | null, delivered: number | null }> };

export type ReachedPerMinuteSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type ReachedPerMinuteSubscription = { reached: Array<{ bucket: string | null, placed: number | null, refused: number | null, validated: number | null, paid: number | null, approved: number | null, assigned: number | null, picked_up: number | null, delivered: number | null }> };

export type ReachedPerQuarterHourSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type ReachedPerQuarterHourSubscription = { reached: Array<{ bucket: string | null, placed: number | null, refused: number | null, validated: number | null, paid: number | null, approved: number | null, assigned: number | null, picked_up: number | null, delivered: number | null }> };

export type ReachedPerSixHoursSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type ReachedPerSixHoursSubscription = { reached: Array<{ bucket: string | null, placed: number | null, refused: number | null, validated: number | null, paid: number | null, approved: number | null, assigned: number | null, picked_up: number | null, delivered: number | null }> };

export type ToApproveSubscriptionVariables = Exact<{
  limit: number;
}>;


export type ToApproveSubscription = { work: Array<{ order_id: string | null, user_id: string | null, address: string | null, restaurant: string | null, restaurant_id: number | null, items: string | null, total: number | null, created: string | null, note: string | null, deadline: string | null }> };

export type ToPickUpSubscriptionVariables = Exact<{
  limit: number;
}>;


export type ToPickUpSubscription = { work: Array<{ order_id: string | null, user_id: string | null, address: string | null, restaurant: string | null, restaurant_id: number | null, items: string | null, driver: string | null, total: number | null, created: string | null }> };

export type ToDeliverSubscriptionVariables = Exact<{
  limit: number;
}>;


export type ToDeliverSubscription = { work: Array<{ order_id: string | null, user_id: string | null, address: string | null, restaurant: string | null, restaurant_id: number | null, items: string | null, driver: string | null, total: number | null, created: string | null }> };

export type ApproveMutationVariables = Exact<{
  ids: Array<string> | string;
}>;


export type ApproveMutation = { changed: { affected_rows: number } | null };

export type AcceptMutationVariables = Exact<{
  ids: Array<string> | string;
  minutes?: number | null | undefined;
}>;


export type AcceptMutation = { changed: { affected_rows: number } | null };

export type RejectMutationVariables = Exact<{
  ids: Array<string> | string;
  reason: string;
}>;


export type RejectMutation = { changed: { affected_rows: number } | null };

export type PickUpMutationVariables = Exact<{
  ids: Array<string> | string;
}>;


export type PickUpMutation = { changed: { affected_rows: number } | null };

export type DeliverMutationVariables = Exact<{
  ids: Array<string> | string;
}>;


export type DeliverMutation = { changed: { affected_rows: number } | null };

export type FailDeliveryMutationVariables = Exact<{
  ids: Array<string> | string;
  reason: string;
}>;


export type FailDeliveryMutation = { changed: { affected_rows: number } | null };

export type AcceptAssignmentMutationVariables = Exact<{
  ids: Array<string> | string;
}>;


export type AcceptAssignmentMutation = { changed: { affected_rows: number } | null };

export type DeclineAssignmentMutationVariables = Exact<{
  ids: Array<string> | string;
}>;


export type DeclineAssignmentMutation = { changed: { affected_rows: number } | null };


export const RestaurantsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Restaurants"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restaurants"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"open"}},{"kind":"Field","name":{"kind":"Name","value":"auto_approve"}}]}}]}}]} as unknown as DocumentNode<RestaurantsSubscription, RestaurantsSubscriptionVariables>;
export const RestaurantOpeningsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"RestaurantOpenings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restaurant_openings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"opens_at"}},{"kind":"Field","name":{"kind":"Name","value":"paused"}}]}}]}}]} as unknown as DocumentNode<RestaurantOpeningsSubscription, RestaurantOpeningsSubscriptionVariables>;
export const DriversDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Drivers"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"driver_loads"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ListValue","values":[{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"EnumValue","value":"asc"}}]},{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"EnumValue","value":"asc"}}]}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"available"}},{"kind":"Field","name":{"kind":"Name","value":"orders"}}]}}]}}]} as unknown as DocumentNode<DriversSubscription, DriversSubscriptionVariables>;
export const SetOpenDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetOpen"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"value"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_restaurants"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"open"},"value":{"kind":"Variable","name":{"kind":"Name","value":"value"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<SetOpenMutation, SetOpenMutationVariables>;
export const SetAutoApproveDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetAutoApprove"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"value"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_restaurants"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"auto_approve"},"value":{"kind":"Variable","name":{"kind":"Name","value":"value"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<SetAutoApproveMutation, SetAutoApproveMutationVariables>;
export const SetAvailableDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetAvailable"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"value"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_drivers"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"available"},"value":{"kind":"Variable","name":{"kind":"Name","value":"value"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<SetAvailableMutation, SetAvailableMutationVariables>;
export const SetAutoAcceptDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetAutoAccept"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"value"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_drivers"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"auto_accept"},"value":{"kind":"Variable","name":{"kind":"Name","value":"value"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<SetAutoAcceptMutation, SetAutoAcceptMutationVariables>;
export const SetManyAvailableDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetManyAvailable"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"value"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_drivers"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_in"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"available"},"value":{"kind":"Variable","name":{"kind":"Name","value":"value"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<SetManyAvailableMutation, SetManyAvailableMutationVariables>;
export const DriverDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Driver"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"driver"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"drivers_by_pk"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"driver"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"available"}},{"kind":"Field","name":{"kind":"Name","value":"auto_accept"}}]}}]}}]} as unknown as DocumentNode<DriverSubscription, DriverSubscriptionVariables>;
export const DriverToAcceptDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"DriverToAccept"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"driver"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"work"},"name":{"kind":"Name","value":"orders_to_accept"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"driver_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"driver"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"accept_by"},"value":{"kind":"EnumValue","value":"asc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"items"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","alias":{"kind":"Name","value":"deadline"},"name":{"kind":"Name","value":"accept_by"}}]}}]}}]} as unknown as DocumentNode<DriverToAcceptSubscription, DriverToAcceptSubscriptionVariables>;
export const DriverToPickUpDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"DriverToPickUp"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"driver"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"work"},"name":{"kind":"Name","value":"orders_to_pick_up"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"driver_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"driver"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"asc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"ready_at"}},{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"items"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_x"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_y"}},{"kind":"Field","name":{"kind":"Name","value":"destination_x"}},{"kind":"Field","name":{"kind":"Name","value":"destination_y"}}]}}]}}]} as unknown as DocumentNode<DriverToPickUpSubscription, DriverToPickUpSubscriptionVariables>;
export const DriverToDeliverDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"DriverToDeliver"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"driver"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"work"},"name":{"kind":"Name","value":"orders_to_deliver"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"driver_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"driver"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"asc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"items"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_x"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_y"}},{"kind":"Field","name":{"kind":"Name","value":"destination_x"}},{"kind":"Field","name":{"kind":"Name","value":"destination_y"}}]}}]}}]} as unknown as DocumentNode<DriverToDeliverSubscription, DriverToDeliverSubscriptionVariables>;
export const DriverPositionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"DriverPosition"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"driver"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"driver_positions_by_pk"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"driver_id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"driver"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"x"}},{"kind":"Field","name":{"kind":"Name","value":"y"}},{"kind":"Field","name":{"kind":"Name","value":"at"}}]}}]}}]} as unknown as DocumentNode<DriverPositionSubscription, DriverPositionSubscriptionVariables>;
export const SetPositionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetPosition"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"position"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"driver_positions_insert_input"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"insert_driver_positions"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"objects"},"value":{"kind":"ListValue","values":[{"kind":"Variable","name":{"kind":"Name","value":"position"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"on_conflict"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"constraint"},"value":{"kind":"EnumValue","value":"driver_positions_pkey"}},{"kind":"ObjectField","name":{"kind":"Name","value":"update_columns"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"x"},{"kind":"EnumValue","value":"y"}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<SetPositionMutation, SetPositionMutationVariables>;
export const GivenUpEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"GivenUpEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"given_up_events"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"asc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"trigger_name"}},{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"tries"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"last_status"}},{"kind":"Field","name":{"kind":"Name","value":"last_response"}}]}}]}}]} as unknown as DocumentNode<GivenUpEventsSubscription, GivenUpEventsSubscriptionVariables>;
export const RedeliverEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RedeliverEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_given_up_events"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_in"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"redeliver"},"value":{"kind":"BooleanValue","value":true}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<RedeliverEventsMutation, RedeliverEventsMutationVariables>;
export const PendingEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"PendingEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pending_events"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"asc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"trigger_name"}},{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"tries"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"next_attempt"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"last_status"}},{"kind":"Field","name":{"kind":"Name","value":"last_response"}}]}}]}}]} as unknown as DocumentNode<PendingEventsSubscription, PendingEventsSubscriptionVariables>;
export const CancelEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CancelEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_pending_events"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_in"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"cancel"},"value":{"kind":"BooleanValue","value":true}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<CancelEventsMutation, CancelEventsMutationVariables>;
export const FailedEventIdsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"FailedEventIds"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"given_up_events"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]} as unknown as DocumentNode<FailedEventIdsSubscription, FailedEventIdsSubscriptionVariables>;
export const RestaurantFiguresDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"RestaurantFigures"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"range"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restaurant_figures"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"range"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"range"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ListValue","values":[{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"orders"},"value":{"kind":"EnumValue","value":"desc"}}]},{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"restaurant_id"},"value":{"kind":"EnumValue","value":"asc"}}]}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant"}},{"kind":"Field","name":{"kind":"Name","value":"orders"}},{"kind":"Field","name":{"kind":"Name","value":"paid"}},{"kind":"Field","name":{"kind":"Name","value":"delivered"}},{"kind":"Field","name":{"kind":"Name","value":"cancelled"}},{"kind":"Field","name":{"kind":"Name","value":"rejected"}},{"kind":"Field","name":{"kind":"Name","value":"expired"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"refused"}},{"kind":"Field","name":{"kind":"Name","value":"revenue"}},{"kind":"Field","name":{"kind":"Name","value":"refunded"}},{"kind":"Field","name":{"kind":"Name","value":"average_total"}},{"kind":"Field","name":{"kind":"Name","value":"median_ms"}},{"kind":"Field","name":{"kind":"Name","value":"p99_ms"}}]}}]}}]} as unknown as DocumentNode<RestaurantFiguresSubscription, RestaurantFiguresSubscriptionVariables>;
export const DeliveriesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Deliveries"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"driver"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"since"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"timestamptz"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"driver_deliveries"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"driver_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"driver"}}}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"ended"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_gte"},"value":{"kind":"Variable","name":{"kind":"Name","value":"since"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"ended"},"value":{"kind":"EnumValue","value":"desc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"close_reason"}},{"kind":"Field","name":{"kind":"Name","value":"ended"}},{"kind":"Field","name":{"kind":"Name","value":"minutes"}},{"kind":"Field","name":{"kind":"Name","value":"kilometres"}}]}}]}}]} as unknown as DocumentNode<DeliveriesSubscription, DeliveriesSubscriptionVariables>;
export const DeliveryTotalsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"DeliveryTotals"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"driver"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"since"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"timestamptz"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"driver_deliveries_aggregate"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"driver_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"driver"}}}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"ended"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_gte"},"value":{"kind":"Variable","name":{"kind":"Name","value":"since"}}}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"StringValue","value":"delivered","block":false}}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"aggregate"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"count"}},{"kind":"Field","name":{"kind":"Name","value":"sum"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kilometres"}}]}},{"kind":"Field","name":{"kind":"Name","value":"avg"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"minutes"}}]}}]}}]}}]}}]} as unknown as DocumentNode<DeliveryTotalsSubscription, DeliveryTotalsSubscriptionVariables>;
export const OpeningHoursDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"OpeningHours"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restaurants_by_pk"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"time_zone"}},{"kind":"Field","name":{"kind":"Name","value":"opening_hours"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ListValue","values":[{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"weekday"},"value":{"kind":"EnumValue","value":"asc"}}]},{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"opens"},"value":{"kind":"EnumValue","value":"asc"}}]}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"weekday"}},{"kind":"Field","name":{"kind":"Name","value":"opens"}},{"kind":"Field","name":{"kind":"Name","value":"closes"}}]}}]}}]}}]} as unknown as DocumentNode<OpeningHoursSubscription, OpeningHoursSubscriptionVariables>;
export const SetOpeningHoursDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetOpeningHours"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"zone"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"hours"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"opening_hours_insert_input"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_restaurants"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"time_zone"},"value":{"kind":"Variable","name":{"kind":"Name","value":"zone"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}},{"kind":"Field","name":{"kind":"Name","value":"delete_opening_hours"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"restaurant_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}}}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}},{"kind":"Field","name":{"kind":"Name","value":"insert_opening_hours"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"objects"},"value":{"kind":"Variable","name":{"kind":"Name","value":"hours"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<SetOpeningHoursMutation, SetOpeningHoursMutationVariables>;
export const PlaceOrdersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PlaceOrders"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orders"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"orders_insert_input"}}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"items"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"items_insert_input"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"insert_orders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"objects"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orders"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}},{"kind":"Field","name":{"kind":"Name","value":"insert_items"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"objects"},"value":{"kind":"Variable","name":{"kind":"Name","value":"items"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<PlaceOrdersMutation, PlaceOrdersMutationVariables>;
export const MenuDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Menu"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"menu_items"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"restaurant_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ListValue","values":[{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"position"},"value":{"kind":"EnumValue","value":"asc"}}]},{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"EnumValue","value":"asc"}}]}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"price"}},{"kind":"Field","name":{"kind":"Name","value":"available"}},{"kind":"Field","name":{"kind":"Name","value":"category"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"picture"}}]}}]}}]} as unknown as DocumentNode<MenuSubscription, MenuSubscriptionVariables>;
export const SetDishAvailableDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetDishAvailable"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"value"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_menu_items"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"restaurant_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}}}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"available"},"value":{"kind":"Variable","name":{"kind":"Name","value":"value"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<SetDishAvailableMutation, SetDishAvailableMutationVariables>;
export const UpdateDishDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UpdateDish"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"set"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"menu_items_set_input"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_menu_items"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"restaurant_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}}}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"Variable","name":{"kind":"Name","value":"set"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<UpdateDishMutation, UpdateDishMutationVariables>;
export const AddDishDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AddDish"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"dish"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"menu_items_insert_input"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"insert_menu_items"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"objects"},"value":{"kind":"ListValue","values":[{"kind":"Variable","name":{"kind":"Name","value":"dish"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<AddDishMutation, AddDishMutationVariables>;
export const OrderSummariesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"OrderSummaries"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"where"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"order_summaries_bool_exp"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_summaries"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"Variable","name":{"kind":"Name","value":"where"}}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"desc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"user_id"}},{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"items"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"driver"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"problem"}},{"kind":"Field","name":{"kind":"Name","value":"close_reason"}},{"kind":"Field","name":{"kind":"Name","value":"created"}}]}}]}}]} as unknown as DocumentNode<OrderSummariesSubscription, OrderSummariesSubscriptionVariables>;
export const ExportedOrdersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ExportedOrders"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"where"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"order_summaries_bool_exp"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_summaries"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"Variable","name":{"kind":"Name","value":"where"}}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ListValue","values":[{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"desc"}}]},{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"EnumValue","value":"desc"}}]}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"user_id"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant"}},{"kind":"Field","name":{"kind":"Name","value":"items"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"driver"}},{"kind":"Field","name":{"kind":"Name","value":"problem"}},{"kind":"Field","name":{"kind":"Name","value":"close_reason"}}]}}]}}]} as unknown as DocumentNode<ExportedOrdersQuery, ExportedOrdersQueryVariables>;
export const ExportedRefundsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ExportedRefunds"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"refunds"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_in"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"EnumValue","value":"succeeded"}}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"amount"}}]}}]}}]} as unknown as DocumentNode<ExportedRefundsQuery, ExportedRefundsQueryVariables>;
export const OrderDetailDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"OrderDetail"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_summaries"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"user_id"}},{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"note"}},{"kind":"Field","name":{"kind":"Name","value":"items"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"driver"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"problem"}},{"kind":"Field","name":{"kind":"Name","value":"close_reason"}},{"kind":"Field","name":{"kind":"Name","value":"preparation_minutes"}},{"kind":"Field","name":{"kind":"Name","value":"created"}}]}}]}}]} as unknown as DocumentNode<OrderDetailSubscription, OrderDetailSubscriptionVariables>;
export const OrderHistoryDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"OrderHistory"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_history"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"step"}},{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}},{"kind":"Field","name":{"kind":"Name","value":"event_id"}},{"kind":"Field","name":{"kind":"Name","value":"trace_id"}}]}}]}}]} as unknown as DocumentNode<OrderHistorySubscription, OrderHistorySubscriptionVariables>;
export const OrderPaymentsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"OrderPayments"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"payments"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"attempt"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"amount"}},{"kind":"Field","name":{"kind":"Name","value":"created"}}]}}]}}]} as unknown as DocumentNode<OrderPaymentsSubscription, OrderPaymentsSubscriptionVariables>;
export const OrderRefundsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"OrderRefunds"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"refunds"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"amount"}},{"kind":"Field","name":{"kind":"Name","value":"created"}}]}}]}}]} as unknown as DocumentNode<OrderRefundsSubscription, OrderRefundsSubscriptionVariables>;
export const OrdersByStatusDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"OrdersByStatus"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"orders_by_status"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"position"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"count"}},{"kind":"Field","name":{"kind":"Name","value":"reached"}}]}}]}}]} as unknown as DocumentNode<OrdersByStatusSubscription, OrdersByStatusSubscriptionVariables>;
export const StepTimesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"StepTimes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"step_times"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"position"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"step"}},{"kind":"Field","name":{"kind":"Name","value":"orders"}},{"kind":"Field","name":{"kind":"Name","value":"p50_ms"}},{"kind":"Field","name":{"kind":"Name","value":"p99_ms"}}]}}]}}]} as unknown as DocumentNode<StepTimesSubscription, StepTimesSubscriptionVariables>;
export const BusiestDriversDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"BusiestDrivers"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"driver_loads"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ListValue","values":[{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"orders"},"value":{"kind":"EnumValue","value":"desc"}}]},{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"name"},"value":{"kind":"EnumValue","value":"asc"}}]}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"IntValue","value":"10"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"available"}},{"kind":"Field","name":{"kind":"Name","value":"orders"}}]}}]}}]} as unknown as DocumentNode<BusiestDriversSubscription, BusiestDriversSubscriptionVariables>;
export const NewestOrdersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"NewestOrders"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"where"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"order_summaries_bool_exp"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_summaries"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"Variable","name":{"kind":"Name","value":"where"}}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"desc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"IntValue","value":"12"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"user_id"}},{"kind":"Field","name":{"kind":"Name","value":"items"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"driver"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"created"}}]}}]}}]} as unknown as DocumentNode<NewestOrdersSubscription, NewestOrdersSubscriptionVariables>;
export const RestaurantDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Restaurant"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restaurants_by_pk"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"open"}},{"kind":"Field","name":{"kind":"Name","value":"auto_approve"}},{"kind":"Field","name":{"kind":"Name","value":"preparation_minutes"}}]}}]}}]} as unknown as DocumentNode<RestaurantSubscription, RestaurantSubscriptionVariables>;
export const RestaurantOpeningDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"RestaurantOpening"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restaurant_openings"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"restaurant_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}}}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"opens_at"}},{"kind":"Field","name":{"kind":"Name","value":"paused"}}]}}]}}]} as unknown as DocumentNode<RestaurantOpeningSubscription, RestaurantOpeningSubscriptionVariables>;
export const SetPauseDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetPause"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"until"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"timestamptz"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_restaurants"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"paused_until"},"value":{"kind":"Variable","name":{"kind":"Name","value":"until"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<SetPauseMutation, SetPauseMutationVariables>;
export const SetPreparationMinutesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetPreparationMinutes"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"minutes"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_restaurants"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"preparation_minutes"},"value":{"kind":"Variable","name":{"kind":"Name","value":"minutes"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<SetPreparationMinutesMutation, SetPreparationMinutesMutationVariables>;
export const RestaurantToApproveDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"RestaurantToApprove"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"work"},"name":{"kind":"Name","value":"orders_to_approve"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"restaurant_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}}}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"waiting_for_approval"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"BooleanValue","value":true}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"asc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"items"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"note"}},{"kind":"Field","alias":{"kind":"Name","value":"deadline"},"name":{"kind":"Name","value":"answer_by"}}]}}]}}]} as unknown as DocumentNode<RestaurantToApproveSubscription, RestaurantToApproveSubscriptionVariables>;
export const OrdersToPrepareDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"OrdersToPrepare"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"orders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"restaurant_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}}}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_in"},"value":{"kind":"ListValue","values":[{"kind":"StringValue","value":"approved","block":false},{"kind":"StringValue","value":"assigned","block":false}]}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"asc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"IntValue","value":"50"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"close_reason"}},{"kind":"Field","name":{"kind":"Name","value":"note"}},{"kind":"Field","name":{"kind":"Name","value":"preparation_minutes"}},{"kind":"Field","alias":{"kind":"Name","value":"approvals"},"name":{"kind":"Name","value":"order_history"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"outcome"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"StringValue","value":"approved","block":false}}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"at"}}]}},{"kind":"Field","name":{"kind":"Name","value":"items"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"item"}},{"kind":"Field","name":{"kind":"Name","value":"quantity"}}]}}]}}]}}]} as unknown as DocumentNode<OrdersToPrepareSubscription, OrdersToPrepareSubscriptionVariables>;
export const RecentOrdersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"RecentOrders"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"orders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"restaurant_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restaurant"}}}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_in"},"value":{"kind":"ListValue","values":[{"kind":"StringValue","value":"picked_up","block":false},{"kind":"StringValue","value":"delivered","block":false},{"kind":"StringValue","value":"cancelled","block":false},{"kind":"StringValue","value":"rejected","block":false},{"kind":"StringValue","value":"expired","block":false},{"kind":"StringValue","value":"failed","block":false}]}}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"answer_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_is_null"},"value":{"kind":"BooleanValue","value":false}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"desc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"IntValue","value":"20"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"close_reason"}},{"kind":"Field","name":{"kind":"Name","value":"note"}},{"kind":"Field","name":{"kind":"Name","value":"items"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"item"}},{"kind":"Field","name":{"kind":"Name","value":"quantity"}}]}}]}}]}}]} as unknown as DocumentNode<RecentOrdersSubscription, RecentOrdersSubscriptionVariables>;
export const StuckCountDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"StuckCount"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stuck_orders_aggregate"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"aggregate"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"count"}}]}}]}}]}}]} as unknown as DocumentNode<StuckCountSubscription, StuckCountSubscriptionVariables>;
export const StuckOrdersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"StuckOrders"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stuck_orders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"since"},"value":{"kind":"EnumValue","value":"asc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"user_id"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"since"}},{"kind":"Field","name":{"kind":"Name","value":"next_step"}},{"kind":"Field","name":{"kind":"Name","value":"last_step"}},{"kind":"Field","name":{"kind":"Name","value":"last_outcome"}},{"kind":"Field","name":{"kind":"Name","value":"last_event_id"}},{"kind":"Field","name":{"kind":"Name","value":"last_attempt"}}]}}]}}]} as unknown as DocumentNode<StuckOrdersSubscription, StuckOrdersSubscriptionVariables>;
export const ReachedPerTenSecondsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ReachedPerTenSeconds"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"reached"},"name":{"kind":"Name","value":"orders_reached_per_ten_seconds"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"bucket"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"bucket"}},{"kind":"Field","name":{"kind":"Name","value":"placed"}},{"kind":"Field","name":{"kind":"Name","value":"refused"}},{"kind":"Field","name":{"kind":"Name","value":"validated"}},{"kind":"Field","name":{"kind":"Name","value":"paid"}},{"kind":"Field","name":{"kind":"Name","value":"approved"}},{"kind":"Field","name":{"kind":"Name","value":"assigned"}},{"kind":"Field","name":{"kind":"Name","value":"picked_up"}},{"kind":"Field","name":{"kind":"Name","value":"delivered"}}]}}]}}]} as unknown as DocumentNode<ReachedPerTenSecondsSubscription, ReachedPerTenSecondsSubscriptionVariables>;
export const ReachedPerMinuteDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ReachedPerMinute"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"reached"},"name":{"kind":"Name","value":"orders_reached_per_minute"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"bucket"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"bucket"}},{"kind":"Field","name":{"kind":"Name","value":"placed"}},{"kind":"Field","name":{"kind":"Name","value":"refused"}},{"kind":"Field","name":{"kind":"Name","value":"validated"}},{"kind":"Field","name":{"kind":"Name","value":"paid"}},{"kind":"Field","name":{"kind":"Name","value":"approved"}},{"kind":"Field","name":{"kind":"Name","value":"assigned"}},{"kind":"Field","name":{"kind":"Name","value":"picked_up"}},{"kind":"Field","name":{"kind":"Name","value":"delivered"}}]}}]}}]} as unknown as DocumentNode<ReachedPerMinuteSubscription, ReachedPerMinuteSubscriptionVariables>;
export const ReachedPerQuarterHourDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ReachedPerQuarterHour"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"reached"},"name":{"kind":"Name","value":"orders_reached_per_quarter_hour"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"bucket"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"bucket"}},{"kind":"Field","name":{"kind":"Name","value":"placed"}},{"kind":"Field","name":{"kind":"Name","value":"refused"}},{"kind":"Field","name":{"kind":"Name","value":"validated"}},{"kind":"Field","name":{"kind":"Name","value":"paid"}},{"kind":"Field","name":{"kind":"Name","value":"approved"}},{"kind":"Field","name":{"kind":"Name","value":"assigned"}},{"kind":"Field","name":{"kind":"Name","value":"picked_up"}},{"kind":"Field","name":{"kind":"Name","value":"delivered"}}]}}]}}]} as unknown as DocumentNode<ReachedPerQuarterHourSubscription, ReachedPerQuarterHourSubscriptionVariables>;
export const ReachedPerSixHoursDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ReachedPerSixHours"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"reached"},"name":{"kind":"Name","value":"orders_reached_per_six_hours"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"bucket"},"value":{"kind":"EnumValue","value":"asc"}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"bucket"}},{"kind":"Field","name":{"kind":"Name","value":"placed"}},{"kind":"Field","name":{"kind":"Name","value":"refused"}},{"kind":"Field","name":{"kind":"Name","value":"validated"}},{"kind":"Field","name":{"kind":"Name","value":"paid"}},{"kind":"Field","name":{"kind":"Name","value":"approved"}},{"kind":"Field","name":{"kind":"Name","value":"assigned"}},{"kind":"Field","name":{"kind":"Name","value":"picked_up"}},{"kind":"Field","name":{"kind":"Name","value":"delivered"}}]}}]}}]} as unknown as DocumentNode<ReachedPerSixHoursSubscription, ReachedPerSixHoursSubscriptionVariables>;
export const ToApproveDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ToApprove"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"work"},"name":{"kind":"Name","value":"orders_to_approve"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"waiting_for_approval"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"BooleanValue","value":true}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"asc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"user_id"}},{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"items"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"note"}},{"kind":"Field","alias":{"kind":"Name","value":"deadline"},"name":{"kind":"Name","value":"answer_by"}}]}}]}}]} as unknown as DocumentNode<ToApproveSubscription, ToApproveSubscriptionVariables>;
export const ToPickUpDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ToPickUp"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"work"},"name":{"kind":"Name","value":"orders_to_pick_up"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"asc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"user_id"}},{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"items"}},{"kind":"Field","name":{"kind":"Name","value":"driver"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"created"}}]}}]}}]} as unknown as DocumentNode<ToPickUpSubscription, ToPickUpSubscriptionVariables>;
export const ToDeliverDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ToDeliver"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"work"},"name":{"kind":"Name","value":"orders_to_deliver"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"order_by"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"created"},"value":{"kind":"EnumValue","value":"asc"}}]}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order_id"}},{"kind":"Field","name":{"kind":"Name","value":"user_id"}},{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant"}},{"kind":"Field","name":{"kind":"Name","value":"restaurant_id"}},{"kind":"Field","name":{"kind":"Name","value":"items"}},{"kind":"Field","name":{"kind":"Name","value":"driver"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"created"}}]}}]}}]} as unknown as DocumentNode<ToDeliverSubscription, ToDeliverSubscriptionVariables>;
export const ApproveDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Approve"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_orders_to_approve"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_in"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"approved"},"value":{"kind":"BooleanValue","value":true}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<ApproveMutation, ApproveMutationVariables>;
export const AcceptDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Accept"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"minutes"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_orders_to_approve"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_in"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"approved"},"value":{"kind":"BooleanValue","value":true}},{"kind":"ObjectField","name":{"kind":"Name","value":"preparation_minutes"},"value":{"kind":"Variable","name":{"kind":"Name","value":"minutes"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<AcceptMutation, AcceptMutationVariables>;
export const RejectDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Reject"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"reason"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_orders_to_approve"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_in"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"rejected"},"value":{"kind":"BooleanValue","value":true}},{"kind":"ObjectField","name":{"kind":"Name","value":"close_reason"},"value":{"kind":"Variable","name":{"kind":"Name","value":"reason"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<RejectMutation, RejectMutationVariables>;
export const PickUpDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PickUp"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_orders_to_pick_up"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_in"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"food_picked"},"value":{"kind":"BooleanValue","value":true}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<PickUpMutation, PickUpMutationVariables>;
export const DeliverDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Deliver"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_orders_to_deliver"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_in"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"delivered"},"value":{"kind":"BooleanValue","value":true}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<DeliverMutation, DeliverMutationVariables>;
export const FailDeliveryDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"FailDelivery"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"reason"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_orders_to_deliver"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_in"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"delivery_failed"},"value":{"kind":"BooleanValue","value":true}},{"kind":"ObjectField","name":{"kind":"Name","value":"close_reason"},"value":{"kind":"Variable","name":{"kind":"Name","value":"reason"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<FailDeliveryMutation, FailDeliveryMutationVariables>;
export const AcceptAssignmentDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AcceptAssignment"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_assignment"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_in"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"accepted"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"BooleanValue","value":false}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"accepted"},"value":{"kind":"BooleanValue","value":true}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<AcceptAssignmentMutation, AcceptAssignmentMutationVariables>;
export const DeclineAssignmentDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DeclineAssignment"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"changed"},"name":{"kind":"Name","value":"update_assignment"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"order_id"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_in"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"delivered"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"_eq"},"value":{"kind":"BooleanValue","value":false}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"_set"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"declined"},"value":{"kind":"BooleanValue","value":true}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"affected_rows"}}]}}]}}]} as unknown as DocumentNode<DeclineAssignmentMutation, DeclineAssignmentMutationVariables>;