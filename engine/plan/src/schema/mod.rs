//! Catalog + metadata + role → GraphQL schema: the API of one role as an immutable snapshot.
//!
//! - [`api`]: the tables of the API, shared by all roles
//! - [`table`], `access`: a table as a role sees it: a reference to the shared table and the role's permissions
//! - [`type_names`]: names of the types that come from a table
//! - [`roots`]: the fields of `query_root`, `mutation_root`, `subscription_root`
//! - [`functions`]: the fields of tracked functions
//! - [`naming`]: names of every schema
//! - [`operators`]: operators of updates, enum values
//! - [`scalar`]: Postgres types → GraphQL scalars and their operators
//! - [`description`]: types, fields, arguments and input fields, derived from it when first needed
//! - [`introspection`]: `__schema` and `__type`, answered from the description

mod access;
pub mod api;
pub(crate) mod description;
pub mod functions;
pub(crate) mod introspection;
pub mod naming;
pub(crate) mod operators;
pub mod roots;
pub mod scalar;
pub mod table;
pub mod type_names;

use crate::limits::ConditionCount;
use crate::permissions::Permissions;
use access::Access;
use api::ApiTables;
use description::Description;
use engine_model::catalog::{PgType, TableName};
use engine_model::metadata::function::Exposure;
use engine_model::metadata::tracked::TrackedTable;
use engine_sql::guard::ByteLimit;
use functions::Functions;
use indexmap::IndexMap;
use naming::SchemaNames;
use roots::{MutationRoot, QueryRoot, Root};
use scalar::ComparisonOperator;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use table::TableSchema;

/// Settings of the API, the same for all roles.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a separate option, as in Hasura"
)]
pub struct SchemaOptions {
    /// Whether bigint, numeric and float8 are printed as strings.
    pub stringify_numeric_types: bool,
    /// Whether null makes a condition true, as in Hasura v1, instead of being an error.
    pub v1_boolean_null_collapse: bool,
    /// Roles other than admin whose clients may use the operators that are expensive.
    pub expensive_operators: RoleSet,
    /// Whether roles need a permission for functions that are queries, and not only for the tables whose rows they return.
    pub explicit_function_permissions: bool,
    /// Whether roles other than admin may run the operations of the allow list only.
    pub allow_list: bool,
    /// Maximum number of bytes of a response to the admin; 0 means no limit.
    pub max_response_bytes: usize,
    /// The same for other roles.
    pub max_role_response_bytes: usize,
}

/// Set of roles in the settings of a process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RoleSet {
    #[default]
    All,
    Named(&'static [String]),
}

impl RoleSet {
    pub fn contains(self, role: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(roles) => roles.iter().any(|named| named == role),
        }
    }
}

/// Immutable schema of one role: a view of the tables that all roles share.
#[derive(Debug)]
pub struct RoleSchema {
    /// Tables of the GraphQL API that the role has a permission for.
    tables: IndexMap<TableName, TableSchema>,
    /// Tables whose names GraphQL cannot represent; only data commands read them.
    data_tables: HashMap<TableName, TableSchema>,
    queries: IndexMap<String, Root<QueryRoot>>,
    subscriptions: IndexMap<String, Root<QueryRoot>>,
    /// Streams, and each one's place in `tables`.
    streams: IndexMap<String, usize>,
    mutations: IndexMap<String, Root<MutationRoot>>,
    functions: Functions,
    names: SchemaNames,
    options: SchemaOptions,
    /// Whether clients may use the operators that are expensive.
    expensive_operators: bool,
    response: ByteLimit,
    /// Role whose introspection is disabled, if it is.
    introspection_disabled_for: Option<String>,
    description: OnceLock<Description>,
}

impl RoleSchema {
    /// Builds the schema of admin.
    pub fn admin(tables: &Arc<ApiTables>, backend: bool, options: SchemaOptions) -> Self {
        let mut schema = Self::build(tables, options, backend, |_| Access::Full);
        schema.expensive_operators = true;
        schema.add_functions(tables.tracked().functions.values(), |_| true);
        schema.response = ByteLimit {
            bytes: options.max_response_bytes,
            of_role: false,
        };
        schema
    }

    /// Builds the schema of another role. A role without permissions sees no tables. `backend` adds the mutations that
    /// permissions restrict to backends.
    pub fn of_role(
        tables: &Arc<ApiTables>,
        permissions: &Permissions,
        role: &str,
        backend: bool,
        options: SchemaOptions,
    ) -> Self {
        let mut schema = Self::build(tables, options, backend, |table| {
            Access::of_role(permissions.of_role(role, table), table, backend)
        });
        schema.expensive_operators = options.expensive_operators.contains(role);
        let functions = &tables.tracked().functions;
        if !functions.is_empty() {
            let lineage = permissions.lineage(role);
            schema.add_functions(functions.values(), |function| {
                let infers = function.exposure == Exposure::Query && !options.explicit_function_permissions;
                infers || lineage.iter().any(|role| function.roles.contains(*role))
            });
        }
        schema
    }

    fn build(
        all: &Arc<ApiTables>,
        options: SchemaOptions,
        backend: bool,
        access: impl Fn(&TrackedTable) -> Access,
    ) -> Self {
        let mut tables = IndexMap::new();
        let mut data_tables = HashMap::new();
        for (name, table, names) in all.iter() {
            let access = access(table);
            if access.is_none() {
                continue;
            }
            let schema = TableSchema::new(all, table, names, access);
            if table.in_graphql {
                tables.insert(name.clone(), schema);
            } else {
                data_tables.insert(name.clone(), schema);
            }
        }
        let mut schema = Self {
            tables,
            data_tables,
            queries: IndexMap::new(),
            subscriptions: IndexMap::new(),
            streams: IndexMap::new(),
            mutations: IndexMap::new(),
            functions: Functions::default(),
            names: SchemaNames::new(&all.tracked().naming, backend),
            options,
            expensive_operators: false,
            response: ByteLimit {
                bytes: options.max_role_response_bytes,
                of_role: true,
            },
            introspection_disabled_for: None,
            description: OnceLock::new(),
        };
        schema.add_root_fields();
        schema
    }

    /// Disables introspection for the role.
    #[must_use]
    pub fn without_introspection(mut self, role: &str) -> Self {
        self.introspection_disabled_for = Some(role.to_owned());
        self
    }

    /// Returns the role whose introspection is disabled, if it is.
    pub fn introspection_disabled_for(&self) -> Option<&str> {
        self.introspection_disabled_for.as_deref()
    }

    pub fn options(&self) -> SchemaOptions {
        self.options
    }

    /// Returns the limit of the response of a root field.
    pub fn response_limit(&self) -> ByteLimit {
        self.response
    }

    /// Returns the count of the conditions of a statement, with the limit of the role.
    pub(crate) fn condition_count(&self) -> ConditionCount {
        if self.response.of_role {
            ConditionCount::of_role()
        } else {
            ConditionCount::of_admin()
        }
    }

    /// Whether clients may use the operators that are expensive.
    pub fn allows_expensive_operators(&self) -> bool {
        self.expensive_operators
    }

    /// Returns the operators that clients may compare a column of a type by.
    pub fn operators(&self, ty: &PgType) -> impl Iterator<Item = &'static ComparisonOperator> {
        let all = self.expensive_operators;
        scalar::operators(ty).filter(move |operator| all || !operator.is_expensive())
    }

    /// A table that the role has any permission for.
    pub fn table(&self, name: &TableName) -> Option<&TableSchema> {
        self.tables.get(name)
    }

    /// A table of the GraphQL API that the role may read.
    pub fn selectable(&self, name: &TableName) -> Option<&TableSchema> {
        self.table(name).filter(|table| table.can_select())
    }

    /// Returns a table that the role has any permission for, also if it is not part of the GraphQL API.
    pub fn data_table(&self, name: &TableName) -> Option<&TableSchema> {
        self.table(name).or_else(|| self.data_tables.get(name))
    }

    /// Returns a table that the role may read, also if it is not part of the GraphQL API.
    pub fn readable(&self, name: &TableName) -> Option<&TableSchema> {
        self.data_table(name).filter(|table| table.can_select())
    }

    /// All tables that the role sees.
    pub fn tables(&self) -> impl Iterator<Item = &TableSchema> {
        self.tables.values()
    }

    /// A field of `query_root`.
    pub fn query(&self, field: &str) -> Option<(QueryRoot, &TableSchema)> {
        let root = self.queries.get(field)?;
        Some((root.kind, self.tables.get_index(root.table)?.1))
    }

    /// All fields of `query_root`.
    pub fn queries(&self) -> impl Iterator<Item = (&str, QueryRoot, &TableSchema)> {
        self.reads(&self.queries)
    }

    /// A field of `subscription_root`, apart from streams.
    pub fn subscription(&self, field: &str) -> Option<(QueryRoot, &TableSchema)> {
        let root = self.subscriptions.get(field)?;
        Some((root.kind, self.tables.get_index(root.table)?.1))
    }

    /// All fields of `subscription_root`, apart from streams.
    pub fn subscriptions(&self) -> impl Iterator<Item = (&str, QueryRoot, &TableSchema)> {
        self.reads(&self.subscriptions)
    }

    fn reads<'s>(
        &'s self,
        roots: &'s IndexMap<String, Root<QueryRoot>>,
    ) -> impl Iterator<Item = (&'s str, QueryRoot, &'s TableSchema)> {
        roots
            .iter()
            .filter_map(|(name, root)| Some((name.as_str(), root.kind, self.tables.get_index(root.table)?.1)))
    }

    /// A field of `subscription_root` alone: what streams of that name are of.
    pub fn stream(&self, field: &str) -> Option<&TableSchema> {
        Some(self.tables.get_index(*self.streams.get(field)?)?.1)
    }

    /// All streams.
    pub fn streams(&self) -> impl Iterator<Item = (&str, &TableSchema)> {
        self.streams
            .iter()
            .filter_map(|(name, place)| Some((name.as_str(), self.tables.get_index(*place)?.1)))
    }

    /// A field of `mutation_root`.
    pub fn mutation(&self, field: &str) -> Option<(MutationRoot, &TableSchema)> {
        let root = self.mutations.get(field)?;
        Some((root.kind, self.tables.get_index(root.table)?.1))
    }

    /// All fields of `mutation_root`.
    pub fn mutations(&self) -> impl Iterator<Item = (&str, MutationRoot, &TableSchema)> {
        self.mutations
            .iter()
            .filter_map(|(name, root)| Some((name.as_str(), root.kind, self.tables.get_index(root.table)?.1)))
    }

    /// Whether the role can read anything.
    pub fn has_queries(&self) -> bool {
        !self.queries.is_empty() || self.function_queries().next().is_some()
    }

    /// Whether the role can change anything.
    pub fn has_mutations(&self) -> bool {
        !self.mutations.is_empty() || self.function_mutations().next().is_some()
    }

    /// The description, built at first use. Roles without tables share one: any request header can name a role.
    pub(crate) fn description(&self) -> &Description {
        static WITHOUT_TABLES: OnceLock<Description> = OnceLock::new();
        let description = if self.tables.is_empty() {
            &WITHOUT_TABLES
        } else {
            &self.description
        };
        description.get_or_init(|| description::describe(self))
    }
}
