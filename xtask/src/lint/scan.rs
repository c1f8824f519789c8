//! Extracts comments, string literals and prose from source files.
//!
//! Texts that Hasura itself produces are skipped: between the comments `Hasura's wording: begin` and `Hasura's wording:
//! end`, or from a comment `Hasura's wording` to the end of the item, table or statement that follows it. At the end of a
//! line of code the comment applies to that line.

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
            (lexer.pieces, lexer.code)
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

/// Comments that begin with `prefix` at the start of a line or after white space, outside of quotes.
fn line_comments(text: &str, prefix: &str) -> Vec<Piece> {
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
fn descriptions(text: &str) -> Vec<Piece> {
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
fn paragraphs(text: &str) -> Vec<Piece> {
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

/// Separates comments and string literals from code.
struct Lexer<'a> {
    text: &'a str,
    language: Language,
    at: usize,
    line: usize,
    pieces: Vec<Piece>,
    /// Code without comments and string literals, with the same lines.
    code: String,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, language: Language) -> Self {
        Self {
            text,
            language,
            at: 0,
            line: 1,
            pieces: Vec::new(),
            code: String::with_capacity(text.len()),
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn run(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            if !(self.comment() || self.literal(c) || self.jsx_text(c)) {
                self.code.push(c);
                self.skip(c.len_utf8());
            }
        }
    }

    fn skip(&mut self, length: usize) -> &'a str {
        let skipped = &self.rest()[..length];
        self.at += length;
        self.line += newlines(skipped);
        skipped
    }

    fn push(&mut self, kind: Kind, text: String, line: usize) {
        let alone = self
            .code
            .rsplit('\n')
            .next()
            .is_none_or(|code| code.trim().is_empty());
        self.pieces.push(Piece {
            kind,
            text,
            line,
            alone,
        });
    }

    /// Keeps the lines of the code equal to those of the text.
    fn keep_lines(&mut self, text: &str) {
        self.code.extend(std::iter::repeat_n('\n', newlines(text)));
    }

    fn replace_literal(&mut self, text: &str) {
        self.code.push('"');
        self.keep_lines(text);
    }

    fn comment(&mut self) -> bool {
        let rest = self.rest();
        let line_prefixes: &[(&str, Kind)] = match self.language {
            Language::Rust => &[
                ("////", Kind::Comment),
                ("///", Kind::Doc),
                ("//!", Kind::Comment),
                ("//", Kind::Comment),
            ],
            Language::Script | Language::Jsx => &[("//", Kind::Comment)],
            Language::Sql => &[("--", Kind::Comment)],
            Language::Python => &[("#", Kind::Comment)],
            _ => &[],
        };
        for (prefix, kind) in line_prefixes {
            if rest.starts_with(prefix) {
                let end = rest.find('\n').unwrap_or(rest.len());
                let line = self.line;
                self.push(*kind, rest[prefix.len()..end].to_owned(), line);
                self.skip(end);
                return true;
            }
        }
        if self.language != Language::Python && rest.starts_with("/*") {
            let end = self.end_of_block_comment();
            let body = rest[2..end].trim_end_matches("*/");
            // Leading asterisks belong to the frame, not to the text.
            let body: Vec<_> = body
                .split('\n')
                .map(|line| line.trim_start().trim_start_matches('*'))
                .collect();
            let line = self.line;
            self.push(Kind::Comment, body.join("\n"), line);
            let skipped = self.skip(end);
            self.keep_lines(skipped);
            return true;
        }
        false
    }

    /// Length of the block comment here; in Rust and SQL they nest.
    fn end_of_block_comment(&self) -> usize {
        let rest = self.rest();
        let nests = matches!(self.language, Language::Rust | Language::Sql);
        let mut depth = 0;
        let mut at = 0;
        while at < rest.len() {
            if rest[at..].starts_with("/*") && (nests || depth == 0) {
                depth += 1;
                at += 2;
            } else if rest[at..].starts_with("*/") {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            } else {
                at += rest[at..].chars().next().map_or(1, char::len_utf8);
            }
        }
        rest.len()
    }

    fn literal(&mut self, c: char) -> bool {
        match self.language {
            Language::Rust => self.rust_literal(c),
            Language::Script | Language::Jsx => match c {
                '"' | '\'' => self.quoted(c, 1, true, false),
                '`' => self.quoted(c, 1, true, true),
                '/' => self.regular_expression(),
                _ => false,
            },
            Language::Css => matches!(c, '"' | '\'') && self.quoted(c, 1, true, false),
            Language::Sql => match c {
                '\'' => self.quoted(c, 1, false, true),
                '"' => self.quoted(c, 1, false, false),
                _ => false,
            },
            Language::Python => {
                let triple = self.rest().starts_with("\"\"\"") || self.rest().starts_with("'''");
                matches!(c, '"' | '\'') && self.quoted(c, if triple { 3 } else { 1 }, true, triple)
            }
            _ => false,
        }
    }

    /// A literal between `width` quotes; `escapes` if a backslash is special, `lines` if it may contain line ends.
    fn quoted(&mut self, quote: char, width: usize, escapes: bool, lines: bool) -> bool {
        let rest = self.rest();
        let fence = quote.to_string().repeat(width);
        let mut at = width;
        while at < rest.len() && !rest[at..].starts_with(&fence) {
            let Some(c) = rest[at..].chars().next() else {
                break;
            };
            if c == '\n' && !lines {
                // Not a literal, but for example an apostrophe.
                self.code.push(quote);
                self.skip(width);
                return true;
            }
            at += c.len_utf8();
            if escapes && c == '\\' {
                at += rest[at..].chars().next().map_or(0, char::len_utf8);
            }
        }
        let end = (at + width).min(rest.len());
        let body = &rest[width..at.min(rest.len())];
        self.text_piece(body, escapes);
        let skipped = self.skip(end);
        self.replace_literal(skipped);
        true
    }

    /// Adds the text of a literal if it contains a space.
    fn text_piece(&mut self, body: &str, escapes: bool) {
        if body.trim().contains(' ') {
            let text = if escapes {
                without_escapes(body)
            } else {
                body.to_owned()
            };
            let line = self.line;
            self.push(Kind::Text, text, line);
        }
    }

    fn rust_literal(&mut self, c: char) -> bool {
        let rest = self.rest();
        let in_word = self.code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if !in_word {
            let raw = ["r", "br", "cr"].iter().find_map(|prefix| {
                let hashes = rest.strip_prefix(prefix)?;
                let count = hashes.len() - hashes.trim_start_matches('#').len();
                hashes[count..]
                    .starts_with('"')
                    .then_some((prefix.len() + count + 1, count))
            });
            if let Some((start, hashes)) = raw {
                let fence = format!("\"{}", "#".repeat(hashes));
                let end = rest[start..].find(&fence).map_or(rest.len(), |end| start + end);
                self.text_piece(&rest[start..end], false);
                let skipped = self.skip((end + fence.len()).min(rest.len()));
                self.replace_literal(skipped);
                return true;
            }
        }
        match c {
            '"' => self.quoted('"', 1, true, true),
            '\'' => {
                // A character, not a lifetime.
                let mut chars = rest[1..].chars();
                let length = match (chars.next(), chars.next()) {
                    (Some('\\'), Some(escaped)) => {
                        let from = 2 + escaped.len_utf8();
                        rest[from..].find('\'').map(|end| from + end + 1)
                    }
                    (Some(only), Some('\'')) => Some(only.len_utf8() + 2),
                    _ => None,
                };
                if let Some(length) = length {
                    self.skip(length);
                    return true;
                }
                false
            }
            _ => false,
        }
    }

    /// A regular expression of JavaScript, which may contain quotes.
    fn regular_expression(&mut self) -> bool {
        let before = self.code.trim_end();
        let operand = before.is_empty()
            || before.ends_with(['(', ',', '=', ':', '[', '!', '&', '|', '?', '{', '}', ';'])
            || before.ends_with("=>")
            || before.ends_with("return");
        if !operand {
            return false;
        }
        let (mut class, mut escaped) = (false, false);
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                '\n' => return false,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => class = true,
                ']' => class = false,
                '/' if !class => {
                    self.skip(at + 1);
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    /// Text between tags. Without a parser: what follows `>` or `}` up to `<` or `{` and does not look like code.
    fn jsx_text(&mut self, c: char) -> bool {
        if self.language != Language::Jsx || !matches!(c, '>' | '}') || self.code.ends_with(['=', '-']) {
            return false;
        }
        let rest = &self.rest()[1..];
        let Some(end) = rest.find(['<', '{']) else {
            return false;
        };
        let text = &rest[..end];
        let parentheses = text.matches('(').count() == text.matches(')').count();
        let opens_tag = rest[end..].starts_with("</")
            || rest[end..].starts_with('{')
            || rest[end + 1..].starts_with(char::is_alphabetic);
        let code = [";", "=", "&&", "||", "\"", "`", "}", " ? ", "//", "/*"];
        if !text.trim().contains(' ')
            || !text
                .trim_start()
                .starts_with(|c: char| c.is_alphanumeric() || c == '“')
            || !parentheses
            || !opens_tag
            || code.iter().any(|token| text.contains(token))
            || (c == '}' && starts_statement(text))
        {
            return false;
        }
        self.code.push(c);
        self.skip(1);
        let line = self.line;
        self.push(Kind::Text, text.to_owned(), line);
        let skipped = self.skip(end);
        self.keep_lines(skipped);
        true
    }
}

/// Code that follows a closing brace, such as `else {` or `export function f() {`.
fn starts_statement(text: &str) -> bool {
    const KEYWORDS: [&str; 22] = [
        "async",
        "case",
        "catch",
        "class",
        "const",
        "default",
        "else",
        "enum",
        "export",
        "finally",
        "for",
        "from",
        "function",
        "if",
        "import",
        "interface",
        "let",
        "return",
        "switch",
        "try",
        "type",
        "while",
    ];
    text.split_whitespace()
        .next()
        .is_some_and(|word| KEYWORDS.contains(&word))
}

/// Replaces escapes by as many bytes that do not change the offsets: line ends by spaces, others by control characters.
fn without_escapes(body: &str) -> String {
    let mut result = String::with_capacity(body.len());
    let mut chars = body.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            result.push(c);
            continue;
        }
        match chars.next() {
            Some('\n') => result.push_str(" \n"),
            Some('n' | 't' | 'r') => result.push_str("  "),
            Some(quote @ ('\'' | '"')) => {
                result.push(' ');
                result.push(quote);
            }
            Some(other) => blank(&format!("\\{other}"), &mut result),
            None => {}
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, language: Language) -> Vec<(usize, String)> {
        pieces(text, language)
            .into_iter()
            .map(|piece| (piece.line, piece.text.trim().replace(NOT_PROSE, "~")))
            .collect()
    }

    fn found(expected: &[(usize, &str)]) -> Vec<(usize, String)> {
        expected
            .iter()
            .map(|(line, text)| (*line, (*text).to_owned()))
            .collect()
    }

    #[test]
    fn rust_comments_and_strings_are_found() {
        let text = r##"//! Module
fn f<'a>(c: &'a str) -> char { '"' } // end of line
/// First line
/// second `inline code`
const A: &str = "two words"; const B: &str = "word";
const C: &str = r#"raw "text" here"#; /* block /* nested */ comment */
const D: &str = "with // no comment \" inside";
"##;
        let expected = [
            (1, "Module"),
            (2, "end of line"),
            (3, "First line\n second ~~~~~~~~~~~~~"),
            (5, "two words"),
            (6, "raw \"text\" here"),
            (6, "block /* nested */ comment"),
            (7, "with // no comment  \" inside"),
        ];
        assert_eq!(texts(text, Language::Rust), found(&expected));
    }

    #[test]
    fn line_of_a_match_counts_line_ends_in_the_text() {
        let text = "\nconst A: &str = \"first line \\\n    second line\";\n";
        let found = pieces(text, Language::Rust);
        let offset = found[0].text.find("second").expect("the second line");
        assert_eq!(found[0].line_of(offset), 3);
    }

    #[test]
    fn scripts_and_jsx_are_separated_from_code() {
        let text = "const a = x > 0 && y < 1 // why not\nconst r = /[\"'/]/.test(it's)\n\
                    const b = <p title=\"a title\">Don't wait for {name} to come</p>\n\
                    const c = `template ${x} text`\n} else if (a) {\n";
        let expected = [
            (1, "why not"),
            (3, "a title"),
            (3, "Don't wait for"),
            (3, "to come"),
            (4, "template ${x} text"),
        ];
        assert_eq!(texts(text, Language::Jsx), found(&expected));
    }

    #[test]
    fn sql_python_and_hash_comments_are_found() {
        let sql = "SELECT 'it''s -- text' -- a comment\n/* block */";
        let expected = [(1, "s -- text"), (1, "a comment"), (2, "block")];
        assert_eq!(texts(sql, Language::Sql), found(&expected));
        let python = "\"\"\"A module.\n\nMore.\n\"\"\"\nx = 'two words'  # why\n";
        let expected = [(1, "A module.\n\nMore."), (5, "two words"), (5, "why")];
        assert_eq!(texts(python, Language::Python), found(&expected));
        let shell = "a=${#b[@]} # why\necho 'no # comment' \"#\"\n# one\n# two\n";
        let expected = [(1, "why"), (3, "one\n two")];
        assert_eq!(texts(shell, Language::Hash), found(&expected));
    }

    #[test]
    fn descriptions_of_templates_are_found() {
        let yaml = "Description: >-\n  Two\n  lines\nParameters:\n  A:\n    ConstraintDescription: A rule.\n\
                    \x20   Default: nothing\n  - Label: {default: The name}\n  - {Description: the pool, Port: 1}\n";
        let expected = [
            (2, "Two\n  lines"),
            (6, "A rule."),
            (8, "The name}"),
            (9, "the pool, Port: 1}"),
        ];
        assert_eq!(texts(yaml, Language::Yaml), found(&expected));
    }

    #[test]
    fn markdown_is_found_without_code_and_targets() {
        let text = "# Title\n\nSome `code` and\n[a link](x/y.md) here.\n\n```sh\nignored\n```\n- item\n  more\n| a | b |\n";
        let expected = [
            (1, "# Title"),
            (3, "Some ~~~~~~ and\n[a link~~~~~~~~~ here."),
            (9, "- item\n  more"),
            (11, "| a | b |"),
        ];
        assert_eq!(texts(text, Language::Markdown), found(&expected));
    }

    #[test]
    fn hasuras_wording_is_skipped() {
        let text = "// Hasura's wording\n#[derive(Debug)]\nconst A: [&str; 2] = [\n    \"is no query\",\n    \"is no root\",\n];\n\
                    const B: &str = \"our own\";\n\
                    f(\"is no type\"); // Hasura's wording\n\
                    f(\"our text\");\n\
                    // Hasura's wording: begin\nf(\"is no field\");\n\ng(\"is no scalar\");\n// Hasura's wording: end\n\
                    f(\"our end\");\n";
        let expected = [(7, "our own"), (9, "our text"), (15, "our end")];
        assert_eq!(texts(text, Language::Rust), found(&expected));
    }

    #[test]
    fn marker_in_a_match_skips_one_arm() {
        let text =
            "match a {\n    // Hasura's wording\n    A => \"is no query\",\n    B => \"our own\",\n}\n";
        assert_eq!(texts(text, Language::Rust), found(&[(4, "our own")]));
    }

    #[test]
    fn unfinished_literals_do_not_panic() {
        for text in [
            "\"", "'", "r#\"", "/*", "`", "\\", "'\\", "\"\\", "/", ">", "b'é", "/* é",
        ] {
            for language in [
                Language::Rust,
                Language::Jsx,
                Language::Sql,
                Language::Python,
                Language::Yaml,
                Language::Markdown,
            ] {
                pieces(text, language);
            }
        }
    }

    #[test]
    fn language_follows_the_name() {
        assert_eq!(language("a/b.rs"), Some(Language::Rust));
        assert_eq!(language(".ci/run"), Some(Language::Hash));
        assert_eq!(language("docs/style-guide.md"), None);
        assert_eq!(language("LICENSE"), None);
    }
}
