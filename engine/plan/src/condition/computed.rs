//! Computed fields in conditions: scalars are compared as columns are, and rows must contain one that satisfies a condition.

use super::{Level, Origin, Scope};
use crate::ir::{
    ALL_VARIABLES, BoolExp, CallArgument, Comparison, ComputedValue, FunctionCall, Scalar, ScalarValue,
    Select, Unfiltered, cast_name,
};
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Column, PgType};
use engine_model::metadata::computed_field::{ComputedField, ComputedResult};
use engine_model::metadata::function::ArgumentSource;
use serde_json::Value;
use std::borrow::Cow;

/// Value that a condition compares.
pub(super) enum Compared<'s> {
    Column(&'s Column),
    /// Name and value of a computed field.
    Computed(&'s str, ComputedValue<'s>),
}

impl<'s> Compared<'s> {
    pub(super) fn ty(&self) -> &'s PgType {
        match self {
            Self::Column(column) => &column.ty,
            Self::Computed(_, value) => value.ty,
        }
    }

    pub(super) fn name(&self) -> &'s str {
        match self {
            Self::Column(column) => &column.name,
            Self::Computed(name, _) => name,
        }
    }

    /// Returns the comparison of the value after a cast.
    pub(super) fn with(&self, cast: Option<Cow<'s, str>>, with: Comparison<'s>) -> BoolExp<'s> {
        match self {
            Self::Column(column) => BoolExp::Compare { column, cast, with },
            Self::Computed(_, value) => BoolExp::CompareComputed {
                value: Box::new(value.clone()),
                cast,
                with,
            },
        }
    }
}

impl<'s> Scope<'s, '_> {
    /// Binds the condition on a computed field. A data command may name those that the role can select.
    pub(super) fn computed(
        self,
        level: Level<'s>,
        computed: &'s ComputedField,
        value: &Value,
    ) -> Result<BoolExp<'s>> {
        let name = computed.name.as_str();
        let denied = |role: &str| {
            let message =
                format!("role \"{role}\" does not have permission to select computed field \"{name}\"");
            Error::new(Code::PermissionDenied, message)
        };
        if let (Level::Command(table), Origin::Command(_, role)) = (level, self.origin)
            && table.computed_field(name).is_none()
        {
            return Err(denied(role));
        }
        let call = call(level, computed)?;
        match &computed.result {
            ComputedResult::Scalar(ty) => {
                let compared = Compared::Computed(name, ComputedValue { call, ty });
                self.comparisons(level, &compared, value)
            }
            ComputedResult::Rows(target) => {
                self.conditions.add_subquery()?;
                match self.origin {
                    Origin::Permission(tracked) => {
                        let target = tracked.tables.get(target).ok_or_else(|| {
                            let message = format!("table \"{target}\" does not exist");
                            Error::new(Code::NotExists, message)
                        })?;
                        let condition = self.condition(Level::Permission(target), value)?;
                        let rows = Unfiltered::new(target, condition);
                        Ok(BoolExp::ComputedRowsUnfiltered(Box::new(call), Box::new(rows)))
                    }
                    Origin::Command(schema, role) => {
                        let target = schema.readable(target).ok_or_else(|| denied(role))?;
                        let condition = self.condition(Level::Command(target), value)?;
                        let rows = Select::visible(target).returned_by(call).filter(condition);
                        Ok(BoolExp::ComputedRows(Box::new(rows)))
                    }
                }
            }
        }
    }
}

fn call<'s>(level: Level<'s>, computed: &'s ComputedField) -> Result<FunctionCall<'s>> {
    if !computed.needs_no_arguments() {
        // Hasura's wording
        let message = "Computed columns with input arguments can not be part of the where clause";
        return Err(Error::new(Code::UnexpectedPayload, message));
    }
    let mut call = FunctionCall {
        function: &computed.function,
        returns_set: computed.rows().is_some(),
        positional: Vec::new(),
        named: Vec::new(),
    };
    for argument in &computed.arguments {
        let value = match argument.source {
            ArgumentSource::Row => Some(CallArgument::Row(level.tracked())),
            ArgumentSource::Session => {
                let variables = ScalarValue::Session(ALL_VARIABLES.to_owned());
                Some(CallArgument::Value(Scalar::new(
                    variables,
                    cast_name(&argument.ty),
                )))
            }
            ArgumentSource::Client => None,
        };
        call.add(argument, value, false)?;
    }
    Ok(call)
}
