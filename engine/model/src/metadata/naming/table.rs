//! Names of what a table adds to the schema.

use super::{Naming, NamingConvention, lower_first, snake_words, upper_first};
use crate::catalog::TableName;
use std::sync::Arc;

/// Name of a table or function before it becomes part of other names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// `orders`, or `schema_orders` outside `public`; or the custom name.
    pub plain: String,
    /// Its words; a custom name is one word.
    words: Vec<String>,
    is_custom: bool,
}

impl Identifier {
    pub fn of(name: &TableName) -> Self {
        let mut words = Vec::new();
        let mut plain = String::new();
        if name.schema != "public" {
            words = snake_words(&name.schema);
            plain = format!("{}_", name.schema);
        }
        words.extend(snake_words(&name.name));
        plain.push_str(&name.name);
        Self {
            plain,
            words,
            is_custom: false,
        }
    }

    pub fn custom(name: &str) -> Self {
        Self {
            plain: name.to_owned(),
            words: vec![name.to_owned()],
            is_custom: true,
        }
    }
}

/// Names of what a table adds to the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableNames {
    pub naming: Arc<Naming>,
    base: Identifier,
}

impl TableNames {
    pub fn new(naming: &Arc<Naming>, base: Identifier) -> Self {
        Self {
            naming: Arc::clone(naming),
            base,
        }
    }

    /// Returns the name of the table in GraphQL without a convention.
    pub fn plain(&self) -> &str {
        &self.base.plain
    }

    /// Returns the name of the object type: `orders`.
    pub fn object(&self) -> String {
        self.naming.type_name(self.joined(upper_first, &[]))
    }

    /// Returns the name of a type: `orders_bool_exp`.
    pub fn ty(&self, suffix: &str) -> String {
        let name = match self.naming.convention {
            NamingConvention::Hasura => format!("{}_{suffix}", self.base.plain),
            NamingConvention::Graphql => {
                let words: Vec<&str> = suffix.split('_').collect();
                self.joined(upper_first, &words)
            }
        };
        self.naming.type_name(name)
    }

    /// `orders_aggregate_bool_exp`. As in Hasura, it and the two following ones have neither a prefix nor a suffix.
    pub fn aggregate_bool_exp(&self) -> String {
        self.joined(upper_first, &["aggregate", "bool", "exp"])
    }

    /// `orders_aggregate_bool_exp_count`.
    pub fn aggregate_condition(&self, function: &str) -> String {
        self.joined(lower_first, &["aggregate", "bool", "exp", function])
    }

    /// `orders_aggregate_bool_exp_corr_arguments`, of a function of two columns.
    pub fn aggregate_condition_arguments(&self, function: &str) -> String {
        self.joined(lower_first, &["aggregate", "bool", "exp", function, "arguments"])
    }

    /// The columns that a function of a condition takes:
    /// `orders_select_column_orders_aggregate_bool_exp_bool_and_arguments_columns`.
    pub fn aggregate_condition_columns(&self, function: &str) -> String {
        let base = self.base.words.iter().map(String::as_str);
        let words: Vec<&str> = ["select", "column"]
            .into_iter()
            .chain(base)
            .chain(["aggregate", "bool", "exp", function, "arguments", "columns"])
            .collect();
        self.naming.type_name(self.joined(upper_first, &words))
    }

    /// Describes the columns of [`Self::aggregate_condition_columns`].
    pub fn aggregate_condition_columns_text(&self, function: &str) -> String {
        self.joined(
            lower_first,
            &["aggregate", "bool", "exp", function, "arguments", "columns"],
        )
    }

    /// Returns a root field: `insert_orders_one`.
    pub fn root_field(&self, before: Option<&str>, after: &[&str]) -> String {
        let name = match before {
            None => self.joined(lower_first, after),
            Some(before) => {
                let words = self.base.words.iter().map(String::as_str);
                let words = words.chain(after.iter().copied());
                join(self.naming.convention, before.to_owned(), words)
            }
        };
        self.naming.root_field(name)
    }

    /// Joins the name of the table with words; `first` changes the first letter unless the name is a custom one.
    fn joined(&self, first: fn(&str) -> String, words: &[&str]) -> String {
        let convention = self.naming.convention;
        let mut base = self.base.words.iter().map(String::as_str);
        let start = base.next().unwrap_or_default();
        let start = if self.base.is_custom || convention == NamingConvention::Hasura {
            start.to_owned()
        } else {
            first(start)
        };
        join(convention, start, base.chain(words.iter().copied()))
    }
}

fn join<'w>(convention: NamingConvention, first: String, words: impl Iterator<Item = &'w str>) -> String {
    words.fold(first, |mut name, word| {
        match convention {
            NamingConvention::Hasura => {
                name.push('_');
                name.push_str(word);
            }
            NamingConvention::Graphql => name.push_str(&upper_first(word)),
        }
        name
    })
}
