//! Limit of the length of a value that a statement returns. The driver buffers a value as a whole before its length is known to the
//! engine, so that the statement itself has to refuse a longer one.

use crate::ast::{Alias, Expr, Output, Select, Source};
use std::borrow::Cow;

/// Options that set a limit.
const OPTIONS: [&str; 2] = [
    "HASURA_GRAPHQL_MAX_RESPONSE_BYTES",
    "HASURA_GRAPHQL_MAX_ROLE_RESPONSE_BYTES",
];

/// Separator of the parts of a refusal.
const SEPARATOR: char = '=';

/// Maximum number of bytes of a value; 0 means no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ByteLimit {
    pub bytes: usize,
    /// Whether it is the limit of roles other than admin.
    pub of_role: bool,
}

impl ByteLimit {
    /// Returns the option that sets the limit.
    pub fn option(self) -> &'static str {
        OPTIONS[usize::from(self.of_role)]
    }
}

/// Value that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    pub limit: usize,
    pub bytes: u64,
    /// Option that sets the limit.
    pub option: &'static str,
}

/// Returns the refusal that an error message of Postgres contains, in any language.
pub fn exceeded(message: &str) -> Option<Exceeded> {
    let (option, numbers) = OPTIONS.iter().find_map(|option| {
        let (_, after) = message.split_once(&format!("{option}{SEPARATOR}"))?;
        Some((*option, after))
    })?;
    let (limit, rest) = numbers.split_once(SEPARATOR)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some(Exceeded {
        limit: limit.parse().ok()?,
        bytes: rest[..end].parse().ok()?,
        option,
    })
}

/// Returns a statement that fails if the value of the output `name`, of type `ty`, exceeds the limit.
pub fn limited<'s>(mut select: Select<'s>, limit: ByteLimit, name: &str, ty: &'static str) -> Select<'s> {
    const ALIAS: Alias = Alias::Named("_limited");
    if limit.bytes == 0 {
        return select;
    }
    let names: Vec<_> = select.columns.iter().map(output_name).collect();
    let columns = names.into_iter().map(|output| {
        let value = Expr::Column(ALIAS, output.clone());
        let value = if output == name {
            checked(value, limit, ty)
        } else {
            value
        };
        Output::As(value, output)
    });
    let columns = columns.collect();
    let with = std::mem::take(&mut select.with);
    if select.limit.is_none() && select.offset.is_none() {
        // Prevents Postgres from merging the queries, which would compute the value again for each reference.
        select.offset = Some(Expr::Number(0));
    }
    Select {
        with,
        columns,
        from: vec![Source::Select(Box::new(select), ALIAS)],
        ..Select::default()
    }
}

fn output_name<'s>(output: &Output<'s>) -> Cow<'s, str> {
    match output {
        Output::As(_, name) => name.clone(),
        Output::Star(_) => unreachable!("statements with a limit name their outputs"),
    }
}

/// Returns the value, or an error if it is too long: a cast that fails is the only expression that raises one without a function
/// in the database.
fn checked<'s>(value: Expr<'s>, limit: ByteLimit, ty: &'static str) -> Expr<'s> {
    let size = || Expr::SchemaCall(Cow::Borrowed("pg_catalog"), "pg_column_size", vec![value.clone()]);
    let limit_bytes = i64::try_from(limit.bytes).unwrap_or(i64::MAX);
    let is_longer = Expr::binary(size(), ">", Expr::Number(limit_bytes));
    let prefix = format!("{}{SEPARATOR}{}{SEPARATOR}", limit.option(), limit.bytes);
    let refusal = Expr::binary(Expr::Text(Cow::Owned(prefix)), "||", size().cast("text"));
    let refused = refusal.cast("int4").cast("text").cast(ty);
    Expr::Case(Box::new(is_longer), Box::new(refused), Box::new(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_is_read_from_the_message_of_postgres() {
        let message = "invalid input syntax for type integer: \"HASURA_GRAPHQL_MAX_ROLE_RESPONSE_BYTES=16777216=207000001\"";
        let expected = Exceeded {
            limit: 16_777_216,
            bytes: 207_000_001,
            option: "HASURA_GRAPHQL_MAX_ROLE_RESPONSE_BYTES",
        };
        assert_eq!(exceeded(message), Some(expected));
        for other in [
            "invalid input syntax for type integer: \"x\"",
            "invalid input syntax for type integer: \"HASURA_GRAPHQL_MAX_RESPONSE_BYTES=1\"",
            "HASURA_GRAPHQL_MAX_RESPONSE_BYTES=1=x",
        ] {
            assert_eq!(exceeded(other), None, "{other}");
        }
    }
}
