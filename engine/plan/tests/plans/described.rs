//! The binder accepts what the description contains, and nothing else: operations generated from it cover each field,
//! argument, input field, operator and enum value, with a literal and with a variable.

use crate::sdl::{introspect, is_list, list, named, text, type_reference};
use crate::{fixture, plan};
use engine_plan::schema::RoleSchema;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet, VecDeque};

#[test]
fn binder_accepts_what_is_described_and_nothing_else() {
    let schema = crate::admin(fixture::tracked_with_special_types(), crate::OPTIONS);
    let response = introspect(&schema);
    let generator = generate(&schema, &response, |_, _| {});
    let unvisited: Vec<&str> = list(&response["types"])
        .filter(|ty| text(ty, "kind") != "SCALAR")
        .map(|ty| text(ty, "name"))
        .filter(|name| !name.starts_with("__") && !generator.visited.contains(*name))
        .collect();
    // Only a relationship to a table refers to these types of it.
    let without_relationship =
        |name: &&str| !name.ends_with("_order_by") && !name.ends_with("_rel_insert_input");
    let unvisited: Vec<&str> = unvisited.into_iter().filter(without_relationship).collect();
    assert_eq!(unvisited, [""; 0], "each other type is part of an operation");
    assert!(generator.operations > 2_000, "{}", generator.operations);
}

/// Runs an operation for each field, argument and input field that the response of an introspection contains. `accepted`
/// receives each operation that the binder must accept.
pub(crate) fn generate<'s>(
    schema: &'s RoleSchema,
    response: &'s Value,
    accepted: impl FnMut(&str, &Map<String, Value>) + 's,
) -> Generator<'s> {
    let types = list(&response["types"]).map(|ty| (text(ty, "name"), ty));
    let mut generator = Generator {
        schema,
        types: types.collect(),
        visited: HashSet::new(),
        pending: VecDeque::new(),
        operations: 0,
        accepted: Box::new(accepted),
    };
    for keyword in ["query", "mutation", "subscription"] {
        let root = Template {
            keyword,
            before: "{ ".to_owned(),
            after: " }".to_owned(),
        };
        let name = format!("{keyword}_root");
        if generator.types.contains_key(name.as_str()) {
            generator.visit(&name, root);
        }
    }
    generator.run();
    generator
}

/// An operation in which one place is left out.
struct Template {
    keyword: &'static str,
    before: String,
    after: String,
}

impl Template {
    fn inner(&self, before: &str, after: &str) -> Self {
        Self {
            keyword: self.keyword,
            before: format!("{}{before}", self.before),
            after: format!("{after}{}", self.after),
        }
    }

    fn with(&self, text: &str) -> String {
        format!("{} {}{text}{}", self.keyword, self.before, self.after)
    }

    fn with_variable(&self, ty: &str) -> String {
        format!("{} ($v: {ty}) {}$v{}", self.keyword, self.before, self.after)
    }
}

/// Receives each accepted operation with its variables.
type Accepted<'s> = dyn FnMut(&str, &Map<String, Value>) + 's;

pub(crate) struct Generator<'s> {
    schema: &'s RoleSchema,
    types: HashMap<&'s str, &'s Value>,
    visited: HashSet<String>,
    /// Types to cover, breadth first: a relationship must not lead back to the row that is being inserted.
    pending: VecDeque<(String, Template)>,
    pub(crate) operations: usize,
    accepted: Box<Accepted<'s>>,
}

impl<'s> Generator<'s> {
    fn accept(&mut self, operation: &str, variables: &Value) {
        self.operations += 1;
        let variables = variables.as_object().unwrap();
        let result = plan(self.schema, operation, variables);
        result.unwrap_or_else(|error| panic!("{operation}: {error}"));
        (self.accepted)(operation, variables);
    }

    fn refuse(&mut self, operation: &str, message: &str) {
        self.operations += 1;
        match plan(self.schema, operation, &Map::new()) {
            Ok(_) => panic!("accepted: {operation}"),
            Err(error) => assert_eq!(error.message, message, "{operation}"),
        }
    }

    fn kind(&self, name: &str) -> &'s str {
        text(self.types[name], "kind")
    }

    /// Covers a type at the place that the template leaves out, unless it is covered at another.
    fn visit(&mut self, name: &str, template: Template) {
        if self.visited.insert(name.to_owned()) {
            self.pending.push_back((name.to_owned(), template));
        }
    }

    fn run(&mut self) {
        while let Some((name, template)) = self.pending.pop_front() {
            match self.kind(&name) {
                "OBJECT" => self.object(&name, &template),
                "INPUT_OBJECT" => self.input(&name, &template),
                "ENUM" => self.enumeration(&name, &template),
                _ => {}
            }
        }
    }

    fn object(&mut self, name: &str, template: &Template) {
        let message = format!("field \"undescribed\" not found in type: '{name}'");
        self.refuse(&template.with("undescribed"), &message);
        for field in list(&self.types[name]["fields"]) {
            self.field(field, template);
        }
    }

    fn field(&mut self, field: &'s Value, template: &Template) {
        let name = text(field, "name");
        let ty = named(&field["type"]);
        let is_object = self.kind(ty) == "OBJECT";
        let selection = if is_object { " { __typename }" } else { "" };
        let arguments = self.required(&field["args"], "");
        self.accept(
            &template.with(&format!("{name}{}{selection}", parenthesised(&arguments))),
            &json!({}),
        );
        let mut more = arguments.clone();
        more.push("undescribed: 1".to_owned());
        self.refuse(
            &template.with(&format!("{name}{}{selection}", parenthesised(&more))),
            &format!("\"{name}\" has no argument named \"undescribed\""),
        );
        for argument in list(&field["args"]) {
            let argument_name = text(argument, "name");
            let others = self.required(&field["args"], argument_name);
            if is_required(argument) {
                self.refuse(
                    &template.with(&format!("{name}{}{selection}", parenthesised(&others))),
                    &format!("missing required field \"{argument_name}\""),
                );
            }
            let before = format!("{name}({}{argument_name}: ", followed(&others));
            self.value(argument, &template.inner(&before, &format!("){selection}")));
        }
        if is_object {
            let before = format!("{name}{} {{ ", parenthesised(&arguments));
            self.visit(ty, template.inner(&before, " }"));
        }
    }

    /// Covers an argument or input field, whose value is left out in the template.
    fn value(&mut self, member: &'s Value, template: &Template) {
        let (literal, variable) = self.example(&member["type"]);
        self.accept(&template.with(&literal), &json!({}));
        let ty = type_reference(&member["type"]);
        self.accept(&template.with_variable(&ty), &json!({"v": variable}));
        let expected = if member["defaultValue"].is_null() {
            ty.as_str()
        } else {
            ty.trim_end_matches('!')
        };
        self.refuse(
            &template.with_variable("undescribed"),
            &format!(
                "variable \"v\" is declared as \"undescribed\", but used where \"{expected}\" is expected"
            ),
        );
        let (before, after) = if is_list(&member["type"]) {
            ("[", "]")
        } else {
            ("", "")
        };
        self.visit(named(&member["type"]), template.inner(before, after));
    }

    fn input(&mut self, name: &str, template: &Template) {
        let fields = &self.types[name]["inputFields"];
        let mut more = self.required(fields, "");
        more.push("undescribed: 1".to_owned());
        self.refuse(
            &template.with(&format!("{{{}}}", more.join(", "))),
            &format!("field \"undescribed\" not found in type: '{name}'"),
        );
        for field in list(fields) {
            let field_name = text(field, "name");
            let others = self.required(fields, field_name);
            if is_required(field) {
                self.refuse(
                    &template.with(&format!("{{{}}}", others.join(", "))),
                    &format!("missing required field \"{field_name}\""),
                );
            }
            self.value(
                field,
                &template.inner(&format!("{{{}{field_name}: ", followed(&others)), "}"),
            );
        }
    }

    fn enumeration(&mut self, name: &str, template: &Template) {
        for value in list(&self.types[name]["enumValues"]) {
            // Hasura describes a value where a table has none, because an enum must not be empty.
            if text(value, "name") != "_PLACEHOLDER" {
                self.accept(&template.with(text(value, "name")), &json!({}));
            }
        }
        let refused = plan(self.schema, &template.with("undescribed"), &Map::new());
        let message = refused.expect_err("the value is not described").message;
        assert!(
            message.contains("\"undescribed\"") && message.contains(name),
            "{message}"
        );
    }

    /// The required members except one, each with an example. An update needs an operator, too.
    fn required(&self, members: &Value, except: &str) -> Vec<String> {
        let needs_operator = list(members).any(|member| text(member, "name") == "_set");
        list(members)
            .filter(|member| {
                let name = text(member, "name");
                let operator = needs_operator && name == "_set" && !except.starts_with('_');
                name != except && (is_required(member) || operator)
            })
            .map(|member| format!("{}: {}", text(member, "name"), self.example(&member["type"]).0))
            .collect()
    }

    /// A value of a type as a literal and as a variable.
    fn example(&self, ty: &Value) -> (String, Value) {
        if text(ty, "kind") == "NON_NULL" {
            return self.example(&ty["ofType"]);
        }
        if text(ty, "kind") == "LIST" {
            let (literal, variable) = self.example(&ty["ofType"]);
            return (format!("[{literal}]"), json!([variable]));
        }
        let name = text(ty, "name");
        match self.kind(name) {
            "ENUM" => {
                let value = text(&self.types[name]["enumValues"][0], "name");
                (value.to_owned(), json!(value))
            }
            "INPUT_OBJECT" => self.example_object(name),
            _ => match name {
                "Int" | "bigint" => ("1".to_owned(), json!(1)),
                "Float" | "float8" | "numeric" => ("1.5".to_owned(), json!(1.5)),
                "Boolean" => ("true".to_owned(), json!(true)),
                "jsonb" => ("{a: [1]}".to_owned(), json!({"a": [1]})),
                _ => ("\"x\"".to_owned(), json!("x")),
            },
        }
    }

    fn example_object(&self, name: &str) -> (String, Value) {
        let fields = &self.types[name]["inputFields"];
        let is_update = list(fields).any(|field| text(field, "name") == "_set");
        // A cursor has exactly one column.
        let is_cursor = name.ends_with("_stream_cursor_value_input");
        let chosen = list(fields).enumerate().filter(|(index, field)| {
            is_required(field) || is_update && text(field, "name") == "_set" || is_cursor && *index == 0
        });
        let (mut literals, mut variables) = (Vec::new(), Map::new());
        for (_, field) in chosen {
            let (literal, variable) = self.example(&field["type"]);
            literals.push(format!("{}: {literal}", text(field, "name")));
            variables.insert(text(field, "name").to_owned(), variable);
        }
        (format!("{{{}}}", literals.join(", ")), Value::Object(variables))
    }
}

fn is_required(member: &Value) -> bool {
    text(&member["type"], "kind") == "NON_NULL" && member["defaultValue"].is_null()
}

/// Members that another one follows.
fn followed(members: &[String]) -> String {
    members.iter().flat_map(|member| [member, ", "]).collect()
}

fn parenthesised(arguments: &[String]) -> String {
    if arguments.is_empty() {
        String::new()
    } else {
        format!("({})", arguments.join(", "))
    }
}
