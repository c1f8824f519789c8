//! Names in GraphQL: the naming convention and the customization of the served source. They are applied when metadata is
//! resolved, so that requests compare names only.

mod table;
mod words;

use super::names::is_valid;
use super::types::{Metadata, Source};
use serde::Deserialize;
use serde_json::Value;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

pub use table::{Identifier, TableNames};

/// Key of the customization in a source.
pub const CUSTOMIZATION: &str = "customization";

static DEFAULT: OnceLock<NamingConvention> = OnceLock::new();

/// Form of the names that the engine makes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NamingConvention {
    /// `hasura-default`: `insert_user_orders_one`, `user_orders_bool_exp`.
    #[default]
    Hasura,
    /// `graphql-default`: `insertUserOrdersOne`, `UserOrdersBoolExp`.
    Graphql,
}

impl FromStr for NamingConvention {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "hasura-default" => Ok(Self::Hasura),
            "graphql-default" => Ok(Self::Graphql),
            // Hasura's wording
            _ => Err("naming_convention can either be \"graphql-default\" or \"hasura-default\"".to_owned()),
        }
    }
}

impl NamingConvention {
    pub fn name(self) -> &'static str {
        match self {
            Self::Hasura => "hasura-default",
            Self::Graphql => "graphql-default",
        }
    }

    /// Sets the convention of sources that do not choose one. The first call decides for the whole process.
    pub fn set_default(convention: Self) {
        let _ = DEFAULT.set(convention);
    }

    /// Returns the convention of sources that do not choose one.
    pub fn default_of_process() -> Self {
        DEFAULT.get().copied().unwrap_or_default()
    }

    /// Returns the name of a field in `snake_case`, such as a column, by the convention.
    pub fn field(self, name: &str) -> String {
        self.cased(name, lower_first)
    }

    /// Returns the name of a type in `snake_case` by the convention.
    pub fn ty(self, name: &str) -> String {
        self.cased(name, upper_first)
    }

    fn cased(self, name: &str, first: fn(&str) -> String) -> String {
        if self == Self::Hasura {
            return name.to_owned();
        }
        let mut words = snake_words(name).into_iter();
        let first = first(&words.next().unwrap_or_default());
        let cased = words.fold(first, |cased, word| cased + &upper_first(&word));
        // As in Hasura, a name that would become invalid is not changed.
        if is_valid(&cased) { cased } else { name.to_owned() }
    }

    /// Returns the name of an enum value.
    pub fn enum_value(self, value: &str) -> String {
        match self {
            Self::Hasura => value.to_owned(),
            Self::Graphql => value.to_uppercase(),
        }
    }
}

/// Splits a name in `snake_case`; an underscore at its beginning belongs to the first word.
fn snake_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = name.split('_').map(ToOwned::to_owned).collect();
    if words.len() > 1 && words[0].is_empty() {
        words.remove(0);
        words[0].insert(0, '_');
    }
    words
}

fn lower_first(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters.clone()).collect()
}

fn upper_first(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters.clone()).collect()
}

/// Naming of the served source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Naming {
    pub convention: NamingConvention,
    /// Field that contains the root fields.
    pub namespace: Option<String>,
    root_fields: Affixes,
    type_names: Affixes,
}

/// Texts before and after names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
struct Affixes {
    #[serde(default)]
    prefix: Option<String>,
    #[serde(default)]
    suffix: Option<String>,
}

impl Affixes {
    /// As in Hasura, the first part of the result is not changed by the convention.
    fn apply(&self, convention: NamingConvention, name: String) -> String {
        let part = |text: &str| match convention {
            NamingConvention::Hasura => text.to_owned(),
            NamingConvention::Graphql => upper_first(text),
        };
        let mut name = match &self.prefix {
            Some(prefix) => format!("{prefix}{}", part(&name)),
            None => name,
        };
        if let Some(suffix) = &self.suffix {
            name.push_str(&part(suffix));
        }
        name
    }
}

/// Customization as stored.
#[derive(Default, Deserialize)]
struct Customization {
    #[serde(default)]
    root_fields: Option<RootFields>,
    #[serde(default)]
    type_names: Option<Affixes>,
    #[serde(default)]
    naming_convention: Option<String>,
}

#[derive(Default, Deserialize)]
struct RootFields {
    #[serde(default)]
    namespace: Option<String>,
    #[serde(flatten)]
    affixes: Affixes,
}

/// Names of the fields that aggregate the rows of an array relationship, which Hasura makes differently at each place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AggregateNames {
    /// In selections.
    pub field: String,
    /// In conditions.
    pub condition: String,
    /// In orders.
    pub order: String,
}

impl Naming {
    /// Returns the naming of the served source; that of a source without customization if the customization is invalid.
    pub fn of(metadata: &Metadata) -> Arc<Self> {
        let naming = metadata
            .source()
            .map_or_else(|| Self::read(None), Self::of_source);
        Arc::new(naming.unwrap_or_else(|_| Self::read(None).unwrap_or_default()))
    }

    /// Returns the naming of a source, or the reason why its customization is invalid.
    pub fn of_source(source: &Source) -> Result<Self, String> {
        Self::read(source.rest.get(CUSTOMIZATION))
    }

    /// Reads a customization.
    pub fn read(customization: Option<&Value>) -> Result<Self, String> {
        let customization: Customization = match customization {
            None | Some(Value::Null) => Customization::default(),
            Some(value) => Customization::deserialize(value).map_err(|error| error.to_string())?,
        };
        let RootFields { namespace, affixes } = customization.root_fields.unwrap_or_default();
        let convention = match customization.naming_convention {
            Some(convention) => convention.parse()?,
            None => NamingConvention::default_of_process(),
        };
        let naming = Self {
            convention,
            namespace,
            root_fields: affixes,
            type_names: customization.type_names.unwrap_or_default(),
        };
        naming.check_names()?;
        Ok(naming)
    }

    fn check_names(&self) -> Result<(), String> {
        let named = [
            ("root_fields.namespace", &self.namespace),
            ("root_fields.prefix", &self.root_fields.prefix),
            ("root_fields.suffix", &self.root_fields.suffix),
            ("type_names.prefix", &self.type_names.prefix),
            ("type_names.suffix", &self.type_names.suffix),
        ];
        for (key, name) in named {
            if let Some(name) = name.as_ref().filter(|name| !is_valid(name)) {
                return Err(format!("{key}: \"{name}\" is not a valid GraphQL name"));
            }
        }
        Ok(())
    }

    /// Returns a root field with the prefix and the suffix of the source.
    pub fn root_field(&self, name: String) -> String {
        self.root_fields.apply(self.convention, name)
    }

    /// Returns a type with the prefix and the suffix of the source.
    pub fn type_name(&self, name: String) -> String {
        self.type_names.apply(self.convention, name)
    }

    /// Returns the type of the ordering of a cursor. Of the enums of every schema, Hasura customizes this one only.
    pub fn cursor_ordering(&self) -> String {
        self.type_name(self.convention.ty("cursor_ordering"))
    }

    /// Returns the type of the namespace in a root type, such as `query` or `mutation_frontend`.
    pub fn namespace_type(&self, namespace: &str, root: &str) -> String {
        self.type_name(format!("{namespace}_{root}"))
    }

    /// Returns the names of types of every schema that depend on the naming.
    pub(super) fn own_types(&self) -> Vec<String> {
        let mut types = vec![self.convention.ty("order_by"), self.cursor_ordering()];
        if let Some(namespace) = &self.namespace {
            let roots = ["query", "mutation_frontend", "mutation_backend", "subscription"];
            types.extend(roots.map(|root| self.namespace_type(namespace, root)));
        }
        types
    }

    pub(super) fn is_own_type(&self, name: &str) -> bool {
        // Called for each column: the default naming adds nothing.
        *self != Self::default() && self.own_types().iter().any(|own| own == name)
    }

    /// Returns the fields of aggregates of an array relationship.
    pub fn aggregates(&self, relationship: &str) -> AggregateNames {
        let snake = format!("{relationship}_aggregate");
        match self.convention {
            NamingConvention::Hasura => AggregateNames {
                field: snake.clone(),
                condition: snake.clone(),
                order: snake,
            },
            NamingConvention::Graphql => AggregateNames {
                field: self.convention.field(&snake),
                condition: format!("{relationship}Aggregate"),
                order: self.order_aggregate(relationship),
            },
        }
    }

    /// Returns the field of orders by aggregates of the rows of a relationship or computed field.
    pub fn order_aggregate(&self, field: &str) -> String {
        match self.convention {
            NamingConvention::Hasura => format!("{field}_aggregate"),
            NamingConvention::Graphql => format!("{}Aggregate", lower_first(field)),
        }
    }
}

#[cfg(test)]
mod tests;
