//! Entries of a new function in the templates of infra/, as copies of those of an existing one. The functions are configured alike,
//! which `infra/tests/test_wiring.py` checks, so that a change of their configuration needs no change here.

use super::names::Step;

/// Names of the function that is copied.
const NAMES: [&str; 4] = ["RefundPayment", "refund-payment", "fn_refund", "FN_REFUND"];
/// Names of a neighbour: a line that contains both functions is a list.
const NEIGHBOUR: [&str; 3] = ["AgentAssignment", "agent-assignment", "fn_assign"];

/// Adds the entries of the step after those of the exemplar. Returns an error if there are none.
pub(super) fn copy(step: &Step, file: &str, text: &str) -> Result<String, String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::new();
    let mut position = 0;
    let mut copies = 0;
    while position < lines.len() {
        let line = lines[position];
        if !mentions(line, &NAMES) {
            push(&mut out, line);
            position += 1;
        } else if mentions(line, &NEIGHBOUR) {
            push(&mut out, &extended(step, line));
            position += 1;
            copies += 1;
        } else {
            let end = end_of_entries(&lines, position);
            let entries = &lines[position..end];
            for line in entries {
                push(&mut out, line);
            }
            // Sections are separated by empty lines.
            if entries.iter().any(|line| line.is_empty()) {
                out.push('\n');
            }
            for line in entries {
                push(&mut out, &renamed(step, line));
            }
            position = end;
            copies += 1;
        }
    }
    if copies == 0 {
        return Err(format!("{file} contains no entry of refund-payment to copy"));
    }
    Ok(out)
}

fn push(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

fn mentions(line: &str, names: &[&str]) -> bool {
    names.iter().any(|name| line.contains(name))
}

/// Position after the entries of the exemplar that begin here: consecutive lines that name it, those nested in them, and empty
/// lines in between.
fn end_of_entries(lines: &[&str], start: usize) -> usize {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let outer = indentation(lines[start]);
    let mut end = start + 1;
    let mut position = end;
    while let Some(line) = lines.get(position) {
        let belongs = if line.is_empty() {
            position += 1;
            continue;
        } else if indentation(line) > outer {
            true
        } else {
            indentation(line) == outer && mentions(line, &NAMES) && !mentions(line, &NEIGHBOUR)
        };
        if !belongs {
            break;
        }
        position += 1;
        end = position;
    }
    end
}

fn renamed(step: &Step, text: &str) -> String {
    let rule = text.trim_start().starts_with("# refund-payment ---");
    let length = text.chars().count();
    let upper = step.role.to_ascii_uppercase();
    let new = [
        step.pascal.as_str(),
        step.name.as_str(),
        step.role.as_str(),
        upper.as_str(),
    ];
    let text = NAMES
        .iter()
        .zip(new)
        .fold(text.to_owned(), |text, (old, new)| text.replace(old, new));
    if !rule {
        return text;
    }
    // It ends in the same column.
    let text = text.trim_end_matches('-');
    let missing = length.saturating_sub(text.chars().count()).max(3);
    text.to_owned() + &"-".repeat(missing)
}

/// A line with a list of functions, and the new one after the exemplar.
fn extended(step: &Step, line: &str) -> String {
    let Some(at) = NAMES.iter().filter_map(|name| line.find(name)).min() else {
        return line.to_owned();
    };
    let is_boundary = |c: char| c.is_whitespace() || c == ',' || c == '[' || c == ']';
    let start = line[..at]
        .char_indices()
        .rev()
        .find(|(_, c)| is_boundary(*c))
        .map_or(0, |(index, c)| index + c.len_utf8());
    let end = line[at..]
        .find(is_boundary)
        .map_or(line.len(), |length| at + length);
    let element = &line[start..end];
    let separator = if line[..start].ends_with(", ") || line[end..].starts_with(',') {
        ", "
    } else {
        " "
    };
    format!(
        "{}{separator}{}{}",
        &line[..end],
        renamed(step, element),
        &line[end..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(text: &str) -> String {
        let step = Step::new("notify-kitchen", "approved", None, "").unwrap();
        copy(&step, "x.yaml", text).unwrap()
    }

    #[test]
    fn lists_in_one_line_get_an_element() {
        for (line, expected) in [
            (
                "Parameters: [AgentAssignmentSha256, RefundPaymentSha256, ExpireOrdersSha256]",
                "Parameters: [AgentAssignmentSha256, RefundPaymentSha256, NotifyKitchenSha256, ExpireOrdersSha256]",
            ),
            (
                "[AgentAssignmentRoute, RefundPaymentRoute]",
                "[AgentAssignmentRoute, RefundPaymentRoute, NotifyKitchenRoute]",
            ),
            (
                "FROM (VALUES ('fn_assign'), ('fn_refund'), ('fn_expire'))",
                "FROM (VALUES ('fn_assign'), ('fn_refund'), ('fn_notify'), ('fn_expire'))",
            ),
            (
                "GRANT fn_assign, fn_refund, fn_expire TO hasura",
                "GRANT fn_assign, fn_refund, fn_notify, fn_expire TO hasura",
            ),
            (
                "ARNS='${AgentAssignmentSecretArn} ${RefundPaymentSecretArn} ${ExpireOrdersSecretArn}'",
                "ARNS='${AgentAssignmentSecretArn} ${RefundPaymentSecretArn} ${NotifyKitchenSecretArn} ${ExpireOrdersSecretArn}'",
            ),
        ] {
            assert_eq!(copied(line), format!("{expected}\n"));
        }
    }

    #[test]
    fn entries_are_copied_with_what_is_nested_in_them() {
        let text = "\
  AgentAssignmentSecretArn:
    Type: String
  RefundPaymentSecretArn:
    Type: String
    Description: Secret of the role fn_refund of the function refund-payment.
  ExpireOrdersSecretArn:
    Type: String
          - !Ref AgentAssignmentSecretArn
          - !Ref RefundPaymentSecretArn
";
        let expected = "\
  AgentAssignmentSecretArn:
    Type: String
  RefundPaymentSecretArn:
    Type: String
    Description: Secret of the role fn_refund of the function refund-payment.
  NotifyKitchenSecretArn:
    Type: String
    Description: Secret of the role fn_notify of the function notify-kitchen.
  ExpireOrdersSecretArn:
    Type: String
          - !Ref AgentAssignmentSecretArn
          - !Ref RefundPaymentSecretArn
          - !Ref NotifyKitchenSecretArn
";
        assert_eq!(copied(text), expected);
    }

    #[test]
    fn a_section_is_copied_as_a_whole() {
        let rule = |name: &str| {
            let text = format!("  # {name} ");
            let missing = 121 - text.len();
            text + &"-".repeat(missing)
        };
        let section = |name: &str, pascal: &str| {
            format!(
                "{}\n\n  {pascal}Log:\n    Type: Log\n\n  {pascal}Role:\n    Type: Role\n  {pascal}Alias:\n    Type: Alias\n",
                rule(name)
            )
        };
        let (old, new) = (
            section("refund-payment", "RefundPayment"),
            section("notify-kitchen", "NotifyKitchen"),
        );
        let next = format!("\n{}\n\n  ExpireOrdersLog:\n", rule("expire-orders"));
        assert_eq!(copied(&format!("{old}{next}")), format!("{old}\n{new}{next}"));
    }
}
