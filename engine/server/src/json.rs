//! Parser of request bodies. Unlike `serde_json`, it keeps the nesting on the heap, so that values may nest deeply, and
//! objects with the keys that `serde_json` reserves for its own types (`$serde_json::private::Number`) are objects.

use serde_json::{Map, Number, Value};
use std::fmt;

/// Maximum nesting of a request body. Later steps, such as printing a value, use the stack.
pub(super) const MAX_DEPTH: usize = 600;

/// Cause of a rejected body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct JsonError {
    message: &'static str,
    /// Position in bytes.
    position: usize,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.message, self.position)
    }
}

/// Parses a text of one value.
pub(super) fn parse(text: &[u8]) -> Result<Value, JsonError> {
    let text = std::str::from_utf8(text).map_err(|error| JsonError {
        message: "invalid UTF-8",
        position: error.valid_up_to(),
    })?;
    Parser { text, position: 0 }.document()
}

/// Array or object whose end is not read yet.
enum Container {
    Array(Vec<Value>),
    /// The entries so far, and the key of the next one.
    Object(Map<String, Value>, String),
}

struct Parser<'t> {
    text: &'t str,
    position: usize,
}

impl Parser<'_> {
    fn document(&mut self) -> Result<Value, JsonError> {
        let mut open: Vec<Container> = Vec::new();
        loop {
            if open.len() >= MAX_DEPTH {
                return Err(self.error("the value nests deeper than 600 levels"));
            }
            let mut value = match self.after_whitespace() {
                Some(b'[') => {
                    self.position += 1;
                    if self.after_whitespace() != Some(b']') {
                        open.push(Container::Array(Vec::new()));
                        continue;
                    }
                    self.position += 1;
                    Value::Array(Vec::new())
                }
                Some(b'{') => {
                    self.position += 1;
                    if self.after_whitespace() != Some(b'}') {
                        open.push(Container::Object(Map::new(), self.key()?));
                        continue;
                    }
                    self.position += 1;
                    Value::Object(Map::new())
                }
                _ => self.scalar()?,
            };
            loop {
                let separator = self.after_whitespace();
                match (open.pop(), separator) {
                    (None, None) => return Ok(value),
                    (None, Some(_)) => return Err(self.error("trailing characters")),
                    (Some(Container::Array(mut items)), Some(b',')) => {
                        self.position += 1;
                        items.push(value);
                        open.push(Container::Array(items));
                        break;
                    }
                    (Some(Container::Array(mut items)), Some(b']')) => {
                        self.position += 1;
                        items.push(value);
                        // The first item reserves memory for four: nested arrays of one item would need most of it for nothing.
                        items.shrink_to_fit();
                        value = Value::Array(items);
                    }
                    (Some(Container::Object(mut entries, key)), Some(b',')) => {
                        self.position += 1;
                        entries.insert(key, value);
                        let next = self.key()?;
                        open.push(Container::Object(entries, next));
                        break;
                    }
                    (Some(Container::Object(mut entries, key)), Some(b'}')) => {
                        self.position += 1;
                        entries.insert(key, value);
                        value = Value::Object(entries);
                    }
                    (Some(Container::Array(_)), _) => return Err(self.error("expected `,` or `]`")),
                    (Some(Container::Object(..)), _) => return Err(self.error("expected `,` or `}`")),
                }
            }
        }
    }

    fn error(&self, message: &'static str) -> JsonError {
        JsonError {
            message,
            position: self.position,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn after_whitespace(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.position += 1;
        }
        self.peek()
    }

    /// Reads a key and the colon after it.
    fn key(&mut self) -> Result<String, JsonError> {
        if self.after_whitespace() != Some(b'"') {
            return Err(self.error("expected a key in quotes"));
        }
        let key = self.string()?;
        if self.after_whitespace() != Some(b':') {
            return Err(self.error("expected `:`"));
        }
        self.position += 1;
        Ok(key)
    }

    fn scalar(&mut self) -> Result<Value, JsonError> {
        match self.peek() {
            None => Err(self.error("unexpected end")),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(_) => {
                for (word, value) in [
                    ("null", Value::Null),
                    ("true", Value::Bool(true)),
                    ("false", Value::Bool(false)),
                ] {
                    if self.text.as_bytes()[self.position..].starts_with(word.as_bytes()) {
                        self.position += word.len();
                        return Ok(value);
                    }
                }
                Err(self.error("expected a value"))
            }
        }
    }

    fn number(&mut self) -> Result<Number, JsonError> {
        let start = self.position;
        if self.peek() == Some(b'-') {
            self.position += 1;
        }
        if self.peek() == Some(b'0') {
            self.position += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.position += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.position += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.position += 1;
            }
            self.digits()?;
        }
        let number = self.text[start..self.position].parse();
        number.map_err(|_| self.error("invalid number"))
    }

    /// Reads at least one digit.
    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.position;
        while let Some(b'0'..=b'9') = self.peek() {
            self.position += 1;
        }
        if self.position == start {
            return Err(self.error("expected a digit"));
        }
        Ok(())
    }

    /// Reads a string that begins here.
    fn string(&mut self) -> Result<String, JsonError> {
        self.position += 1;
        let mut out = String::new();
        loop {
            let start = self.position;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.position += 1;
            }
            // The bytes at both ends are ASCII.
            out.push_str(&self.text[start..self.position]);
            match self.peek() {
                Some(b'"') => {
                    self.position += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.position += 1;
                    out.push(self.escape()?);
                }
                Some(_) => return Err(self.error("control character in a string")),
                None => return Err(self.error("unexpected end of a string")),
            }
        }
    }

    /// Reads an escape sequence after its backslash.
    fn escape(&mut self) -> Result<char, JsonError> {
        let character = match self.peek() {
            Some(character @ (b'"' | b'\\' | b'/')) => char::from(character),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.position += 1;
                return self.code_point();
            }
            _ => return Err(self.error("invalid escape")),
        };
        self.position += 1;
        Ok(character)
    }

    fn code_point(&mut self) -> Result<char, JsonError> {
        let unit = self.hex()?;
        let mut units = vec![unit];
        if (0xd800..0xdc00).contains(&unit) && self.text.as_bytes()[self.position..].starts_with(b"\\u") {
            self.position += 2;
            units.push(self.hex()?);
        }
        let mut decoded = char::decode_utf16(units);
        match (decoded.next(), decoded.next()) {
            (Some(Ok(character)), None) => Ok(character),
            _ => Err(self.error("unpaired surrogate")),
        }
    }

    /// Reads four hexadecimal digits.
    fn hex(&mut self) -> Result<u16, JsonError> {
        let digits = self.text.as_bytes().get(self.position..self.position + 4);
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let unit = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u16::from_str_radix(digits, 16).ok())
            .ok_or_else(|| self.error("expected four hexadecimal digits"))?;
        self.position += 4;
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_serde_json() {
        for text in [
            "null",
            " true ",
            "false",
            "0",
            "-0",
            "-12.50e+3",
            "1E400",
            "123456789012345678901234567890.1234567890",
            r#""""#,
            r#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000é😀""#,
            "[]",
            "[ ]",
            "{}",
            "{ }",
            r#"[1, [2, {"a": [], "b": {"c": null}}], "x"]"#,
            r#" {"b" : 1 , "a" : [ true , false ] , "b" : 2 } "#,
        ] {
            let expected: Value = serde_json::from_str(text).unwrap();
            let value = parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(value.to_string(), expected.to_string(), "{text}");
        }
    }

    #[test]
    fn texts_that_are_not_json_are_refused() {
        for text in [
            "",
            " ",
            "nul",
            "True",
            "01",
            "1.",
            ".5",
            "-",
            "1e",
            "+1",
            "[1,]",
            "[1 2]",
            "[,]",
            "[",
            "]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\":1",
            "{\"a\":1]",
            "\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u+123\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\\udc00\"",
            "\"\n\"",
            "1 2",
            "nullx",
            "\u{feff}1",
        ] {
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse(b"\"\xff\"").is_err());
    }

    #[test]
    fn private_keys_of_serde_json_are_keys() {
        for text in [
            r#"{"$serde_json::private::Number":"12"}"#,
            r#"{"$serde_json::private::Number":"abc"}"#,
            r#"{"$serde_json::private::RawValue":"{}"}"#,
            r#"[{"$serde_json::private::RawValue":{"$serde_json::private::Number":1},"x":1}]"#,
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap().to_string(), text);
        }
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(
            parse(nested(MAX_DEPTH).as_bytes()).unwrap().to_string(),
            nested(MAX_DEPTH)
        );
        for depth in [MAX_DEPTH + 1, 1_000_000] {
            let error = parse(nested(depth).as_bytes()).unwrap_err();
            assert_eq!(error.message, "the value nests deeper than 600 levels");
        }
        let objects = format!("{}1{}", r#"{"a":"#.repeat(MAX_DEPTH), "}".repeat(MAX_DEPTH));
        assert!(parse(objects.as_bytes()).is_err());
    }
}
