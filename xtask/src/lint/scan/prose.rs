//! Comments of scripts, descriptions of CloudFormation templates, and paragraphs of Markdown.

use super::{Kind, Piece, blank};

/// Comments that begin with `prefix` at the start of a line or after white space, outside of quotes.
pub(super) fn line_comments(text: &str, prefix: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some(at) = comment_start(line, prefix) else {
            continue;
        };
        found.push(Piece {
            kind: Kind::Comment,
            text: line[at..].trim_start_matches(prefix).to_owned(),
            line: index + 1,
            alone: line[..at].trim().is_empty(),
        });
    }
    found
}

fn comment_start(line: &str, prefix: &str) -> Option<usize> {
    let mut quote = None;
    let mut previous = ' ';
    for (at, c) in line.char_indices() {
        match quote {
            Some(open) => quote = Some(open).filter(|open| c != *open),
            None if previous.is_whitespace() && line[at..].starts_with(prefix) => return Some(at),
            // An apostrophe within a word does not open a quotation.
            None if matches!(c, '"' | '\'') && !previous.is_alphanumeric() => quote = Some(c),
            None => {}
        }
        previous = c;
    }
    None
}

/// Human-readable values of a CloudFormation template.
pub(super) fn descriptions(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        let Some(value) = described(line) else {
            continue;
        };
        let (mut value, mut first) = (value.trim().to_owned(), index + 1);
        if matches!(&*value, ">-" | ">" | "|" | "|-") {
            value.clear();
            first += 1;
            while let Some((_, next)) = lines.peek() {
                let deeper = next.len() - next.trim_start().len() > indent;
                if !deeper && !next.trim().is_empty() {
                    break;
                }
                value.push_str(next);
                value.push('\n');
                lines.next();
            }
        }
        found.push(Piece {
            kind: Kind::Text,
            text: value,
            line: first,
            alone: false,
        });
    }
    found
}

/// Value of a key whose name ends with `Description`, of `Comment`, `MessageBody` or of a label's `default`.
fn described(line: &str) -> Option<&str> {
    for key in ["Description:", "Comment:", "MessageBody:", "Label: {default:"] {
        if let Some((before, value)) = line.split_once(key)
            && before.chars().all(|c| c.is_alphanumeric() || " -{,".contains(c))
        {
            return Some(value);
        }
    }
    None
}

/// Paragraphs, list items and table rows of Markdown without code blocks, comments and link targets.
pub(super) fn paragraphs(text: &str) -> Vec<Piece> {
    let mut found: Vec<Piece> = Vec::new();
    let mut fence: Option<String> = None;
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        if let Some(ticks) = &fence {
            if trimmed.starts_with(ticks.as_str()) {
                fence = None;
            }
            continue;
        }
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            let ticks = trimmed.chars().take_while(|c| matches!(c, '`' | '~'));
            fence = Some(ticks.collect());
            open = false;
            continue;
        }
        if let Some(comment) = trimmed.strip_prefix("<!--") {
            found.push(Piece {
                kind: Kind::Comment,
                text: comment.trim_end().trim_end_matches("-->").to_owned(),
                line: index + 1,
                alone: true,
            });
            open = false;
            continue;
        }
        let separate = trimmed.is_empty() || trimmed.starts_with(['#', '|', '-', '*', '>']);
        let prose = without_targets(line);
        if open
            && !separate
            && let Some(last) = found.last_mut()
        {
            last.text.push('\n');
            last.text.push_str(&prose);
        } else if !trimmed.is_empty() {
            found.push(Piece {
                kind: Kind::Prose,
                text: prose,
                line: index + 1,
                alone: false,
            });
        }
        open = !trimmed.is_empty() && !trimmed.starts_with(['#', '|']);
    }
    found
}

/// Blanks the targets of links, `](…)` and `<https://…>`.
fn without_targets(line: &str) -> String {
    let mut result = String::with_capacity(line.len());
    let mut rest = line;
    loop {
        let next = [("](", ')'), ("<http", '>')]
            .iter()
            .filter_map(|(open, close)| rest.find(open).map(|at| (at, open.len(), *close)))
            .min();
        let Some((start, open, close)) = next else {
            result.push_str(rest);
            return result;
        };
        let end = rest[start + open..]
            .find(close)
            .map_or(rest.len(), |end| start + open + end + 1);
        result.push_str(&rest[..start]);
        blank(&rest[start..end], &mut result);
        rest = &rest[end..];
    }
}
