//! Plans of an operation.

use super::{GraphqlContext, Request, document, plan};
use crate::exec;
use engine_error::{Code, Error, RequestError, Result};
use engine_model::session::Session;
use engine_plan::values::MISSING_VARIABLES;
use engine_plan::{Fields, QueryField, SubscriptionPlan};
use engine_sql::BoundStatement;
use serde_json::{Value, json};
use std::borrow::Cow;

/// Returns the response of `/v1/graphql/explain`: for each root field of a query its SQL and Postgres' plan; for a
/// subscription the one statement of its poller. Mutations cannot be explained.
pub async fn explain(context: &GraphqlContext, session: &Session, request: &Request) -> Result<Value> {
    let schema = context.schema.load();
    // Only admins can explain, for any role.
    let limit = context.options.cost.response_limit(&Session::admin());
    let planned =
        document(context, request).and_then(|document| plan(context, &schema, session, request, &document));
    let (plan, values) = planned.map_err(|RequestError(error)| explained(session, error))?;
    match &plan.fields {
        Fields::Query(fields) => {
            let mut out = Vec::with_capacity(fields.len());
            for field in fields {
                out.push(match &field.value {
                    QueryField::Statement(statement) => {
                        let statement = values.bind(statement);
                        let plan = exec::explain_statement(&context.pool, limit, &statement).await?;
                        json!({ "field": field.key, "sql": statement.with_literals(), "plan": plan })
                    }
                    QueryField::Constant(_) => json!({ "field": field.key, "sql": null, "plan": null }),
                });
            }
            Ok(Value::Array(out))
        }
        Fields::Mutation(_) => Err(Error::new(
            Code::NotSupported,
            "only queries and subscriptions can be explained",
        )),
        Fields::Subscription(subscription) => {
            let plan = SubscriptionPlan::new(subscription, &values);
            let subscribers = json!([[0, plan.params]]).to_string();
            let statement = BoundStatement {
                sql: Cow::Borrowed(&plan.multiplexed_sql),
                params: vec![Some(Cow::Owned(subscribers))],
            };
            let explained = exec::explain_statement(&context.pool, limit, &statement).await?;
            Ok(json!({ "sql": statement.with_literals(), "plan": explained, "variables": plan.params }))
        }
    }
}

/// Returns the error that explain has for a request.
fn explained(session: &Session, error: Error) -> Error {
    match error.message.strip_prefix(MISSING_VARIABLES) {
        Some(names) if error.code == Code::NotFound => {
            // Hasura's wording
            let message = format!(
                "missing required session variable for role \"{}\" : {}",
                session.role,
                names.replace('"', "")
            );
            Error::new(Code::UnexpectedPayload, message)
        }
        _ => error,
    }
}
