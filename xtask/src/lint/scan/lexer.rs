//! Comments, string literals and JSX text of programming languages.

use super::{Kind, Language, Piece, blank, newlines};

/// Separates comments and string literals from code.
pub(super) struct Lexer<'a> {
    text: &'a str,
    language: Language,
    at: usize,
    line: usize,
    pieces: Vec<Piece>,
    /// Code without comments and string literals, with the same lines.
    code: String,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, language: Language) -> Self {
        Self {
            text,
            language,
            at: 0,
            line: 1,
            pieces: Vec::new(),
            code: String::with_capacity(text.len()),
        }
    }

    /// Returns the texts, and the code without them.
    pub(super) fn finish(self) -> (Vec<Piece>, String) {
        (self.pieces, self.code)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn run(&mut self) {
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
