//! Quoting of identifiers and string literals.

/// Appends an identifier in quotes.
pub fn push_ident(out: &mut String, name: &str) {
    out.push('"');
    for c in name.chars() {
        if c == '"' {
            out.push('"');
        }
        out.push(c);
    }
    out.push('"');
}

/// Returns the schema of a qualified name as Postgres prints it; `None` if the name is not qualified.
pub fn schema_of(qualified: &str) -> Option<String> {
    let (schema, _) = qualified.rsplit_once('.')?;
    let quoted = schema.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    Some(quoted.map_or_else(|| schema.to_owned(), |inner| inner.replace("\"\"", "\"")))
}

/// Appends a string literal. Backslashes are plain: `standard_conforming_strings` is on in every supported version.
pub fn push_literal(out: &mut String, text: &str) {
    out.push('\'');
    for c in text.chars() {
        if c == '\'' {
            out.push('\'');
        }
        out.push(c);
    }
    out.push('\'');
}
