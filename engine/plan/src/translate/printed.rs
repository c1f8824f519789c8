//! Column values as they are printed in JSON.

use super::select::object;
use super::{Translator, subquery};
use engine_model::catalog::{EXACT_DIGITS, PgType, TypeKind};
use engine_sql::ast::{Expr, Output, Select, Source};
use std::borrow::Cow;

impl Translator {
    /// Returns a value of type `ty` as it is printed in JSON: with its large numbers as strings if configured.
    pub(super) fn printed<'s>(&mut self, expr: Expr<'s>, ty: &'s PgType) -> Expr<'s> {
        if !self.stringify || !ty.has_large_numbers() {
            return expr;
        }
        match &ty.kind {
            TypeKind::Array(element) if matches!(element.kind, TypeKind::Composite(_)) => {
                let index = self.alias();
                let i = Expr::Column(index, Cow::Borrowed("i"));
                let item = Expr::Subscript(Box::new(expr.clone()), Box::new(i));
                let subscripts = Expr::Call("generate_subscripts", vec![expr.clone(), Expr::Number(1)]);
                let items = Select {
                    columns: vec![Output::As(
                        Expr::Call("json_agg", vec![self.printed(item, element)]),
                        Cow::Borrowed("data"),
                    )],
                    from: vec![Source::Series(subscripts, index, "i")],
                    ..Select::default()
                };
                // The numbers in arrays of more dimensions are printed as numbers.
                let one_dimension = Expr::binary(
                    Expr::Call("array_ndims", vec![expr.clone()]),
                    "=",
                    Expr::Number(1),
                );
                let plain = Expr::Call("to_json", vec![expr]);
                Expr::Case(
                    Box::new(one_dimension),
                    Box::new(subquery(items)),
                    Box::new(plain),
                )
            }
            TypeKind::Array(_) => expr.cast("text[]"),
            TypeKind::Composite(fields) => {
                let pairs = fields.iter().map(|field| {
                    let value = Expr::Field(Box::new(expr.clone()), &field.name);
                    let printed = match &field.ty.kind {
                        TypeKind::Array(_) | TypeKind::Composite(_) => self.printed(value, &field.ty),
                        _ => printed_field(value, &field.ty),
                    };
                    (field.name.clone(), printed)
                });
                let pairs = pairs.collect();
                // `IS NULL` is also true for a composite value whose fields are all NULL.
                let is_null = Expr::binary(expr, "IS NOT DISTINCT FROM", Expr::Raw("NULL"));
                Expr::Case(
                    Box::new(is_null),
                    Box::new(Expr::Raw("NULL")),
                    Box::new(object(pairs)),
                )
            }
            _ => expr.cast("text"),
        }
    }
}

/// Returns a field of a composite value as it is printed in JSON. As in Hasura, its numbers are numbers; those with more
/// digits than JavaScript can represent are strings, so that they are not lost.
fn printed_field<'s>(value: Expr<'s>, ty: &PgType) -> Expr<'s> {
    if !ty.has_large_numbers() || ty.base == "float8" {
        return value;
    }
    let text = value.clone().cast("text");
    let digits = Expr::Call(
        "translate",
        vec![text.clone(), Expr::Raw("'-.'"), Expr::Raw("''")],
    );
    let exact = Expr::binary(
        Expr::Call("length", vec![digits]),
        "<=",
        Expr::Number(i64::from(EXACT_DIGITS)),
    );
    Expr::Case(
        Box::new(exact),
        Box::new(Expr::Call("to_json", vec![value])),
        Box::new(Expr::Call("to_json", vec![text])),
    )
}
