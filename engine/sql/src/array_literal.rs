//! Postgres array literals, <https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO>.

/// Appends one element, quoted, to a literal that [`array`] opened.
fn push_quoted(out: &mut String, element: &str) {
    out.push('"');
    for c in element.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

/// `{"a","b",NULL}`: every element quoted, so that none can be mistaken for NULL or for syntax.
pub fn array<T: AsRef<str>>(elements: impl IntoIterator<Item = Option<T>>) -> String {
    let mut out = String::from("{");
    for (i, element) in elements.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        match element {
            Some(element) => push_quoted(&mut out, element.as_ref()),
            None => out.push_str("NULL"),
        }
    }
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_would_be_syntax() {
        assert_eq!(
            array([Some("a,b"), Some("say \"x\" \\"), None, Some("NULL")]),
            r#"{"a,b","say \"x\" \\",NULL,"NULL"}"#
        );
    }
}
