//! Root fields and arguments of tracked functions.

use super::DescriptionBuilder;
use super::field::{FieldDescription, field};
use super::reads::rows_arguments;
use crate::schema::RoleSchema;
use crate::schema::functions::{FunctionRoot, FunctionRootKind};
use engine_model::metadata::function::{Exposure, TrackedArgument, client_arguments};

impl DescriptionBuilder<'_> {
    /// The input types of the functions' arguments.
    pub(super) fn function_arguments(&mut self) {
        let schema = self.schema;
        let functions = schema.function_queries().chain(schema.function_mutations());
        for (_, root) in functions.filter(|(_, root)| root.kind == FunctionRootKind::Rows) {
            let function = root.function;
            self.call_arguments(&function.arguments_type, &function.arguments);
        }
    }

    /// The input type of the arguments of a call that clients supply.
    pub(super) fn call_arguments(&mut self, name: &str, arguments: &[TrackedArgument]) {
        let arguments: Vec<FieldDescription> = client_arguments(arguments)
            .map(|argument| field(&*argument.field, self.value_type(&argument.ty).to_string()))
            .collect();
        self.input(name, None, &arguments);
    }
}

/// Returns the root field of a function. The texts have Hasura's wording.
pub(super) fn function(schema: &RoleSchema, name: &str, root: FunctionRoot<'_>) -> FieldDescription {
    let FunctionRoot {
        kind,
        function,
        table,
    } = root;
    let names = &table.names;
    let (quoted, table_name) = (&function.name, table.table_name());
    let (ty, about) = match kind {
        FunctionRootKind::Aggregate => (
            format!("{}!", names.aggregate),
            format!(
                "execute function \"{quoted}\" and query aggregates on result of table type \"{table_name}\""
            ),
        ),
        FunctionRootKind::Rows => {
            let ty = if function.returns_set {
                format!("[{}!]!", names.object)
            } else {
                names.object.clone()
            };
            let volatile = match function.exposure {
                Exposure::Query => "",
                Exposure::Mutation => "VOLATILE ",
            };
            let about = format!("execute {volatile}function \"{quoted}\" which returns \"{table_name}\"");
            (ty, about)
        }
    };
    let input_about = format!("input parameters for function \"{quoted}\"");
    let arguments = call_argument(&function.arguments_type, &function.arguments, input_about);
    let mut arguments: Vec<FieldDescription> = arguments.into_iter().collect();
    arguments.extend(rows_arguments(schema, table));
    let comment = function
        .comment
        .clone()
        .filter(|_| kind == FunctionRootKind::Rows);
    field(name, ty).with(arguments).about(comment.unwrap_or(about))
}

/// Returns the argument `args`, which may be omitted if all arguments of the function have defaults.
pub(super) fn call_argument(
    name: &str,
    arguments: &[TrackedArgument],
    about: String,
) -> Option<FieldDescription> {
    client_arguments(arguments).next()?;
    let bang = if client_arguments(arguments).all(|argument| argument.has_default) {
        ""
    } else {
        "!"
    };
    Some(field("args", format!("{name}{bang}")).about(about))
}
