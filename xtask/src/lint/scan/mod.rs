//! Extracts comments, string literals and prose from source files.
//!
//! Texts that Hasura itself produces are skipped: between the comments `Hasura's wording: begin` and `Hasura's wording:
//! end`, or from a comment `Hasura's wording` to the end of the item, table or statement that follows it. At the end of a
//! line of code the comment applies to that line.

mod lexer;
mod prose;
#[cfg(test)]
mod tests;

use self::lexer::Lexer;
use self::prose::{descriptions, line_comments, paragraphs};
use super::words::Kind;

/// Syntax of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Rust,
    /// TypeScript and JavaScript.
    Script,
    /// TypeScript with JSX.
    Jsx,
    Css,
    Sql,
    Python,
    /// Comments begin with `#`: shell, TOML, GraphQL.
    Hash,
    /// As `Hash`, with the descriptions of CloudFormation.
    Yaml,
    /// Comments begin with `;`.
    Ini,
    Markdown,
}

/// Path prefixes of files that quote the phrases.
const QUOTING: [&str; 2] = ["docs/style-guide.md", "xtask/src/lint/"];

/// Returns the syntax of a file that is scanned.
pub(super) fn language(path: &str) -> Option<Language> {
    if QUOTING.iter().any(|prefix| path.starts_with(prefix)) {
        return None;
    }
    let name = path.rsplit('/').next()?;
    if path.starts_with(".ci/") && !name.contains('.') {
        return Some(Language::Hash);
    }
    match name.rsplit_once('.')?.1 {
        "rs" => Some(Language::Rust),
        "ts" | "mts" | "js" | "mjs" => Some(Language::Script),
        "tsx" | "jsx" => Some(Language::Jsx),
        "css" => Some(Language::Css),
        "sql" => Some(Language::Sql),
        "py" => Some(Language::Python),
        "sh" | "toml" | "graphql" => Some(Language::Hash),
        "yaml" | "yml" => Some(Language::Yaml),
        "ini" => Some(Language::Ini),
        "md" => Some(Language::Markdown),
        _ => None,
    }
}

/// A text to check.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    /// Inline code is replaced by control characters of the same length.
    pub(super) text: String,
    /// First line, counted from 1.
    line: usize,
    /// Only white space precedes it on its line.
    alone: bool,
}

impl Piece {
    /// Line of a byte offset in the text.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.line + newlines(&self.text[..offset])
    }

    fn last_line(&self) -> usize {
        self.line + newlines(&self.text)
    }
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// Stands for a character that is not prose.
const NOT_PROSE: char = '\u{1}';

/// Returns the texts of a file.
pub(super) fn pieces(text: &str, language: Language) -> Vec<Piece> {
    let (found, code) = match language {
        Language::Rust
        | Language::Script
        | Language::Jsx
        | Language::Css
        | Language::Sql
        | Language::Python => {
            let mut lexer = Lexer::new(text, language);
            lexer.run();
            lexer.finish()
        }
        Language::Hash => (line_comments(text, "#"), String::new()),
        Language::Ini => (line_comments(text, ";"), String::new()),
        Language::Yaml => {
            let mut found = line_comments(text, "#");
            found.extend(descriptions(text));
            (found, String::new())
        }
        Language::Markdown => (paragraphs(text), String::new()),
    };
    let skipped = skipped_lines(&found, &code);
    merge(found)
        .into_iter()
        .filter(|piece| {
            !skipped
                .iter()
                .any(|(from, to)| (*from..=*to).contains(&piece.line))
        })
        .map(|mut piece| {
            if piece.kind != Kind::Text {
                piece.text = without_inline_code(&piece.text);
            }
            piece
        })
        .collect()
}

/// A comment that starts or ends a block of Hasura's wording.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marker {
    Begin,
    End,
    Item,
}

fn marker(piece: &Piece) -> Option<Marker> {
    if piece.kind == Kind::Text {
        return None;
    }
    let rest = piece.text.trim().strip_prefix("Hasura's wording")?;
    Some(match rest.trim_end_matches('.') {
        ": begin" => Marker::Begin,
        ": end" => Marker::End,
        _ => Marker::Item,
    })
}

/// Ranges of lines that hold Hasura's wording.
fn skipped_lines(pieces: &[Piece], code: &str) -> Vec<(usize, usize)> {
    let code: Vec<_> = code.split('\n').collect();
    let mut skipped = Vec::new();
    let mut begun = None;
    for piece in pieces {
        match marker(piece) {
            Some(Marker::Begin) => begun = Some(piece.line),
            Some(Marker::End) => skipped.extend(begun.take().map(|from| (from, piece.line))),
            Some(Marker::Item) if piece.alone => {
                skipped.push((piece.line, end_of_item(&code, piece.last_line())));
            }
            Some(Marker::Item) => skipped.push((piece.line, piece.line)),
            None => {}
        }
    }
    skipped.extend(begun.map(|from| (from, usize::MAX)));
    skipped
}

/// Last line of the item that starts after `line`, by its brackets.
fn end_of_item(code: &[&str], line: usize) -> usize {
    let mut depth = 0_i64;
    for (index, text) in code.iter().enumerate().skip(line) {
        let text = text.trim();
        if depth == 0 && (text.is_empty() || text.starts_with("#[")) {
            continue;
        }
        for c in text.chars() {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
        }
        if depth < 0 || (depth == 0 && text.ends_with([';', ',', '}', ')', ']'])) {
            return index + 1;
        }
    }
    code.len()
}

/// Joins line comments of the same kind on consecutive lines, so that phrases are found across line ends.
fn merge(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut merged: Vec<Piece> = Vec::new();
    for piece in pieces {
        if let Some(last) = merged.last_mut()
            && last.alone
            && piece.alone
            && last.kind == piece.kind
            && matches!(piece.kind, Kind::Doc | Kind::Comment)
            && last.last_line() + 1 == piece.line
            && marker(&piece).is_none()
            && marker(last).is_none()
        {
            last.text.push('\n');
            last.text.push_str(&piece.text);
        } else {
            merged.push(piece);
        }
    }
    merged
}

/// Blanks code between backticks: `` `x` `` within a paragraph, and fenced blocks.
fn without_inline_code(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        let ticks = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        let fence = "`".repeat(ticks);
        let body = &rest[start + ticks..];
        let end = body
            .find(&fence)
            .filter(|end| ticks >= 3 || !body[..*end].contains("\n\n"));
        let stop = start + ticks + end.map_or(0, |end| end + ticks);
        result.push_str(&rest[..start]);
        blank(&rest[start..stop], &mut result);
        rest = &rest[stop..];
    }
    result.push_str(rest);
    result
}

fn blank(text: &str, result: &mut String) {
    result.extend(
        text.bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { NOT_PROSE }),
    );
}
