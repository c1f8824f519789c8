//! Scalars and the comparisons of their values.

use super::DescriptionBuilder;
use super::field::field;
use super::store::Kind;
use crate::schema::scalar::{OperandKind, value_type};
use engine_model::catalog::{PgType, TableEnum};

impl DescriptionBuilder<'_> {
    /// `Int_comparison_exp`, `String_array_comparison_exp` and their like.
    pub(super) fn comparisons(&mut self) {
        for ty in std::mem::take(&mut self.comparisons).into_values() {
            self.comparisons_of(&ty);
        }
    }

    fn comparisons_of(&mut self, ty: &PgType) {
        let own = self.value_type(ty);
        let mut fields = Vec::new();
        for operator in self.schema.operators(ty) {
            if let OperandKind::Other(other) | OperandKind::Others(other) = operator.right {
                self.declare(other);
            }
            let operand = operator.right.operand_type(own);
            let name = self.schema.word(operator.name);
            fields.push(field(name, operand.to_string()).maybe_about(operator.description));
        }
        if ty.name == "jsonb" {
            let cast = self.schema.jsonb_cast_type();
            fields.push(field("_cast", cast));
            let text = PgType::built_in("text", "text");
            self.input(cast, None, &[field("String", self.schema.comparison_type(&text))]);
            // No column may have the type that the cast results in.
            self.comparisons_of(&text);
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        let about = format!(
            "Boolean expression to compare columns of type \"{}\". All fields are combined with logical 'AND'.",
            value_type(ty).name
        );
        self.input(&self.schema.comparison_type(ty), Some(&about), &fields);
    }

    /// The enum of the values of an enum table.
    pub(super) fn table_enum(&mut self, enumeration: &TableEnum) {
        let values: Vec<_> = enumeration
            .in_graphql()
            .map(|(name, value)| field(name, "").maybe_about(value.description.clone()))
            .collect();
        self.store.add(Kind::Enum, &enumeration.type_name, None, &values);
    }

    pub(super) fn declare(&mut self, scalar: &str) {
        self.store.add(Kind::Scalar, scalar, None, &[]);
    }
}
