//! Printed SQL and the sources of its parameters.

use crate::literal::push_element;
use std::borrow::Cow;
use std::sync::Arc;

/// A statement and the sources of its parameters. All parameters travel in text format; the SQL casts each
/// (`$1::int4`), so that Postgres itself checks them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The SQL with `$n` placeholders.
    pub sql: Arc<str>,
    pub params: Vec<ParamSource>,
}

/// Source of a parameter's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamSource {
    /// Text form known when the statement is planned; `None` is NULL.
    Literal(Option<String>),
    /// Value of the request: a variable or a session variable, by its index in the plan's list of request values.
    Request(usize),
    /// Array literal into which values of the request are inserted.
    Array(Vec<Fragment>),
    /// Value that an earlier statement produces.
    Deferred(DeferredValue),
}

/// Part of a [`ParamSource::Array`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fragment {
    /// Text of the literal: braces, commas and quoted elements.
    Text(String),
    /// Element: value of the request, by its index in the plan's list of request values.
    Request(usize),
}

/// Source of a value that an earlier statement produces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
            Self::Array(fragments) => {
                let mut literal = String::new();
                for fragment in fragments {
                    match fragment {
                        Fragment::Text(text) => literal.push_str(text),
                        Fragment::Request(index) => push_element(&mut literal, request(*index)),
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

    /// Returns the number of bytes of the SQL and of the parameters known when the statement was planned.
    pub fn size(&self) -> usize {
        let params = self.params.iter().map(|param| {
            let text = match param {
                ParamSource::Literal(Some(text)) => text.len(),
                ParamSource::Array(fragments) => fragments.iter().map(Fragment::size).sum(),
                ParamSource::Literal(None) | ParamSource::Request(_) | ParamSource::Deferred(_) => 0,
            };
            size_of::<ParamSource>() + text
        });
        self.sql.len() + params.sum::<usize>()
    }
}

impl Fragment {
    fn size(&self) -> usize {
        let text = match self {
            Self::Text(text) => text.len(),
            Self::Request(_) => 0,
        };
        size_of::<Self>() + text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn params_are_resolved_from_their_sources() {
        let statement = Statement {
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
