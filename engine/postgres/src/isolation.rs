//! Isolation levels of transactions that serve requests.

/// Level that a source's `isolation_level` or `HASURA_GRAPHQL_TX_ISOLATION` asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IsolationLevel {
    #[default]
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

impl IsolationLevel {
    /// Returns the level of a name in Hasura's form.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "read-committed" => Some(Self::ReadCommitted),
            "repeatable-read" => Some(Self::RepeatableRead),
            "serializable" => Some(Self::Serializable),
            _ => None,
        }
    }

    /// Returns the statement that begins a transaction of this level.
    pub fn begin(self) -> &'static str {
        match self {
            Self::ReadCommitted => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Self::RepeatableRead => "BEGIN ISOLATION LEVEL REPEATABLE READ",
            Self::Serializable => "BEGIN ISOLATION LEVEL SERIALIZABLE",
        }
    }

    /// Returns the statement that begins a transaction around statements that otherwise run on their own; `None` if the
    /// level is that of the connection.
    pub fn begin_if_not_default(self) -> Option<&'static str> {
        (self != Self::default()).then(|| self.begin())
    }
}
