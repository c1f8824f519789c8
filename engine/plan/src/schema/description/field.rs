//! A field, argument, input field or enum value before it is stored.

/// A field, argument, input field or enum value.
#[derive(Debug)]
pub(super) struct FieldDescription {
    pub(super) name: String,
    pub(super) arguments: Vec<FieldDescription>,
    /// Type in GraphQL's notation, such as `[orders!]!`; empty for an enum value.
    pub(super) ty: String,
    /// Default value in GraphQL's notation.
    pub(super) default: Option<&'static str>,
    pub(super) description: Option<String>,
}

/// A field without arguments.
pub(super) fn field(name: impl Into<String>, ty: impl Into<String>) -> FieldDescription {
    FieldDescription {
        name: name.into(),
        arguments: Vec::new(),
        ty: ty.into(),
        default: None,
        description: None,
    }
}

impl FieldDescription {
    pub(super) fn about(self, text: impl Into<String>) -> Self {
        self.maybe_about(Some(text))
    }

    pub(super) fn maybe_about(mut self, text: Option<impl Into<String>>) -> Self {
        // As in Hasura, an empty comment removes the description.
        self.description = text.map(Into::into).filter(|text: &String| !text.is_empty());
        self
    }

    pub(super) fn with(mut self, arguments: Vec<FieldDescription>) -> Self {
        self.arguments = arguments;
        self
    }

    pub(super) fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }
}
