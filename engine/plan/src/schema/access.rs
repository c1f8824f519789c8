//! What a role may do with a table.

use crate::permissions::{Presets, RolePermissions};
use engine_model::metadata::tracked::{RootField, TrackedTable};
use engine_model::permission::{
    DeletePermission, InsertPermission, QueryRootField, SelectPermission, SubscriptionRootField,
    UpdatePermission,
};
use std::sync::Arc;

/// Access of a role to a table.
#[derive(Debug, Clone)]
pub(super) enum Access {
    /// Of the role admin.
    Full,
    Role {
        permissions: RolePermissions,
        insert_presets: Presets,
        update_presets: Presets,
    },
}

impl Access {
    /// Returns the access of a role to a table; without `backend`, mutations for backends only do not exist. Permissions whose
    /// presets cannot be used do not exist either.
    pub(super) fn of_role(mut permissions: RolePermissions, table: &TrackedTable, backend: bool) -> Self {
        if !backend {
            let is_visible = |backend_only: Option<bool>| !backend_only.unwrap_or_default();
            permissions.insert = permissions
                .insert
                .filter(|insert| is_visible(insert.backend_only));
            permissions.update = permissions
                .update
                .filter(|update| is_visible(update.backend_only));
            permissions.delete = permissions
                .delete
                .filter(|delete| is_visible(delete.backend_only));
        }
        let insert = permissions.insert.as_ref().and_then(|insert| insert.set.as_ref());
        let insert_presets = Presets::read(insert, table).unwrap_or_else(|_| {
            permissions.insert = None;
            Presets::default()
        });
        let update = permissions.update.as_ref().and_then(|update| update.set.as_ref());
        let update_presets = Presets::read(update, table).unwrap_or_else(|_| {
            permissions.update = None;
            Presets::default()
        });
        Self::Role {
            permissions,
            insert_presets,
            update_presets,
        }
    }

    /// Returns the presets of inserted rows; admin has none.
    pub(super) fn insert_presets(&self) -> Option<&Presets> {
        match self {
            Self::Full => None,
            Self::Role { insert_presets, .. } => Some(insert_presets),
        }
    }

    /// Returns the presets of updated rows; admin has none.
    pub(super) fn update_presets(&self) -> Option<&Presets> {
        match self {
            Self::Full => None,
            Self::Role { update_presets, .. } => Some(update_presets),
        }
    }

    /// Whether the role has no permission at all.
    pub(super) fn is_none(&self) -> bool {
        match self {
            Self::Full => false,
            Self::Role { permissions, .. } => permissions.is_empty(),
        }
    }

    pub(super) fn select(&self) -> Granted<'_, SelectPermission> {
        self.granted(|permissions| &permissions.select)
    }

    pub(super) fn insert(&self) -> Granted<'_, InsertPermission> {
        self.granted(|permissions| &permissions.insert)
    }

    pub(super) fn update(&self) -> Granted<'_, UpdatePermission> {
        self.granted(|permissions| &permissions.update)
    }

    pub(super) fn delete(&self) -> Granted<'_, DeletePermission> {
        self.granted(|permissions| &permissions.delete)
    }

    fn granted<'a, P>(
        &'a self,
        permission: impl Fn(&'a RolePermissions) -> &'a Option<Arc<P>>,
    ) -> Granted<'a, P> {
        match self {
            Self::Full => Granted::Full,
            Self::Role { permissions, .. } => match permission(permissions) {
                Some(permission) => Granted::By(permission),
                None => Granted::No,
            },
        }
    }

    /// Whether the permission lists a root field of queries.
    pub(super) fn lists_in_query(&self, field: RootField) -> bool {
        let key = match field {
            RootField::Select => QueryRootField::Select,
            RootField::SelectByPk => QueryRootField::SelectByPk,
            RootField::SelectAggregate => QueryRootField::SelectAggregate,
            _ => return false,
        };
        self.select().is(|select| {
            let fields = select.query_root_fields.as_ref();
            fields.is_none_or(|fields| fields.contains(&key))
        })
    }

    /// Whether the permission lists a root field of subscriptions.
    pub(super) fn lists_in_subscription(&self, field: RootField) -> bool {
        let key = match field {
            RootField::Select => SubscriptionRootField::Select,
            RootField::SelectByPk => SubscriptionRootField::SelectByPk,
            RootField::SelectAggregate => SubscriptionRootField::SelectAggregate,
            RootField::SelectStream => SubscriptionRootField::SelectStream,
            _ => return false,
        };
        self.select().is(|select| {
            let fields = select.subscription_root_fields.as_ref();
            fields.is_none_or(|fields| fields.contains(&key))
        })
    }
}

/// Permission for one operation.
#[derive(Debug)]
pub(super) enum Granted<'a, P> {
    No,
    /// Without restrictions.
    Full,
    By(&'a P),
}

impl<'a, P> Granted<'a, P> {
    /// Whether the operation is permitted, and by a permission that satisfies `condition`.
    pub(super) fn is(self, condition: impl FnOnce(&P) -> bool) -> bool {
        match self {
            Self::No => false,
            Self::Full => true,
            Self::By(permission) => condition(permission),
        }
    }

    pub(super) fn any(self) -> bool {
        !matches!(self, Self::No)
    }

    /// Returns the permission that restricts the operation.
    pub(super) fn restriction(self) -> Option<&'a P> {
        match self {
            Self::By(permission) => Some(permission),
            Self::No | Self::Full => None,
        }
    }
}
