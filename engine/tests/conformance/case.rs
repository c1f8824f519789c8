//! Tests and their cases.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::Path;

#[derive(Debug, Deserialize)]
pub(crate) struct Test {
    pub(crate) name: String,
    pub(crate) files: Vec<String>,
    pub(crate) transport: Transport,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Transport {
    Http,
    Websocket,
    Subscription,
}

/// A request and its expected response.
#[derive(Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) url: String,
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) headers: Map<String, Value>,
    #[serde(default)]
    pub(crate) query: Value,
    /// HTTP method of a request without `query`.
    #[serde(default)]
    pub(crate) method: Option<String>,
    /// Fields of the form of a request with `method`.
    #[serde(default)]
    pub(crate) body: Option<Map<String, Value>>,
    /// If no response is expected, only the status is compared.
    #[serde(default)]
    response: Option<Value>,
    /// Further expected responses; one of them must be equal.
    #[serde(default)]
    allowed_responses: Vec<Allowed>,
    /// Headers that the response must have.
    #[serde(default)]
    pub(crate) resp_headers: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
struct Allowed {
    response: Value,
}

impl Case {
    /// Returns the responses of which one is expected; none if only the status is compared.
    pub(crate) fn responses(&self) -> impl Iterator<Item = &Value> {
        let allowed = self.allowed_responses.iter().map(|allowed| &allowed.response);
        self.response.iter().chain(allowed)
    }

    /// Returns the headers of the request.
    pub(crate) fn header_texts(&self) -> Vec<(String, String)> {
        texts(&self.headers)
    }
}

/// Returns the entries of an object as text.
pub(crate) fn texts(object: &Map<String, Value>) -> Vec<(String, String)> {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), ToOwned::to_owned)
    };
    object
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

pub(crate) fn read(folder: &Path, file: &str) -> Value {
    let path = folder.join("cases").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A file holds a case or a list of cases.
pub(crate) fn cases(folder: &Path, file: &str) -> Vec<Case> {
    let list = match read(folder, file) {
        Value::Array(list) => list,
        one => vec![one],
    };
    let parse = |value| serde_json::from_value(value).unwrap_or_else(|e| panic!("{file}: {e}"));
    list.into_iter().map(parse).collect()
}
