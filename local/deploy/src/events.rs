//! What happens in a stack while it changes: told as it happens, and in the end the resource that failed, and why.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::aws::Aws;

/// How often AWS is asked.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// How long AWS may print nothing at all, not even of the past.
const EVENT_TIMEOUT: Duration = Duration::from_mins(2);
/// How deep stacks are nested.
const MAX_NESTING: usize = 3;

/// Follows one change of a stack.
#[derive(Debug)]
pub(super) struct Follower {
    stack: String,
    /// The stack's id once it is known: by its id, a stack can still be asked about when it is deleted.
    id: String,
    seen: HashSet<String>,
    began: Instant,
}

impl Follower {
    /// What has happened until now is not told.
    pub(super) async fn since_now(aws: &Aws, stack: &str) -> Self {
        let past = events(aws, stack).await;
        Self {
            stack: stack.to_owned(),
            id: past
                .last()
                .map_or_else(|| stack.to_owned(), |event| event.stack_id.clone()),
            seen: past.into_iter().map(|event| event.id).collect(),
            began: Instant::now(),
        }
    }

    /// Tells until the change has come to its end.
    ///
    /// # Errors
    /// When it failed: the message names each resource that did, and why. AWS has taken the change back then.
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
                    "AWS tells nothing of {} any more: look at it in the console of CloudFormation",
                    self.stack
                );
            }
            for event in now {
                if !self.seen.insert(event.id.clone()) {
                    continue;
                }
                self.id.clone_from(&event.stack_id);
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
            "{} failed and is {status} now. What failed:\n{}",
            self.stack,
            if lines.is_empty() {
                "  AWS does not say; see the stack's events in the console of CloudFormation".to_owned()
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

    /// What was only given up because something else failed is no cause.
    fn failed(&self) -> bool {
        self.status.ends_with("_FAILED") && !self.reason.contains("cancelled")
    }
}

/// A stack's events, the oldest first; none where there is no such stack (yet, or any more).
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
    fn only_causes_count_as_failures() {
        assert!(event("CREATE_FAILED", "limit exceeded").failed());
        assert!(!event("CREATE_FAILED", "Resource creation cancelled").failed());
        assert!(!event("CREATE_COMPLETE", "").failed());
        assert!(!event("CREATE_FAILED", "").is_a_nested_stack());
    }
}
