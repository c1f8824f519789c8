//! Identities: user ids in tokens, names with which users log in, accounts and their roles.

use std::fmt;

use serde::Serialize;

/// Prefixes and names of staff accounts. A name of this kind without an account is not a customer: an account that is created
/// later would otherwise inherit the orders of that customer.
const STAFF_PREFIXES: [&str; 2] = ["restaurant-", "driver-"];
const STAFF_NAMES: [&str; 2] = ["manager", "admin"];

/// Identity of a user: the subject of a verified token, and the owner in `orders.user_id`. 1 to 200 bytes without NUL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct UserId(String);

impl UserId {
    /// Validates the subject of a token, which any identity provider may have issued.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=200).contains(&text.len()) && !text.contains('\0');
        fits.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&UserName> for UserId {
    fn from(name: &UserName) -> Self {
        Self(name.0.clone())
    }
}

/// Name with which a user logs in: the same rule as `accounts_username_check` in schema.sql. Lowercase only, so that two names
/// that look alike are not two users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserName(String);

impl UserName {
    /// Validates the text. The error is a predicate such as "must be …".
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let first = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let other = |byte: u8| first(byte) || matches!(byte, b'.' | b'_' | b'-');
        let valid = (1..=64).contains(&text.len())
            && text.bytes().next().is_some_and(first)
            && text.bytes().all(other);
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(
                "must be 1 to 64 lowercase letters, digits, dots, underscores or hyphens, starting with a letter or digit",
            )
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name is reserved for staff.
    pub fn is_reserved(&self) -> bool {
        STAFF_NAMES.contains(&self.as_str()) || STAFF_PREFIXES.iter().any(|prefix| self.0.starts_with(prefix))
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Role of an account, and the role of its requests to the GraphQL engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Customer,
    /// Staff of one restaurant.
    Restaurant,
    Driver,
    Manager,
}

impl Role {
    /// All roles of accounts.
    pub const ALL: [Self; 4] = [Self::Customer, Self::Restaurant, Self::Driver, Self::Manager];

    /// Value in tokens and in `accounts.role`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Restaurant => "restaurant",
            Self::Driver => "driver",
            Self::Manager => "manager",
        }
    }

    /// Parses `accounts.role`.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// Account of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub user_id: UserId,
    pub role: Role,
    /// Set for the role `restaurant`.
    pub restaurant_id: Option<i32>,
    /// Set for the role `driver`.
    pub driver_id: Option<i32>,
}

impl Account {
    /// Account of a customer.
    pub fn customer(name: &UserName) -> Self {
        Self {
            user_id: UserId::from(name),
            role: Role::Customer,
            restaurant_id: None,
            driver_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_name_is_short_lowercase_and_plain() {
        for good in [
            "alice",
            "7",
            "demo-0123456789abcdef0123456789abcdef",
            "a.b_c-d",
            &"x".repeat(64),
        ] {
            assert_eq!(UserName::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            " ",
            "Alice",
            "-a",
            ".a",
            "a b",
            "a\n",
            "a\0",
            "älice",
            "аlice", // Cyrillic
            "a'; --",
            "a/b",
            "a@b",
            &"x".repeat(65),
        ] {
            UserName::parse(bad).unwrap_err();
        }
    }

    #[test]
    fn names_of_staff_are_reserved() {
        for (name, reserved) in [
            ("restaurant-1", true),
            ("driver-999", true),
            ("manager", true),
            ("admin", true),
            ("managers", false),
            ("driver", false),
            ("alice", false),
        ] {
            assert_eq!(UserName::parse(name).unwrap().is_reserved(), reserved, "{name}");
        }
    }

    #[test]
    fn subject_of_any_provider_is_a_user_id() {
        for good in ["alice", "auth0|5f7c", "6b2d7c1e-0000-4000-8000-000000000000", "Ж"] {
            assert_eq!(UserId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "a\0b", &"x".repeat(201)] {
            assert_eq!(UserId::parse(bad), None);
        }
    }

    #[test]
    fn roles_have_their_names() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        assert_eq!(Role::parse("admin"), None);
    }
}
