//! Bulks: the commands of one request, run in order. Every client may send a bulk of data commands, so that those of roles other
//! than admin are bounded, and checked as a whole before the first command runs.

use super::{Answer, Command, admin_only, run};
use crate::data_commands;
use crate::metadata_transaction::MetadataTransaction;
use bytes::Bytes;
use engine_error::{Code, Error, Result};

/// Maximum nesting of bulks.
const MAX_DEPTH: usize = 20;

/// Maximum number of commands in a bulk of a role other than admin, including nested bulks and their commands.
const MAX_ROLE_COMMANDS: usize = 20;

/// Runs the commands of a bulk. The check of the outermost bulk includes the nested ones.
pub(super) async fn bulk(transaction: &mut MetadataTransaction<'_>, command: Command) -> Result<Answer> {
    let keep_going = command.continues_after_errors();
    let is_role = !transaction.session.is_admin();
    if !transaction.in_bulk {
        if is_role {
            check_number(&command.nested)?;
        }
        mode(&command.nested, 1)?;
    }
    if is_role {
        check_commands(transaction, &command.nested, keep_going)?;
    }
    transaction.in_bulk = true;
    let limit = transaction.admin.options.cost.response_limit(transaction.session);
    let mut answer = Vec::from(*b"[");
    for (index, command) in command.nested.into_iter().enumerate() {
        let result = Box::pin(run(transaction, command)).await;
        let bytes = match result {
            Ok(answer) => answer.into_bytes(),
            Err(error) if keep_going => Bytes::from(error.to_json(transaction.exposes_internal).to_string()),
            Err(error) => return Err(error.at(index).at("args")),
        };
        if answer.len() + bytes.len() > limit.bytes {
            let message = format!(
                "response of the bulk exceeds {} bytes ({}); read fewer rows, or send several requests",
                limit.bytes, limit.option
            );
            return Err(Error::new(Code::SizeLimitExceeded, message).at(index).at("args"));
        }
        if index > 0 {
            answer.push(b',');
        }
        answer.extend_from_slice(&bytes);
    }
    answer.push(b']');
    Ok(Answer::Raw(Bytes::from(answer)))
}

fn check_number(commands: &[Command]) -> Result<()> {
    let number = number(commands);
    if number > MAX_ROLE_COMMANDS {
        let message = format!(
            "bulk contains {number} commands; the limit for roles other than admin is {MAX_ROLE_COMMANDS}, nested commands included"
        );
        return Err(Error::new(Code::BadRequest, message).at("args"));
    }
    Ok(())
}

fn number(commands: &[Command]) -> usize {
    let with_nested = |command: &Command| 1 + number(&command.nested);
    commands.iter().map(with_nested).sum()
}

/// Returns an error unless a role may run all of the commands, so that a refused bulk changes nothing. A bulk that continues after
/// errors contains those of its data commands in its response; commands for admins are refused there, too.
fn check_commands(
    transaction: &MetadataTransaction<'_>,
    commands: &[Command],
    keep_going: bool,
) -> Result<()> {
    for (index, command) in commands.iter().enumerate() {
        let checked = if command.is_bulk() {
            let keep_going = keep_going || command.continues_after_errors();
            check_commands(transaction, &command.nested, keep_going)
        } else if !command.is_dml() {
            admin_only(transaction.session)
        } else if keep_going {
            Ok(())
        } else {
            data_commands::check(transaction, &command.kind, command.args.clone())
        };
        checked.map_err(|error| error.at(index).at("args"))?;
    }
    Ok(())
}

/// Transaction mode that a command requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    ReadOnly,
    ReadWrite,
}

/// Returns the transaction mode that the commands of a bulk require, including those of nested bulks; `None` if
/// either mode will do. Commands with different modes are an error. Commands that only read rows accept each mode.
fn mode(commands: &[Command], depth: usize) -> Result<Option<Mode>> {
    if depth > MAX_DEPTH {
        let message = format!("bulks nest deeper than {MAX_DEPTH} levels");
        return Err(Error::new(Code::BadRequest, message));
    }
    let mut expected: Option<Mode> = None;
    for (index, command) in commands.iter().enumerate() {
        let mode = match command.kind.as_str() {
            "select" | "count" => None,
            "run_sql" if command.args["read_only"] == true => Some(Mode::ReadOnly),
            _ if command.is_bulk() => mode(&command.nested, depth + 1)?,
            _ => Some(Mode::ReadWrite),
        };
        match (expected, mode) {
            (Some(expected), Some(mode)) if expected != mode => {
                return Err(Error::new(
                    Code::BadRequest,
                    format!(
                        "incompatible access mode requirements in bulk query, expected access mode: {expected:?} but \
                         $.args[{index}] forces {mode:?}"
                    ),
                ));
            }
            (expected_so_far, mode) => expected = expected_so_far.or(mode),
        }
    }
    Ok(expected)
}
