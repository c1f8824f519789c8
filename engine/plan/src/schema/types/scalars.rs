//! Scalars and the comparisons between them.

use super::Writer;
use super::item::{Item, item};
use crate::schema::scalar::{OperandKind, operators};
use engine_model::catalog::PgType;
use std::fmt::Write as _;

impl Writer<'_> {
    /// `Int_comparison_exp` and its like, and the scalars themselves.
    pub(super) fn scalars(&mut self) {
        for (name, ty) in std::mem::take(&mut self.scalars) {
            self.declare(&name);
            let mut fields = Vec::new();
            for operator in operators(&ty) {
                let right = match operator.right {
                    OperandKind::Same | OperandKind::Pattern => name.clone(),
                    OperandKind::AnyOf | OperandKind::NoneOf => format!("[{name}!]"),
                    OperandKind::Null => "Boolean".to_owned(),
                    OperandKind::Text => "String".to_owned(),
                    OperandKind::Texts => "[String!]".to_owned(),
                    OperandKind::Other(other) => other.to_owned(),
                    OperandKind::Others(other) => format!("[{other}!]"),
                };
                if let OperandKind::Other(other) | OperandKind::Others(other) = operator.right {
                    self.declare(other);
                }
                fields.push(Item {
                    description: operator.description.map(str::to_owned),
                    ..item(operator.name, right)
                });
            }
            if ty.name == "jsonb" {
                fields.push(item("_cast", "jsonb_cast_exp"));
                self.input("jsonb_cast_exp", None, &[item("String", "String_comparison_exp")]);
                self.comparison("String", &PgType::built_in("text", "text"));
            }
            fields.sort_by(|a, b| a.name.cmp(&b.name));
            self.write_comparison(&name, &fields);
        }
    }

    /// A comparison type that no column asked for.
    fn comparison(&mut self, name: &str, ty: &PgType) {
        let mut fields = Vec::new();
        for operator in operators(ty) {
            let right = match operator.right {
                OperandKind::AnyOf | OperandKind::NoneOf | OperandKind::Texts => format!("[{name}!]"),
                OperandKind::Null => "Boolean".to_owned(),
                _ => name.to_owned(),
            };
            fields.push(Item {
                description: operator.description.map(str::to_owned),
                ..item(operator.name, right)
            });
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        self.write_comparison(name, &fields);
    }

    fn write_comparison(&mut self, name: &str, fields: &[Item]) {
        let about = format!(
            "Boolean expression to compare columns of type \"{name}\". All fields are combined with logical 'AND'."
        );
        self.input(&format!("{name}_comparison_exp"), Some(&about), fields);
    }

    fn declare(&mut self, scalar: &str) {
        if !matches!(scalar, "Int" | "String" | "Boolean" | "Float" | "ID")
            && self.types.insert(scalar.to_owned())
        {
            let _ = writeln!(self.out, "scalar {scalar}\n");
        }
    }
}
