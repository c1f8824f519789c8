//! Names of types and root fields and their owners.

#[cfg(test)]
mod tests;

use super::type_names::{OWN_TYPES, of_enum, of_names, of_scalar};
use crate::catalog::TableName;
use crate::metadata::function::{Exposure, TrackedFunction};
use crate::metadata::naming::{Naming, TableNames};
use crate::metadata::tracked::TrackedTable;
use std::collections::HashMap;
use std::sync::Arc;

/// Reason why a table cannot claim its names.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken {
    pub reason: String,
    /// Root field that another table has.
    pub root_field: Option<String>,
}

impl From<String> for Taken {
    fn from(reason: String) -> Self {
        Self {
            reason,
            root_field: None,
        }
    }
}

/// Names of types and root fields and their owners.
#[derive(Debug, Default, PartialEq)]
pub struct NameIndex {
    naming: Arc<Naming>,
    types: HashMap<String, Owner>,
    /// Postgres types by the number of columns that have them.
    scalars: HashMap<String, usize>,
    /// Root fields by their name, separately those of mutations.
    roots: HashMap<(bool, String), (Arc<TableName>, &'static str)>,
}

#[derive(Debug, PartialEq)]
enum Owner {
    /// Types that do not belong to a table: number of scalars that need the name, and one of them.
    Scalars(usize, String),
    Table(Arc<TableName>),
}

impl NameIndex {
    /// Contains the types of every schema and the scalars of these columns' Postgres types.
    pub fn new<'a>(naming: &Arc<Naming>, scalars: impl Iterator<Item = &'a str>) -> Self {
        let mut index = Self {
            naming: Arc::clone(naming),
            ..Self::default()
        };
        index.add_scalars(OWN_TYPES.into_iter());
        let own = naming.own_types();
        index.add_scalars(own.iter().map(String::as_str));
        index.add_scalars(scalars);
        index
    }

    /// Adds the scalars of more columns. Returns false if a table owns one of their names: [`Self::new`] adds the
    /// scalars first, so that the scalar would own the name. The index is invalid afterwards.
    pub fn add_scalars<'a>(&mut self, scalars: impl Iterator<Item = &'a str>) -> bool {
        for scalar in scalars {
            if let Some(columns) = self.scalars.get_mut(scalar) {
                *columns += 1;
                continue;
            }
            self.scalars.insert(scalar.to_owned(), 1);
            for name in of_scalar(&self.naming, scalar) {
                let unowned = || Owner::Scalars(0, scalar.to_owned());
                match self.types.entry(name).or_insert_with(unowned) {
                    Owner::Scalars(scalars, _) => *scalars += 1,
                    Owner::Table(_) => return false,
                }
            }
        }
        true
    }

    /// Removes the scalars of columns that were added before.
    pub fn remove_scalars<'a>(&mut self, scalars: impl Iterator<Item = &'a str>) {
        for scalar in scalars {
            match self.scalars.get_mut(scalar) {
                None => continue,
                Some(columns) if *columns > 1 => {
                    *columns -= 1;
                    continue;
                }
                Some(_) => {}
            }
            self.scalars.remove(scalar);
            for name in of_scalar(&self.naming, scalar) {
                match self.types.get_mut(&name) {
                    Some(Owner::Scalars(scalars, _)) if *scalars > 1 => *scalars -= 1,
                    Some(Owner::Scalars(..)) => {
                        self.types.remove(&name);
                    }
                    Some(Owner::Table(_)) | None => {}
                }
            }
        }
    }

    /// Claims all names of a table. On a conflict it claims none and returns the reason.
    pub fn claim(&mut self, table: &TrackedTable) -> Result<(), Taken> {
        self.check(table)?;
        let owner = Arc::new(table.table.name.clone());
        self.claim_types(&table.names, &owner);
        for ty in of_enum(table) {
            self.types.insert(ty, Owner::Table(Arc::clone(&owner)));
        }
        for (field, name) in table.root_fields() {
            self.roots
                .insert((field.is_mutation(), name), (Arc::clone(&owner), field.key()));
        }
        Ok(())
    }

    fn claim_types(&mut self, names: &TableNames, owner: &Arc<TableName>) {
        for ty in of_names(names) {
            self.types.insert(ty, Owner::Table(Arc::clone(owner)));
        }
    }

    /// Returns the reason why the names of a table cannot be claimed.
    fn check(&self, table: &TrackedTable) -> Result<(), Taken> {
        self.check_types(&table.names, &table.table.name)?;
        self.check_names(of_enum(table), &table.table.name)?;
        for (field, name) in table.root_fields() {
            let key = (field.is_mutation(), name);
            if let Some((other, other_field)) = self.roots.get(&key) {
                let reason = format!(
                    "the root field \"{}\" is both \"{}\" of table \"{}\" and \"{other_field}\" of table \"{other}\"; give one of \
                     the tables a custom name, or rename one of the fields in custom_root_fields",
                    key.1,
                    field.key(),
                    table.table.name
                );
                return Err(Taken {
                    reason,
                    root_field: Some(key.1),
                });
            }
        }
        Ok(())
    }

    /// Returns the reason why the type names of a table cannot be claimed.
    pub fn check_types(&self, names: &TableNames, table: &TableName) -> Result<(), String> {
        self.check_names(of_names(names), table)
    }

    fn check_names(&self, names: impl Iterator<Item = String>, table: &TableName) -> Result<(), String> {
        for ty in names {
            let other = match self.types.get(&ty) {
                None => continue,
                Some(Owner::Table(other)) => format!("also one of table \"{other}\""),
                Some(Owner::Scalars(_, scalar)) if self.is_own(scalar) => "part of every schema".to_owned(),
                Some(Owner::Scalars(_, scalar)) => format!("also one of the Postgres type \"{scalar}\""),
            };
            return Err(format!(
                "the GraphQL type \"{ty}\" of table \"{table}\" is {other}; give the table a custom name"
            ));
        }
        Ok(())
    }

    fn is_own(&self, ty: &str) -> bool {
        OWN_TYPES.contains(&ty) || self.naming.is_own_type(ty)
    }

    /// Returns the reason why a table has a name of a function.
    pub fn check_function(&self, function: &TrackedFunction) -> Result<(), String> {
        let is_mutation = function.exposure == Exposure::Mutation;
        for field in function.root_fields() {
            if let Some((table, _)) = self.roots.get(&(is_mutation, field.to_owned())) {
                return Err(format!(
                    "the root field \"{field}\" is also one of table \"{table}\"; give the function a custom name"
                ));
            }
        }
        self.check_input(&function.arguments_type)
    }

    /// Returns the reason why the input type of the arguments of a function cannot have this name.
    pub fn check_input(&self, ty: &str) -> Result<(), String> {
        match self.types.get(ty) {
            None => Ok(()),
            Some(Owner::Table(table)) => Err(format!(
                "the GraphQL type \"{ty}\" is also one of table \"{table}\"; give the function a custom name"
            )),
            Some(Owner::Scalars(..)) => Err(format!(
                "the GraphQL type \"{ty}\" is also one of a Postgres type; give the function a custom name"
            )),
        }
    }

    /// Returns the reason why an argument cannot be of a Postgres type: its name is that of another type.
    pub fn check_scalar(&self, scalar: &str) -> Result<(), String> {
        match self.types.get(scalar) {
            Some(Owner::Table(table)) => Err(format!(
                "the type \"{scalar}\" of an argument has the name of a GraphQL type of table \"{table}\"; give the table a custom name"
            )),
            _ if matches!(
                scalar,
                "query_root" | "mutation_root" | "subscription_root" | "order_by" | "cursor_ordering"
            ) =>
            {
                Err(format!(
                    "the type \"{scalar}\" of an argument has the name of a GraphQL type of every schema"
                ))
            }
            _ => Ok(()),
        }
    }

    /// Releases the names that a table claimed.
    pub fn release(&mut self, table: &TrackedTable) {
        self.release_types(&table.names);
        for ty in of_enum(table) {
            self.types.remove(&ty);
        }
        for (field, name) in table.root_fields() {
            self.roots.remove(&(field.is_mutation(), name));
        }
    }

    fn release_types(&mut self, names: &TableNames) {
        for ty in of_names(names) {
            self.types.remove(&ty);
        }
    }
}
