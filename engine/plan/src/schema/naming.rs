//! Names of every schema by the naming of the source.

use super::RoleSchema;
use super::scalar::value_type;
use engine_model::catalog::PgType;
use engine_model::metadata::naming::{Naming, NamingConvention};

/// Types of every schema.
#[derive(Debug)]
pub(super) struct SchemaNames {
    convention: NamingConvention,
    order_by: String,
    cursor_ordering: String,
    jsonb_cast: String,
    namespace: Option<Namespace>,
}

/// Field of the root types that contains the root fields.
#[derive(Debug)]
pub struct Namespace {
    pub field: String,
    pub query: String,
    pub mutation: String,
    pub subscription: String,
}

impl SchemaNames {
    /// `backend`: whether the mutations are those of backends.
    pub(super) fn new(naming: &Naming, backend: bool) -> Self {
        let convention = naming.convention;
        let mutation = if backend {
            "mutation_backend"
        } else {
            "mutation_frontend"
        };
        let namespace = naming.namespace.as_ref().map(|field| Namespace {
            field: field.clone(),
            query: naming.namespace_type(field, "query"),
            mutation: naming.namespace_type(field, mutation),
            subscription: naming.namespace_type(field, "subscription"),
        });
        Self {
            convention,
            order_by: convention.ty("order_by"),
            cursor_ordering: naming.cursor_ordering(),
            jsonb_cast: convention.ty("jsonb_cast_exp"),
            namespace,
        }
    }
}

impl RoleSchema {
    /// Returns a name of every schema by the convention.
    pub fn word(&self, name: &'static str) -> &'static str {
        self.names.convention.word(name)
    }

    /// Returns the name by `hasura-default` of a name that the schema contains.
    pub fn snake<'n>(&self, name: &'n str) -> &'n str {
        self.names.convention.snake(name)
    }

    /// The enum of orders.
    pub fn order_by_type(&self) -> &str {
        &self.names.order_by
    }

    /// The enum of orderings of cursors.
    pub fn cursor_ordering_type(&self) -> &str {
        &self.names.cursor_ordering
    }

    /// The conditions on jsonb after a cast.
    pub fn jsonb_cast_type(&self) -> &str {
        &self.names.jsonb_cast
    }

    /// The namespace of the root fields.
    pub fn namespace(&self) -> Option<&Namespace> {
        self.names.namespace.as_ref()
    }

    /// Returns the name of the type of a column's comparisons.
    pub fn comparison_type(&self, ty: &PgType) -> String {
        let value = value_type(ty);
        let suffix = if value.lists > 0 {
            "array_comparison_exp"
        } else {
            "comparison_exp"
        };
        let name = format!("{}_{suffix}", value.name);
        match self.names.convention {
            NamingConvention::Hasura => name,
            convention @ NamingConvention::Graphql => convention.ty(&name),
        }
    }
}
