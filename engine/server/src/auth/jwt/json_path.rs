//! JSON paths of the configuration: `$.a.b`, `$['a b'].c[0]`, `$.['a']`; `$` is the root.

use serde_json::Value;

/// Path to a value inside the claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct JsonPath {
    text: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Key(String),
    Index(usize),
}

impl JsonPath {
    /// Returns an error if the text is not a path; it contains the reason only.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.strip_prefix('$').unwrap_or(text);
        let mut segments = Vec::new();
        while !rest.is_empty() {
            let after_dot = rest.strip_prefix('.');
            let (segment, after) = match after_dot.unwrap_or(rest).strip_prefix('[') {
                Some(bracket) => in_brackets(bracket)?,
                // The first key may be given without `$.`.
                None if after_dot.is_some() || segments.is_empty() && !text.starts_with('$') => {
                    let name = after_dot.unwrap_or(rest);
                    let end = name.find(['.', '[']).unwrap_or(name.len());
                    (Segment::Key(name[..end].to_owned()), &name[end..])
                }
                None => return Err(format!("unexpected {rest:?}")),
            };
            if segment == Segment::Key(String::new()) {
                return Err("a key is empty".to_owned());
            }
            segments.push(segment);
            rest = after;
        }
        Ok(Self {
            text: text.to_owned(),
            segments,
        })
    }

    /// Returns the value at this path, or `None` if a part of the path does not exist.
    pub(super) fn find<'a>(&self, root: &'a Value) -> Option<&'a Value> {
        self.segments
            .iter()
            .try_fold(root, |value, segment| match segment {
                Segment::Key(key) => value.as_object()?.get(key),
                Segment::Index(index) => value.as_array()?.get(*index),
            })
    }

    /// The path as it was configured.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

/// Parses the part after `[`; also returns the rest after `]`.
fn in_brackets(text: &str) -> Result<(Segment, &str), String> {
    let Some(quote) = text.chars().next().filter(|quote| matches!(quote, '\'' | '"')) else {
        let (index, rest) = text.split_once(']').ok_or("\"]\" is missing")?;
        let index = index
            .parse()
            .map_err(|_| format!("{index:?} is not an index; quote keys"))?;
        return Ok((Segment::Index(index), rest));
    };
    let mut key = String::new();
    let mut chars = text[1..].char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => key.extend(chars.next().map(|(_, escaped)| escaped)),
            _ if char == quote => {
                let rest = text[1 + at + 1..].strip_prefix(']').ok_or("\"]\" is missing")?;
                return Ok((Segment::Key(key), rest));
            }
            _ => key.push(char),
        }
    }
    Err(format!("the closing {quote} is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_find_values() {
        let root = json!({
            "a": {"b": [1, {"c": 2}]}, "x y": {"it's": 3}, "https://my.app/claims": {"user": {"id": "4"}}, "claims%": 5,
        });
        for (path, expected) in [
            ("$", Some(&root)),
            ("", Some(&root)),
            ("$.a.b[0]", Some(&json!(1))),
            ("$.a['b'][1].c", Some(&json!(2))),
            ("a.b[1][\"c\"]", Some(&json!(2))),
            ("$['x y']['it\\'s']", Some(&json!(3))),
            ("$.['https://my.app/claims'].user.id", Some(&json!("4"))),
            ("$['claims%']", Some(&json!(5))),
            ("$.a.c", None),
            ("$.a[0]", None),
            ("$.a.b[2]", None),
            ("$.a.b.c", None),
        ] {
            assert_eq!(JsonPath::parse(path).unwrap().find(&root), expected, "{path}");
        }
    }

    #[test]
    fn malformed_paths_are_rejected() {
        for path in [
            "$a",
            "$.",
            "$..a",
            "$.a[",
            "$.a[b]",
            "$.a['b]",
            "$.a['b'",
            "$.a]b[",
            "$['']",
            "$.a['b']c",
        ] {
            assert!(JsonPath::parse(path).is_err(), "{path}");
        }
    }
}
