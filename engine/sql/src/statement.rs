//! Printed SQL and the sources of its parameters.

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
    /// Text into which values of the request are inserted.
    Concat(Vec<Fragment>),
    /// Value that an earlier statement produces.
    Deferred(DeferredValue),
}

/// Part of a [`ParamSource::Concat`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fragment {
    Text(String),
    /// Value of the request, by its index in the plan's list of request values.
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
            Self::Concat(fragments) => {
                let parts = fragments.iter().map(|fragment| match fragment {
                    Fragment::Text(text) => text,
                    Fragment::Request(index) => request(*index).unwrap_or_default(),
                });
                Some(Cow::Owned(parts.collect()))
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
                ParamSource::Concat(fragments) => fragments.iter().map(Fragment::size).sum(),
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
                ParamSource::Concat(vec![
                    Fragment::Text("[".to_owned()),
                    Fragment::Request(1),
                    Fragment::Text("]".to_owned()),
                ]),
                ParamSource::Deferred(DeferredValue::Affected),
                ParamSource::Deferred(DeferredValue::Cursor),
            ],
        };
        let values = [None, Some("1".to_owned())];
        let bound = statement.bind(&values, |value| {
            (value == DeferredValue::Affected).then_some(Cow::Borrowed("3"))
        });
        let params: Vec<Option<&str>> = bound.params.iter().map(Option::as_deref).collect();
        assert_eq!(
            params,
            [Some("a"), None, Some("1"), None, Some("[1]"), Some("3"), None]
        );
    }
}
