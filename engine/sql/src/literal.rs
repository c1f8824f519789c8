//! Literals of values that consist of others: arrays, composite values and hstore.
//! <https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO>,
//! <https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-IO-SYNTAX>,
//! <https://www.postgresql.org/docs/current/hstore.html>.

/// Appends a text in quotes, so that it cannot be mistaken for NULL or for syntax.
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

/// Appends an element of an array, `None` as NULL.
pub fn push_element(out: &mut String, element: Option<&str>) {
    match element {
        Some(element) => push_quoted(out, element),
        None => out.push_str("NULL"),
    }
}

/// `{"a","b",NULL}`.
pub fn array<T: AsRef<str>>(elements: impl IntoIterator<Item = Option<T>>) -> String {
    let mut out = String::from("{");
    for (i, element) in elements.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        push_element(&mut out, element.as_ref().map(AsRef::as_ref));
    }
    out.push('}');
    out
}

/// `("a","b",)`: a composite value, whose NULL is an empty field.
pub fn composite<T: AsRef<str>>(fields: impl IntoIterator<Item = Option<T>>) -> String {
    let mut out = String::from("(");
    for (i, field) in fields.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        if let Some(field) = field {
            push_quoted(&mut out, field.as_ref());
        }
    }
    out.push(')');
    out
}

/// `"a"=>"1","b"=>NULL`: an hstore.
pub fn hstore<K: AsRef<str>, T: AsRef<str>>(pairs: impl IntoIterator<Item = (K, Option<T>)>) -> String {
    let mut out = String::new();
    for (i, (key, value)) in pairs.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        push_quoted(&mut out, key.as_ref());
        out.push_str("=>");
        push_element(&mut out, value.as_ref().map(AsRef::as_ref));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_would_be_syntax() {
        let elements = [Some("a,b"), Some("say \"x\" \\"), None, Some("NULL"), Some("")];
        assert_eq!(array(elements), r#"{"a,b","say \"x\" \\",NULL,"NULL",""}"#);
        assert_eq!(composite(elements), r#"("a,b","say \"x\" \\",,"NULL","")"#);
        let pairs = [("=>", Some("a\"")), ("b", None)];
        assert_eq!(hstore(pairs), r#""=>"=>"a\"","b"=>NULL"#);
        assert_eq!(hstore::<&str, &str>([]), "");
    }
}
