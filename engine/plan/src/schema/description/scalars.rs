//! Scalars and the comparisons between them.

use super::DescriptionBuilder;
use super::field::field;
use super::store::Kind;
use crate::schema::scalar::{OperandKind, operators};
use engine_model::catalog::PgType;

impl DescriptionBuilder<'_> {
    /// The scalars, and `Int_comparison_exp` and its like.
    pub(super) fn scalars(&mut self) {
        for (name, ty) in std::mem::take(&mut self.scalars) {
            self.declare(&name);
            self.comparison(&name, &ty);
        }
    }

    fn comparison(&mut self, name: &str, ty: &PgType) {
        let mut fields = Vec::new();
        for operator in operators(ty) {
            if let OperandKind::Other(other) | OperandKind::Others(other) = operator.right {
                self.declare(other);
            }
            let ty = operand_type(operator.right.operand_type(name));
            fields.push(field(operator.name, ty).maybe_about(operator.description));
        }
        if ty.name == "jsonb" {
            fields.push(field("_cast", "jsonb_cast_exp"));
            self.input(
                "jsonb_cast_exp",
                None,
                &[field("String", "String_comparison_exp")],
            );
            // No column may have the type that the cast results in.
            self.comparison("String", &PgType::built_in("text", "text"));
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        let about = format!(
            "Boolean expression to compare columns of type \"{name}\". All fields are combined with logical 'AND'."
        );
        self.input(&format!("{name}_comparison_exp"), Some(&about), &fields);
    }

    fn declare(&mut self, scalar: &str) {
        self.store.add(Kind::Scalar, scalar, None, &[]);
    }
}

/// The type of an operand in GraphQL's notation.
pub(super) fn operand_type((name, list): (&str, bool)) -> String {
    if list {
        format!("[{name}!]")
    } else {
        name.to_owned()
    }
}
