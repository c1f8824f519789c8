//! The permission of a role for one operation on a table.

use super::JsonObject;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Columns that a permission names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PermittedColumns {
    /// `"*"`: also the columns that are added later.
    All,
    Named(Vec<String>),
}

impl PermittedColumns {
    pub fn contains(&self, column: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.iter().any(|name| name == column),
        }
    }
}

impl<'de> Deserialize<'de> for PermittedColumns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected \"*\" or a list of columns")]
        enum Form {
            Star(Star),
            Named(Vec<String>),
        }
        #[derive(Deserialize)]
        enum Star {
            #[serde(rename = "*")]
            Star,
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Star(Star::Star) => Self::All,
            Form::Named(names) => Self::Named(names),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SelectPermission {
    pub columns: PermittedColumns,
    /// Rows that the role can read.
    pub filter: JsonObject,
    /// Maximum number of rows of a list.
    #[serde(default)]
    pub limit: Option<i64>,
    #[serde(default)]
    pub allow_aggregations: bool,
    #[serde(default)]
    pub computed_fields: Vec<String>,
    /// Root fields of queries; `None` permits all.
    #[serde(default)]
    pub query_root_fields: Option<Vec<QueryRootField>>,
    /// Root fields of subscriptions; `None` permits all.
    #[serde(default)]
    pub subscription_root_fields: Option<Vec<SubscriptionRootField>>,
    /// For each column that only some parents of an inherited role grant, the condition on the rows in which it is
    /// visible. It is NULL in other rows.
    #[serde(skip)]
    pub redacted: Vec<(String, JsonObject)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryRootField {
    Select,
    SelectByPk,
    SelectAggregate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionRootField {
    Select,
    SelectByPk,
    SelectAggregate,
    SelectStream,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct InsertPermission {
    /// Condition on the inserted row.
    pub check: JsonObject,
    /// Presets.
    #[serde(default)]
    pub set: Option<JsonObject>,
    /// Columns that a client may set; `None` permits all.
    #[serde(default)]
    pub columns: Option<PermittedColumns>,
    #[serde(default)]
    pub backend_only: Option<bool>,
    #[serde(default)]
    pub validate_input: Option<Value>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct UpdatePermission {
    pub columns: PermittedColumns,
    /// Rows that the role can change.
    pub filter: JsonObject,
    /// Condition on the changed row.
    #[serde(default)]
    pub check: Option<JsonObject>,
    /// Presets.
    #[serde(default)]
    pub set: Option<JsonObject>,
    #[serde(default)]
    pub backend_only: Option<bool>,
    #[serde(default)]
    pub validate_input: Option<Value>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct DeletePermission {
    /// Rows that the role can delete.
    pub filter: JsonObject,
    #[serde(default)]
    pub backend_only: Option<bool>,
    #[serde(default)]
    pub validate_input: Option<Value>,
}

impl InsertPermission {
    pub fn permits(&self, column: &str) -> bool {
        let named = self
            .columns
            .as_ref()
            .is_none_or(|columns| columns.contains(column));
        named && !is_preset(self.set.as_ref(), column)
    }
}

impl UpdatePermission {
    pub fn permits(&self, column: &str) -> bool {
        self.columns.contains(column) && !is_preset(self.set.as_ref(), column)
    }
}

fn is_preset(set: Option<&JsonObject>, column: &str) -> bool {
    set.is_some_and(|set| set.contains_key(column))
}
