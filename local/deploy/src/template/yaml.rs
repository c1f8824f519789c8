//! YAML of CloudFormation: JSON, with tags as the short form of functions.

use anyhow::{Context as _, Result, bail, ensure};
use granit_parser::{Event, Options, Parser, ScalarStyle, StrInput, Tag};
use serde_json::{Map, Value, json};

/// Parses a template in YAML or JSON. Functions have their long form: `!Ref x` is `{"Ref": "x"}`, `!Sub x` is `{"Fn::Sub": "x"}`.
pub(super) fn parse(text: &str) -> Result<Value> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    let mut reader = Reader(Parser::new_from_str_with_options(text, options));
    loop {
        match reader.next()? {
            Event::StreamStart | Event::DocumentStart(..) => {}
            event => return reader.node(event),
        }
    }
}

struct Reader<'a>(Parser<'a, StrInput<'a>>);

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Event<'a>> {
        let next = self.0.next_event().context("the text ends within a value")?;
        Ok(next?.0)
    }

    fn node(&mut self, event: Event<'a>) -> Result<Value> {
        match event {
            Event::Scalar(text, style, _, tag) => Ok(tagged(tag.as_deref(), scalar(&text, style))),
            Event::SequenceStart(_, _, tag) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => items.push(self.node(event)?),
                    }
                }
                Ok(tagged(tag.as_deref(), Value::Array(items)))
            }
            Event::MappingStart(_, _, tag) => {
                let mut entries = Map::new();
                loop {
                    let key = match self.next()? {
                        Event::MappingEnd => break,
                        Event::Scalar(key, ..) => key.into_owned(),
                        other => bail!("a key is not a text: {other:?}"),
                    };
                    let event = self.next()?;
                    let value = self.node(event)?;
                    ensure!(!entries.contains_key(&key), "key \"{key}\" occurs twice");
                    entries.insert(key, value);
                }
                Ok(tagged(tag.as_deref(), Value::Object(entries)))
            }
            other => bail!("templates do not contain {other:?}"),
        }
    }
}

/// Value of a scalar. Numbers with a fraction remain texts, with their digits.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::from(text);
    }
    match text {
        "" | "~" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => text
            .parse::<i64>()
            .map_or_else(|_| Value::from(text), Value::from),
    }
}

fn tagged(tag: Option<&Tag>, value: Value) -> Value {
    let Some(tag) = tag.filter(|tag| tag.handle() == "!") else {
        return value;
    };
    match (tag.suffix(), value) {
        ("Ref", value) => json!({"Ref": value}),
        ("Condition", value) => json!({"Condition": value}),
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path.split_once('.').unwrap_or((&path, ""));
            json!({"Fn::GetAtt": [resource, attribute]})
        }
        (function, value) => Value::Object(Map::from_iter([(format!("Fn::{function}"), value)])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_parsed_as_functions() {
        let text = "
# A comment
Name: !Sub '${Stage}-x'  # and another one
Host: !GetAtt Database.Outputs.Host
Rule: !Not [!Equals [!Ref Stage, '']]
Both: !And
  - !Condition One
  - {Condition: Two}
List: [1, '1', true, 'true', 0.5, '', 10.42.0.0/16]
";
        assert_eq!(
            parse(text).unwrap(),
            json!({
                "Name": {"Fn::Sub": "${Stage}-x"},
                "Host": {"Fn::GetAtt": ["Database", "Outputs.Host"]},
                "Rule": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, ""]}]},
                "Both": {"Fn::And": [{"Condition": "One"}, {"Condition": "Two"}]},
                "List": [1, "1", true, "true", "0.5", "", "10.42.0.0/16"],
            })
        );
        assert_eq!(
            parse(r#"{"A": {"Ref": "B"}}"#).unwrap(),
            json!({"A": {"Ref": "B"}})
        );
    }

    #[test]
    fn invalid_text_is_refused() {
        for text in ["a: [1", "a: 1\na: 2", "a: *b", "? [1]\n: 2", ""] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
