//! Rows and aggregates.

use super::operation::inside;
use super::predicate::{conjunction, function_call};
use super::{Translator, aggregate_call, column, geo_call, join, operation, source, subquery};
use crate::ir::{
    Aggregate, AggregateField, AggregateValue, Field, FieldValue, FunctionValue, ItemValue, ScalarValue,
    Select as Rows, Stream, cast_name, is_geo_type,
};
use engine_model::catalog::{Column, PgType};
use engine_model::metadata::tracked::{Relationship, RelationshipKind, TrackedTable};
use engine_sql::ast::{Alias, Expr, OrderBy, Output, Select, Source};
use engine_sql::literal::array;
use engine_sql::{DeferredValue, ParamSource};
use std::borrow::Cow;

/// Maximum length of an identifier in bytes; Postgres truncates longer ones.
const MAX_IDENTIFIER: usize = 63;
/// Maximum number of arguments of a function in Postgres.
const MAX_ARGUMENTS: usize = 100;

/// Maximum number of pairs in one call of `json_build_object`.
const MAX_PAIRS: usize = MAX_ARGUMENTS / 2;

/// Row that the rows of a query belong to.
#[derive(Clone, Copy)]
enum Parent<'s> {
    /// The rows are related to it.
    Related(&'s Relationship, Alias),
    /// A function computes the rows from it.
    Computing(Alias),
}

impl Translator {
    /// Returns a query with one value: the JSON list of the rows.
    pub fn list<'s>(&mut self, rows: &Rows<'s>) -> Select<'s> {
        let select = self.rows(rows, None);
        json_list(select)
    }

    /// Returns a query with one value or no row: the JSON object of the row.
    pub fn one<'s>(&mut self, rows: &Rows<'s>) -> Select<'s> {
        let select = self.rows(rows, None);
        json_object(select)
    }

    /// Returns a query with one value: the JSON object of the aggregates.
    pub fn aggregate<'s>(&mut self, aggregate: &Aggregate<'s>) -> Select<'s> {
        self.aggregate_of(aggregate, None)
    }

    /// Returns a query with one row: `data`, the JSON object that has the batch's rows under `key`; `cursor`, the cursor
    /// value of the last row as text, null if the batch is empty; and `full`, whether more rows may exist.
    pub fn stream<'s>(&mut self, stream: &Stream<'s>, key: &str, namespace: Option<String>) -> Select<'s> {
        const NODE: Cow<'static, str> = Cow::Borrowed("_n");
        const CURSOR: Cow<'static, str> = Cow::Borrowed("_c");
        let (inner, outer) = (self.alias(), self.alias());
        let at = column(inner, stream.cursor);
        let batch_size = || limited(Some(&stream.batch_size), stream.rows.max_rows());
        let mut rows = self.base(&stream.rows, inner, None, batch_size());
        let position = Expr::deferred(DeferredValue::Cursor, cast_name(&stream.cursor.ty));
        let beyond = if stream.descending { "<" } else { ">" };
        let mut conditions = vec![operation(Some(&stream.cursor.ty), at.clone(), beyond, position)];
        conditions.extend(rows.predicate.take());
        rows.predicate = Some(Expr::And(conditions));
        rows.order_by = vec![OrderBy {
            expr: at.clone(),
            descending: stream.descending,
            nulls_first: stream.descending,
        }];
        rows.columns = vec![
            Output::As(self.node(&stream.rows.fields, inner), NODE),
            Output::As(at.cast("text"), CURSOR),
        ];
        let batch = Expr::Call("json_agg", vec![Expr::Column(outer, NODE)]).or("'[]'");
        // The last element: the rows are in order, and not every type has max().
        let positions = Expr::Call("json_agg", vec![Expr::Column(outer, CURSOR)]);
        let last = Expr::binary(positions, "->>", Expr::Number(-1));
        let full = batch_size().map_or(Expr::Raw("false"), |size| {
            Expr::binary(Expr::Raw("count(*)"), ">=", size)
        });
        let data = inside(namespace, object(vec![(key.to_owned(), batch)]));
        Select {
            columns: vec![
                Output::As(data, Cow::Borrowed("data")),
                Output::As(last, Cow::Borrowed("cursor")),
                Output::As(full, Cow::Borrowed("full")),
            ],
            from: vec![Source::Select(Box::new(rows), outer)],
            ..Select::default()
        }
    }

    /// Returns a query on the rows with one output per field.
    fn rows<'s>(&mut self, rows: &Rows<'s>, parent: Option<Parent<'s>>) -> ObjectQuery<'s> {
        let alias = self.alias();
        let limit = limited(rows.limit.as_ref(), rows.max_rows());
        let mut select = self.base(rows, alias, parent, limit);
        let shaped = self.outputs(&rows.fields, alias);
        select.columns = shaped.1;
        ObjectQuery {
            select,
            named: shaped.0,
        }
    }

    /// Returns FROM, WHERE, ORDER BY and LIMIT of rows, with an empty select list.
    fn base<'s>(
        &mut self,
        rows: &Rows<'s>,
        alias: Alias,
        parent: Option<Parent<'s>>,
        limit: Option<Expr<'s>>,
    ) -> Select<'s> {
        let mut predicate: Vec<Expr<'s>> = Vec::new();
        let from = match parent {
            Some(Parent::Related(relationship, from)) => {
                predicate.push(join(relationship, from, alias));
                None
            }
            Some(Parent::Computing(from)) => Some(from),
            None => None,
        };
        let source = self.visible_rows(rows, alias, from, &mut predicate);
        predicate.extend(self.client_rows(rows, alias.into(), alias.into()));
        Select {
            distinct_on: rows.distinct_on.iter().map(|c| column(alias, c)).collect(),
            from: vec![source],
            predicate: Some(conjunction(predicate)),
            order_by: rows
                .order_by
                .iter()
                .map(|order| self.order_by(order, alias))
                .collect(),
            limit,
            offset: rows.offset.as_ref().map(number),
            ..Select::default()
        }
    }

    /// Returns the fields as outputs named by their keys (`true`), or, if a key is too long for an identifier, as one output
    /// that is the whole object.
    pub(super) fn outputs<'s>(&mut self, fields: &[Field<'s>], alias: Alias) -> (bool, Vec<Output<'s>>) {
        let named = fields.iter().all(|field| field.key.len() <= MAX_IDENTIFIER);
        let pairs: Vec<(String, Expr<'s>)> = fields
            .iter()
            .map(|field| (field.key.clone(), self.value(&field.value, alias)))
            .collect();
        if named {
            (
                true,
                pairs
                    .into_iter()
                    .map(|(key, expr)| Output::As(expr, Cow::Owned(key)))
                    .collect(),
            )
        } else {
            (false, vec![Output::As(object(pairs), Cow::Borrowed("_o"))])
        }
    }

    fn value<'s>(&mut self, value: &FieldValue<'s>, alias: Alias) -> Expr<'s> {
        match value {
            FieldValue::Column(c, path) => self.selected_value(column(alias, c), &c.ty, path.as_deref()),
            FieldValue::Constant(text) => constant(text),
            FieldValue::Object(relationship, rows) => {
                let mut shaped = self.rows(rows, Some(Parent::Related(relationship, alias)));
                if !is_unique(relationship, rows.table()) {
                    shaped.select.limit = Some(Expr::Number(1));
                }
                subquery(json_object(shaped))
            }
            FieldValue::Array(relationship, rows) => {
                let shaped = self.rows(rows, Some(Parent::Related(relationship, alias)));
                subquery(json_list(shaped))
            }
            FieldValue::Aggregate(relationship, aggregate) => {
                subquery(self.aggregate_of(aggregate, Some(Parent::Related(relationship, alias))))
            }
            FieldValue::Computed(value, path) => {
                let expr = function_call(&value.call, Some(alias));
                self.selected_value(expr, value.ty, path.as_deref())
            }
            FieldValue::ComputedRows(rows) => {
                let shaped = self.rows(rows, Some(Parent::Computing(alias)));
                subquery(json_list(shaped))
            }
        }
    }

    /// Returns a value of type `ty` as a field of a row.
    fn selected_value<'s>(&mut self, expr: Expr<'s>, ty: &'s PgType, path: Option<&[String]>) -> Expr<'s> {
        if is_geo_type(&ty.sql) {
            let args = vec![expr, Expr::Number(15), Expr::Number(4)];
            return geo_call(&ty.sql, "ST_AsGeoJSON", args).cast("json");
        }
        if let Some(path) = path
            && !path.is_empty()
        {
            let path = Expr::Param(
                ParamSource::Literal(Some(array(path.iter().map(Some)))),
                Cow::Borrowed("text[]"),
            );
            return Expr::binary(expr, "#>", path);
        }
        self.printed(expr, ty)
    }

    fn aggregate_of<'s>(&mut self, aggregate: &Aggregate<'s>, parent: Option<Parent<'s>>) -> Select<'s> {
        let (inner, outer) = (self.alias(), self.alias());
        let limit = aggregate.rows.limit.as_ref().map(number);
        let mut rows = self.base(&aggregate.rows, inner, parent, limit);
        let mut columns: Vec<&'s Column> = Vec::new();
        let mut computed: Vec<Expr<'s>> = Vec::new();
        let mut fields = Vec::with_capacity(aggregate.fields.len());
        for (i, AggregateField { key, value }) in aggregate.fields.iter().enumerate() {
            let expr = match value {
                AggregateValue::Constant(text) => constant(text),
                // The permission's limit applies to the nodes, and not to the aggregates.
                AggregateValue::Nodes(nodes) if aggregate.rows.max_rows().is_some() => {
                    let limited = aggregate.rows.clone().with_fields(nodes.clone());
                    subquery(json_list(self.rows(&limited, parent)))
                }
                AggregateValue::Nodes(nodes) => {
                    let name: Cow<'static, str> = Cow::Owned(format!("_n{i}"));
                    let node = self.node(nodes, inner);
                    rows.columns.push(Output::As(node, name.clone()));
                    Expr::Call("json_agg", vec![Expr::Column(outer, name)]).or("'[]'")
                }
                AggregateValue::Aggregate(items) => object(
                    items
                        .iter()
                        .map(|item| {
                            (
                                item.key.clone(),
                                self.item_value(&item.value, (inner, outer), &mut columns, &mut computed),
                            )
                        })
                        .collect(),
                ),
            };
            fields.push((key.clone(), expr));
        }
        for c in columns {
            rows.columns
                .push(Output::As(column(inner, c), Cow::Borrowed(&c.name)));
        }
        for (index, value) in computed.into_iter().enumerate() {
            rows.columns.push(Output::As(value, computed_name(index)));
        }
        if rows.columns.is_empty() {
            rows.columns.push(Output::As(Expr::Number(1), Cow::Borrowed("_")));
        }
        Select {
            columns: vec![Output::As(object(fields), Cow::Borrowed("data"))],
            from: vec![Source::Select(Box::new(rows), outer)],
            ..Select::default()
        }
    }

    /// Returns the value of a field of `aggregate`. `needed` are the columns of the rows `alias` that it reads, and `computed` the
    /// scalars of computed fields of the rows `inner`.
    fn item_value<'s>(
        &mut self,
        value: &ItemValue<'s>,
        (inner, alias): (Alias, Alias),
        needed: &mut Vec<&'s Column>,
        computed: &mut Vec<Expr<'s>>,
    ) -> Expr<'s> {
        let mut need = |c: &'s Column| {
            if !needed.iter().any(|n| n.name == c.name) {
                needed.push(c);
            }
            column(alias, c)
        };
        match value {
            ItemValue::Constant(text) => constant(text),
            ItemValue::Count { columns, distinct } => {
                count(columns.iter().copied().map(&mut need).collect(), *distinct)
            }
            ItemValue::Function(function, items) => object(
                items
                    .iter()
                    .map(|(key, value)| {
                        let expr = match value {
                            FunctionValue::Constant(text) => constant(text),
                            // As in Hasura, the column's type decides, not that of the result.
                            FunctionValue::Column(c) => {
                                let value = aggregate_call(*function, &c.ty, need(c));
                                self.printed(value, &c.ty)
                            }
                            FunctionValue::Computed(field) => {
                                let value = Expr::Column(alias, computed_name(computed.len()));
                                computed.push(function_call(&field.call, Some(inner)));
                                self.printed(aggregate_call(*function, field.ty, value), field.ty)
                            }
                        };
                        (key.clone(), expr)
                    })
                    .collect(),
            ),
        }
    }

    /// Returns a row as one JSON value, in a query that also has other outputs.
    fn node<'s>(&mut self, fields: &[Field<'s>], alias: Alias) -> Expr<'s> {
        let (named, columns) = self.outputs(fields, alias);
        subquery(json_object(ObjectQuery {
            select: Select {
                columns,
                ..Select::default()
            },
            named,
        }))
    }
}

/// Returns the name of a computed scalar among the outputs of the aggregated rows.
fn computed_name(index: usize) -> Cow<'static, str> {
    Cow::Owned(format!("_f{index}"))
}

/// Returns the smaller one of the limits of the client and of the permission.
fn limited<'s>(client: Option<&ScalarValue>, permission: Option<u32>) -> Option<Expr<'s>> {
    let max = permission.map(|max| Expr::Number(i64::from(max)));
    match (client.map(number), max) {
        (Some(client), Some(max)) => Some(Expr::Call("least", vec![client, max])),
        (client, max) => client.or(max),
    }
}

fn number<'s>(value: &ScalarValue) -> Expr<'s> {
    Expr::Param(source(value), Cow::Borrowed("int8"))
}

/// Query whose outputs are the keys of an object, or (not `named`) whose single output is the object.
pub(super) struct ObjectQuery<'s> {
    pub(super) select: Select<'s>,
    pub(super) named: bool,
}

const ROW: Alias = Alias::Named("_r");

fn row(named: bool) -> Expr<'static> {
    if named {
        Expr::Row(ROW)
    } else {
        Expr::Column(ROW, Cow::Borrowed("_o"))
    }
}

/// Returns a query with one value: the list of the rows as objects.
pub(super) fn json_list(shaped: ObjectQuery<'_>) -> Select<'_> {
    Select {
        columns: vec![Output::As(
            Expr::Call("json_agg", vec![row(shaped.named)]).or("'[]'"),
            Cow::Borrowed("data"),
        )],
        from: vec![Source::Select(Box::new(shaped.select), ROW)],
        ..Select::default()
    }
}

/// Returns a query with one object per row.
pub(super) fn json_object(shaped: ObjectQuery<'_>) -> Select<'_> {
    let data = if shaped.named {
        Expr::Call("row_to_json", vec![row(true)])
    } else {
        row(false)
    };
    Select {
        columns: vec![Output::As(data, Cow::Borrowed("data"))],
        from: vec![Source::Select(Box::new(shaped.select), ROW)],
        ..Select::default()
    }
}

/// Returns a JSON string.
pub(super) fn constant<'s>(text: &Cow<'s, str>) -> Expr<'s> {
    Expr::Text(text.clone()).cast("text")
}

/// Returns a JSON object of any number of pairs, in their order.
pub(crate) fn object(pairs: Vec<(String, Expr<'_>)>) -> Expr<'_> {
    fn build(pairs: Vec<(String, Expr<'_>)>) -> Expr<'_> {
        let args = pairs
            .into_iter()
            .flat_map(|(key, expr)| [Expr::Text(Cow::Owned(key)), expr])
            .collect();
        Expr::Call("json_build_object", args)
    }
    if pairs.len() <= MAX_PAIRS {
        return build(pairs);
    }
    // json has no concatenation operator: remove the braces of the chunks and join their texts.
    let mut pairs = pairs.into_iter();
    let mut texts = Vec::new();
    loop {
        let chunk: Vec<_> = pairs.by_ref().take(MAX_PAIRS).collect();
        if chunk.is_empty() {
            let inner = Expr::binary(Expr::Raw("'{'"), "||", joined(texts));
            return Expr::binary(inner, "||", Expr::Raw("'}'")).cast("json");
        }
        let inner = Expr::Call("left", vec![build(chunk).cast("text"), Expr::Number(-1)]);
        texts.push(Expr::Call("substr", vec![inner, Expr::Number(2)]));
    }
}

/// Joins at least one text with commas. A chain of operators would be as deep as it is long, here and in the parser of Postgres.
fn joined(mut texts: Vec<Expr<'_>>) -> Expr<'_> {
    loop {
        let mut rest = texts.into_iter();
        let mut calls = Vec::new();
        loop {
            let mut args = vec![Expr::Raw("','")];
            args.extend(rest.by_ref().take(MAX_ARGUMENTS - 1));
            if args.len() == 1 {
                break;
            }
            calls.push(Expr::Call("concat_ws", args));
        }
        texts = calls;
        if texts.len() <= 1 {
            return texts.pop().unwrap_or(Expr::Raw("''"));
        }
    }
}

/// Returns `count(*)`, or the count of values that are not NULL.
pub(super) fn count(mut args: Vec<Expr<'_>>, distinct: bool) -> Expr<'_> {
    if args.len() > 1 {
        args = vec![Expr::Tuple(args)];
    }
    match (args.is_empty(), distinct) {
        // Without columns, `distinct` has no effect.
        (true, _) => Expr::Raw("count(*)"),
        (false, false) => Expr::Call("count", args),
        (false, true) => Expr::CallDistinct("count", args),
    }
}

/// Whether the relationship has at most one target row, because its columns in the target contain a key.
fn is_unique(relationship: &Relationship, target: &TrackedTable) -> bool {
    debug_assert_eq!(relationship.kind, RelationshipKind::Object);
    target
        .table
        .primary_key
        .iter()
        .chain(&target.table.unique)
        .any(|key| {
            key.columns
                .iter()
                .all(|c| relationship.mapping.iter().any(|(_, there)| there == c))
        })
}
