//! Events of a stack: printed while it changes; a failure ends with the resources that failed and the reasons.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::aws::Aws;

const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// Maximum time without any events, past ones included.
const EVENT_TIMEOUT: Duration = Duration::from_mins(2);
/// Maximum depth of nested stacks.
const MAX_NESTING: usize = 3;

/// Follows one change of a stack.
#[derive(Debug)]
pub(super) struct Follower {
    stack: String,
    id: String,
    seen: HashSet<String>,
    began: Instant,
}

impl Follower {
    /// Skips the events until now.
    pub(super) async fn since_now(aws: &Aws, stack: &str, id: &str) -> Self {
        let past = events(aws, id).await;
        Self {
            stack: stack.to_owned(),
            id: id.to_owned(),
            seen: past.into_iter().map(|event| event.id).collect(),
            began: Instant::now(),
        }
    }

    /// Prints events until the change is complete. On failure the error names each failed resource with its reason;
    /// CloudFormation has rolled the change back by then.
    pub(super) async fn follow(mut self, aws: &Aws) -> Result<()> {
        let mut failures = Vec::new();
        let mut heard = Instant::now();
        loop {
            let mut end = None;
            let now = events(aws, &self.id).await;
            if !now.is_empty() {
                heard = Instant::now();
            } else if heard.elapsed() > EVENT_TIMEOUT {
                bail!(
                    "no CloudFormation events for {}; check the stack in the AWS console",
                    self.stack
                );
            }
            for event in now {
                if !self.seen.insert(event.id.clone()) {
                    continue;
                }
                self.print(&event);
                if event.is_the_stack() {
                    end = Some(event.status.clone());
                } else if event.failed() {
                    failures.push(event);
                }
            }
            match end.as_deref() {
                Some("CREATE_COMPLETE" | "UPDATE_COMPLETE" | "DELETE_COMPLETE") => return Ok(()),
                Some(status) if status.ends_with("_COMPLETE") || status.ends_with("_FAILED") => {
                    return self.failed(aws, status, failures).await;
                }
                _ => tokio::time::sleep(POLL_INTERVAL).await,
            }
        }
    }

    fn print(&self, event: &Event) {
        let seconds = self.began.elapsed().as_secs();
        let reason = if event.failed() {
            format!(": {}", event.reason)
        } else {
            String::new()
        };
        eprintln!(
            "{:>4}:{:02}  {:<20} {}{reason}",
            seconds / 60,
            seconds % 60,
            event.status,
            event.resource
        );
    }

    async fn failed(&self, aws: &Aws, status: &str, failures: Vec<Event>) -> Result<()> {
        let mut lines = Vec::new();
        let mut todo: Vec<(String, Event, usize)> = failures
            .into_iter()
            .map(|event| (String::new(), event, 0))
            .collect();
        while let Some((path, event, depth)) = todo.pop() {
            let path = format!("{path}{}", event.resource);
            let within = if event.is_a_nested_stack() && depth < MAX_NESTING {
                events(aws, &event.physical_id).await
            } else {
                Vec::new()
            };
            let within: Vec<Event> = within
                .into_iter()
                .filter(|inner| inner.failed() && !inner.is_the_stack())
                .collect();
            if within.is_empty() {
                lines.push(format!("  {path} ({}): {}", event.kind, event.reason));
            }
            todo.extend(
                within
                    .into_iter()
                    .map(|inner| (format!("{path} / "), inner, depth + 1)),
            );
        }
        lines.sort();
        lines.dedup();
        bail!(
            "{} failed with status {status}. Failed resources:\n{}",
            self.stack,
            if lines.is_empty() {
                "  none reported; see the stack's events in the AWS console".to_owned()
            } else {
                lines.join("\n")
            }
        )
    }
}

#[derive(Debug, Clone)]
struct Event {
    id: String,
    stack_id: String,
    resource: String,
    physical_id: String,
    kind: String,
    status: String,
    reason: String,
}

impl Event {
    fn is_the_stack(&self) -> bool {
        self.physical_id == self.stack_id
    }

    fn is_a_nested_stack(&self) -> bool {
        self.kind == "AWS::CloudFormation::Stack" && self.physical_id.starts_with("arn:")
    }

    /// A resource that was cancelled because another one failed is not a cause.
    fn failed(&self) -> bool {
        self.status.ends_with("_FAILED") && !self.reason.contains("cancelled")
    }
}

/// Events of a stack, oldest first; empty if the stack does not exist.
async fn events(aws: &Aws, stack: &str) -> Vec<Event> {
    let answer = aws
        .json(["cloudformation", "describe-stack-events", "--stack-name", stack])
        .await
        .unwrap_or_default();
    let mut events: Vec<Event> = answer["StackEvents"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|event| {
            let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
            Event {
                id: text("EventId"),
                stack_id: text("StackId"),
                resource: text("LogicalResourceId"),
                physical_id: text("PhysicalResourceId"),
                kind: text("ResourceType"),
                status: text("ResourceStatus"),
                reason: text("ResourceStatusReason"),
            }
        })
        .collect();
    events.reverse();
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(status: &str, reason: &str) -> Event {
        Event {
            id: String::new(),
            stack_id: "arn:stack".to_owned(),
            resource: "Nat".to_owned(),
            physical_id: "nat-1".to_owned(),
            kind: "AWS::EC2::NatGateway".to_owned(),
            status: status.to_owned(),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn cancelled_resources_are_not_failures() {
        assert!(event("CREATE_FAILED", "limit exceeded").failed());
        assert!(!event("CREATE_FAILED", "Resource creation cancelled").failed());
        assert!(!event("CREATE_COMPLETE", "").failed());
        assert!(!event("CREATE_FAILED", "").is_a_nested_stack());
    }
}
