//! One field, argument or input field, and how it is written.

use std::fmt::Write as _;

/// A block string: quotes in comments must not end it. It knows no other escape.
pub(super) fn describe(out: &mut String, indent: &str, text: &str) {
    let text = text.replace("\"\"\"", "\\\"\"\"");
    let _ = writeln!(
        out,
        "{indent}\"\"\"\n{indent}{}\n{indent}\"\"\"",
        text.trim().replace('\n', &format!("\n{indent}"))
    );
}

/// One field, argument or input field.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) arguments: Vec<Item>,
    pub(super) ty: String,
    pub(super) default: Option<&'static str>,
    pub(super) description: Option<String>,
}

/// A field without arguments.
pub(super) fn item(name: impl Into<String>, ty: impl Into<String>) -> Item {
    Item {
        name: name.into(),
        arguments: Vec::new(),
        ty: ty.into(),
        default: None,
        description: None,
    }
}

impl Item {
    pub(super) fn about(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    pub(super) fn with(mut self, arguments: Vec<Item>) -> Self {
        self.arguments = arguments;
        self
    }

    pub(super) fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    pub(super) fn write(&self, out: &mut String, indent: &str) {
        if let Some(text) = &self.description {
            describe(out, indent, text);
        }
        let _ = write!(out, "{indent}{}", self.name);
        if !self.arguments.is_empty() {
            out.push_str("(\n");
            for argument in &self.arguments {
                argument.write(out, "    ");
            }
            let _ = write!(out, "{indent})");
        }
        let _ = write!(out, ": {}", self.ty);
        if let Some(default) = self.default {
            let _ = write!(out, " = {default}");
        }
        out.push('\n');
    }
}
