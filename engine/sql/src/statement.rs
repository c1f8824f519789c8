//! Printed SQL and the sources of its parameters.

use crate::literal::push_element;
use crate::quote::push_literal;
use std::borrow::Cow;
use std::sync::Arc;

/// A statement and the sources of its parameters. All parameters travel in text format; the SQL casts each
/// (`$1::int4`), so that Postgres itself checks them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The SQL with `$n` placeholders.
    pub sql: Arc<str>,
    pub params: Vec<ParamSource>,
    /// Number of queries and subqueries.
    pub queries: usize,
    /// Tables and views in FROM, each once.
    pub reads: Vec<Relation>,
    /// Tables and views whose rows the statement changes, each once.
    pub writes: Vec<Relation>,
    /// Whether the statement calls functions of the database, which can read and change any table.
    pub calls_functions: bool,
}

/// Qualified name of a table or view.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relation {
    pub schema: String,
    pub name: String,
}

/// Source of a parameter's value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ParamSource {
    /// Text form known when the statement is planned; `None` is NULL.
    Literal(Option<String>),
    /// Value of the request: a variable or a session variable, by its index in the plan's list of request values.
    Request(usize),
    /// Session variable that does not have an index yet; see [`Statement::index_session_variables`].
    Session(String),
    /// Array literal into which values of the request are inserted.
    Array(Vec<Fragment>),
    /// Value that an earlier statement produces.
    Deferred(DeferredValue),
}

/// Part of a [`ParamSource::Array`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Fragment {
    /// Text of the literal: braces, commas and quoted elements.
    Text(String),
    /// Element: value of the request, by its index in the plan's list of request values.
    Request(usize),
    /// Element: session variable that does not have an index yet.
    Session(String),
}

/// Source of a value that an earlier statement produces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeferredValue {
    /// The changed rows as an array literal of their text forms.
    Rows,
    /// Number of changed rows.
    Affected,
    /// Column of the row inserted for the parent: index in that step's outputs.
    Parent(usize),
    /// Column of a row inserted earlier: index of the step and index in its outputs.
    Before(usize, usize),
    /// Cursor position of a stream.
    Cursor,
}

/// A statement and its parameters in text form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundStatement<'v> {
    pub sql: Cow<'v, str>,
    /// `None` is NULL.
    pub params: Vec<Option<Cow<'v, str>>>,
}

impl BoundStatement<'_> {
    /// Returns the SQL with the parameters as literals, for display and for `EXPLAIN` outside of the engine.
    pub fn with_literals(&self) -> String {
        let mut out = String::with_capacity(self.sql.len());
        let mut quote = None;
        let mut rest = &*self.sql;
        while let Some(c) = rest.chars().next() {
            let number = rest.strip_prefix('$').map(|after| {
                let end = after.find(|c: char| !c.is_ascii_digit());
                after.split_at(end.unwrap_or(after.len()))
            });
            if let (None, Some((digits, after))) = (quote, number)
                && let Some(index) = digits.parse::<usize>().ok().and_then(|n| n.checked_sub(1))
                && let Some(param) = self.params.get(index)
            {
                match param {
                    Some(text) => push_literal(&mut out, text),
                    None => out.push_str("NULL"),
                }
                rest = after;
                continue;
            }
            if matches!(c, '\'' | '"') {
                quote = match quote {
                    None => Some(c),
                    Some(open) if open == c => None,
                    open => open,
                };
            }
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
        out
    }
}

impl ParamSource {
    /// Returns the value in text form. `values` are the values of the request; `deferred` returns those of earlier
    /// statements.
    pub fn resolve<'v>(
        &'v self,
        values: &'v [Option<String>],
        deferred: impl FnOnce(DeferredValue) -> Option<Cow<'v, str>>,
    ) -> Option<Cow<'v, str>> {
        let request = |index: usize| values.get(index).and_then(Option::as_deref);
        match self {
            Self::Literal(text) => text.as_deref().map(Cow::Borrowed),
            Self::Request(index) => request(*index).map(Cow::Borrowed),
            Self::Session(_) => None,
            Self::Array(fragments) => {
                let mut literal = String::new();
                for fragment in fragments {
                    match fragment {
                        Fragment::Text(text) => literal.push_str(text),
                        Fragment::Request(index) => push_element(&mut literal, request(*index)),
                        Fragment::Session(_) => push_element(&mut literal, None),
                    }
                }
                Some(Cow::Owned(literal))
            }
            Self::Deferred(value) => deferred(*value),
        }
    }
}

impl Statement {
    /// Returns the statement with its parameters in text form. `values` are the values of the request; `deferred` returns
    /// those of earlier statements.
    pub fn bind<'v>(
        &'v self,
        values: &'v [Option<String>],
        deferred: impl Fn(DeferredValue) -> Option<Cow<'v, str>>,
    ) -> BoundStatement<'v> {
        let sources = self.params.iter();
        BoundStatement {
            sql: Cow::Borrowed(&self.sql),
            params: sources.map(|source| source.resolve(values, &deferred)).collect(),
        }
    }

    /// Replaces the names of session variables by indexes in the list of request values, which `index` returns.
    pub fn index_session_variables(&mut self, mut index: impl FnMut(&str) -> usize) {
        for param in &mut self.params {
            match param {
                ParamSource::Session(name) => *param = ParamSource::Request(index(name)),
                ParamSource::Array(fragments) => {
                    for fragment in fragments {
                        if let Fragment::Session(name) = fragment {
                            *fragment = Fragment::Request(index(name));
                        }
                    }
                }
                ParamSource::Literal(_) | ParamSource::Request(_) | ParamSource::Deferred(_) => {}
            }
        }
    }

    /// Returns the indexes of the request values in the parameters, each as often as it is used.
    pub fn requested(&self) -> impl Iterator<Item = usize> {
        self.params.iter().flat_map(|param| {
            let (one, fragments) = match param {
                ParamSource::Request(index) => (Some(*index), [].as_slice()),
                ParamSource::Array(fragments) => (None, fragments.as_slice()),
                ParamSource::Literal(_) | ParamSource::Session(_) | ParamSource::Deferred(_) => {
                    (None, [].as_slice())
                }
            };
            let in_array = fragments.iter().filter_map(|fragment| match fragment {
                Fragment::Request(index) => Some(*index),
                Fragment::Text(_) | Fragment::Session(_) => None,
            });
            one.into_iter().chain(in_array)
        })
    }

    /// Returns the number of bytes of the SQL, of the names of tables, and of the parameters known when the statement was planned.
    pub fn size(&self) -> usize {
        let params = self.params.iter().map(|param| {
            let text = match param {
                ParamSource::Literal(Some(text)) => text.len(),
                ParamSource::Array(fragments) => fragments.iter().map(Fragment::size).sum(),
                ParamSource::Session(name) => name.len(),
                ParamSource::Literal(None) | ParamSource::Request(_) | ParamSource::Deferred(_) => 0,
            };
            size_of::<ParamSource>() + text
        });
        let relations = self.reads.iter().chain(&self.writes);
        let names =
            relations.map(|relation| size_of::<Relation>() + relation.schema.len() + relation.name.len());
        self.sql.len() + names.sum::<usize>() + params.sum::<usize>()
    }
}

impl Fragment {
    fn size(&self) -> usize {
        let text = match self {
            Self::Text(text) | Self::Session(text) => text.len(),
            Self::Request(_) => 0,
        };
        size_of::<Self>() + text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_replace_parameters_outside_of_quotes() {
        let statement = BoundStatement {
            sql: Cow::Borrowed(r#"SELECT '$1', "$2", ($1)::text, ($2)::int4, $10"#),
            params: vec![Some(Cow::Borrowed("it's $2")), None],
        };
        assert_eq!(
            statement.with_literals(),
            r#"SELECT '$1', "$2", ('it''s $2')::text, (NULL)::int4, $10"#
        );
    }

    #[test]
    fn session_variables_get_the_index_of_their_name() {
        let mut statement = Statement {
            queries: 1,
            reads: Vec::new(),
            writes: Vec::new(),
            calls_functions: false,
            sql: "".into(),
            params: vec![
                ParamSource::Session("x-hasura-a".to_owned()),
                ParamSource::Array(vec![
                    Fragment::Text("{".to_owned()),
                    Fragment::Session("x-hasura-b".to_owned()),
                    Fragment::Text("}".to_owned()),
                ]),
                ParamSource::Session("x-hasura-a".to_owned()),
            ],
        };
        let mut names: Vec<String> = Vec::new();
        statement.index_session_variables(|name| {
            names.iter().position(|known| known == name).unwrap_or_else(|| {
                names.push(name.to_owned());
                names.len() - 1
            })
        });
        assert_eq!(names, ["x-hasura-a", "x-hasura-b"]);
        let values = [Some("1".to_owned()), Some("2".to_owned())];
        let bound = statement.bind(&values, |_| None);
        let params: Vec<Option<&str>> = bound.params.iter().map(Option::as_deref).collect();
        assert_eq!(params, [Some("1"), Some("{\"2\"}"), Some("1")]);
    }

    #[test]
    fn params_are_resolved_from_their_sources() {
        let statement = Statement {
            queries: 1,
            reads: Vec::new(),
            writes: Vec::new(),
            calls_functions: false,
            sql: "".into(),
            params: vec![
                ParamSource::Literal(Some("a".to_owned())),
                ParamSource::Literal(None),
                ParamSource::Request(1),
                ParamSource::Request(0),
                ParamSource::Array(vec![
                    Fragment::Text("{".to_owned()),
                    Fragment::Request(1),
                    Fragment::Text(",".to_owned()),
                    Fragment::Request(0),
                    Fragment::Text("}".to_owned()),
                ]),
                ParamSource::Deferred(DeferredValue::Affected),
                ParamSource::Deferred(DeferredValue::Cursor),
            ],
        };
        let values = [None, Some("1\"".to_owned())];
        let bound = statement.bind(&values, |value| {
            (value == DeferredValue::Affected).then_some(Cow::Borrowed("3"))
        });
        let params: Vec<Option<&str>> = bound.params.iter().map(Option::as_deref).collect();
        assert_eq!(
            params,
            [
                Some("a"),
                None,
                Some("1\""),
                None,
                Some(r#"{"1\"",NULL}"#),
                Some("3"),
                None
            ]
        );
    }
}
