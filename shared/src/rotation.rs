//! Rotation of the secrets of an installation: the four steps of Secrets Manager, for the passwords of database roles and for random
//! values.
//!
//! A step may run twice, late, or after another step has failed. Each step reads the present state first, so its repetition changes
//! nothing; and no step makes a value current that Postgres does not accept.
//!
//! | step | random value | password of a role |
//! |---|---|---|
//! | `createSecret` | stores a new value as the pending version | the same |
//! | `setSecret` | nothing | the role logs in with its current password, or the previous one after a half-finished rotation, and changes its own |
//! | `testSecret` | the pending version has a value | the role logs in with the pending password |
//! | `finishSecret` | the pending version becomes the current one | the same, if the role can log in with it |
//!
//! Until the components have read the new value, they use the previous one. Functions accept the previous webhook secret; a refused
//! password is a transient error, after which they read their secret again; the pool reads its secrets each minute.
//!
//! `checkRoles`, which is called by time, repairs a role whose password is that before the last rotation: a task that sets the passwords
//! of the roles to those in their secrets may have read them before a rotation and set them after it. It also gives back the current
//! password to a role whose rotation ended after `setSecret`: every component reads the current one.

mod role;
mod value;

use std::{fmt, sync::Arc, time::Duration};

use connection::Connection;
use serde::Deserialize;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use crate::secrets::{
    Credentials, Secret,
    versions::{CURRENT, PENDING, PREVIOUS, Version, Versions},
};

/// Maximum duration of a call, less than the timeout of the function (functions/rotate-secret/Cargo.toml).
const LIMIT: Duration = Duration::from_secs(25);

/// Time in which a rotation comes from `setSecret` to its end, after which a check takes it for unfinished.
const SETTLE: Duration = Duration::from_secs(10);

/// A call of the function.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "Step", rename_all = "camelCase")]
pub enum Request {
    /// From Secrets Manager.
    CreateSecret(Target),
    /// From Secrets Manager.
    SetSecret(Target),
    /// From Secrets Manager.
    TestSecret(Target),
    /// From Secrets Manager.
    FinishSecret(Target),
    /// From a rule of `EventBridge`.
    CheckRoles,
}

/// The version that a rotation creates.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Target {
    /// ARN of the secret.
    pub secret_id: String,
    /// Id of the new version.
    pub client_request_token: String,
}

/// Effect of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// An earlier call has done it.
    AlreadyDone,
}

/// A step that did not succeed. Secrets Manager repeats the rotation. Shows nothing of a value.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    #[error("cannot access the secret \"{id}\": {reason}")]
    Store { id: String, reason: String },
    #[error(
        "version \"{version}\" of the secret \"{id}\" is not the pending one; start a new rotation: aws secretsmanager rotate-secret"
    )]
    NotPending { id: String, version: String },
    #[error("version \"{version}\" of the secret \"{id}\" has no value yet; createSecret comes first")]
    NoValue { id: String, version: String },
    #[error("cannot renew the secret \"{id}\": {reason}")]
    Value { id: String, reason: String },
    #[error(
        "the secret \"{0}\" is that of a database role, but POSTGRES_CONNECTION_STRING is not set; set it to the address of Postgres"
    )]
    NoDatabase(String),
    #[error("role \"{role}\" cannot log in with the pending password of \"{id}\"; setSecret comes first")]
    NotSet { id: String, role: String },
    #[error(
        "Postgres refuses the passwords of role \"{role}\" in \"{id}\", also the current and the previous one; set that of the role \
         to the current one (docs/operations.md, Rotation)"
    )]
    Refused { id: String, role: String },
    #[error("cannot change or test a password: {0}")]
    Database(String),
    #[error("Postgres or Secrets Manager did not respond in time")]
    Timeout,
    #[error("{0} of the roles cannot log in; the log names them")]
    Roles(usize),
}

/// Rotation of secrets. Cheap to clone.
#[derive(Clone)]
pub struct Rotation {
    versions: Arc<dyn Versions>,
    /// Postgres itself: the pool reads a new password only after the rotation.
    database: Option<Connection>,
    /// Secrets of the roles that are checked.
    roles: Arc<[String]>,
}

impl fmt::Debug for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rotation")
            .field("database", &self.database)
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}

impl Rotation {
    /// `roles`: secrets that [`Request::CheckRoles`] checks.
    pub fn new(
        versions: Arc<dyn Versions>,
        database: Option<Connection>,
        roles: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            versions,
            database,
            roles: roles.into_iter().collect(),
        }
    }

    /// Executes a step.
    pub async fn run(&self, request: &Request) -> Result<(), RotationError> {
        let work = async {
            match request {
                Request::CreateSecret(target) => self.create(target).await,
                Request::SetSecret(target) => self.set(target).await,
                Request::TestSecret(target) => self.test(target).await,
                Request::FinishSecret(target) => self.finish(target).await,
                Request::CheckRoles => self.check_roles().await,
            }
        };
        let outcome = timeout(LIMIT, work).await.map_err(|_| RotationError::Timeout)??;
        info!(?request, ?outcome, "step of a rotation");
        Ok(())
    }

    async fn create(&self, target: &Target) -> Result<Outcome, RotationError> {
        if self.is_current(target).await? || self.pending(target).await?.is_some() {
            return Ok(Outcome::AlreadyDone);
        }
        let id = &target.secret_id;
        let current = self.labelled(id, CURRENT).await?;
        let current = current.ok_or_else(|| RotationError::Value {
            id: id.clone(),
            reason: "it has no current value".to_owned(),
        })?;
        let value = value::renewed(&current).map_err(|reason| RotationError::Value {
            id: id.clone(),
            reason,
        })?;
        let token = &target.client_request_token;
        let stored = self.versions.put_pending(id, token, &value).await;
        stored.map_err(|reason| store_error(id, reason))?;
        Ok(Outcome::Done)
    }

    async fn set(&self, target: &Target) -> Result<Outcome, RotationError> {
        if self.is_current(target).await? {
            return Ok(Outcome::AlreadyDone);
        }
        let Some(pending) = value::login(&self.required(target).await?) else {
            return Ok(Outcome::AlreadyDone);
        };
        let id = &target.secret_id;
        let database = self.database(id)?;
        if role::log_in(database, &pending).await?.is_some() {
            return Ok(Outcome::AlreadyDone);
        }
        for label in [CURRENT, PREVIOUS] {
            let Some(known) = self.login(id, label).await? else {
                continue;
            };
            if known.user != pending.user {
                continue;
            }
            if let Some(client) = role::log_in(database, &known).await? {
                role::change_password(&client, &pending.password).await?;
                return Ok(Outcome::Done);
            }
        }
        Err(RotationError::Refused {
            id: id.clone(),
            role: pending.user.unwrap_or_default(),
        })
    }

    async fn test(&self, target: &Target) -> Result<Outcome, RotationError> {
        if self.is_current(target).await? {
            return Ok(Outcome::AlreadyDone);
        }
        self.test_pending(target).await?;
        Ok(Outcome::Done)
    }

    async fn finish(&self, target: &Target) -> Result<Outcome, RotationError> {
        let id = &target.secret_id;
        if self.is_current(target).await? {
            return Ok(Outcome::AlreadyDone);
        }
        self.test_pending(target).await?;
        let labels = self.versions.labels(id).await;
        let labels = labels.map_err(|reason| store_error(id, reason))?;
        let current = labels.iter().find(|(_, labels)| has(labels, CURRENT));
        let (current, _) = current.ok_or_else(|| store_error(id, "it has no current version".to_owned()))?;
        let token = &target.client_request_token;
        let moved = self.versions.make_current(id, current, token).await;
        moved.map_err(|reason| store_error(id, reason))?;
        Ok(Outcome::Done)
    }

    /// Returns an error unless the pending value can be used.
    async fn test_pending(&self, target: &Target) -> Result<(), RotationError> {
        let Some(pending) = value::login(&self.required(target).await?) else {
            return Ok(());
        };
        let id = &target.secret_id;
        match role::log_in(self.database(id)?, &pending).await? {
            Some(_) => Ok(()),
            None => Err(RotationError::NotSet {
                id: id.clone(),
                role: pending.user.unwrap_or_default(),
            }),
        }
    }

    /// Returns whether the rotation is complete. Returns an error for a version that is neither the pending nor the current one, as after
    /// a later rotation.
    async fn is_current(&self, target: &Target) -> Result<bool, RotationError> {
        let (id, token) = (&target.secret_id, &target.client_request_token);
        let labels = self.versions.labels(id).await;
        let labels = labels.map_err(|reason| store_error(id, reason))?;
        match labels.get(token) {
            Some(labels) if has(labels, CURRENT) => Ok(true),
            Some(labels) if has(labels, PENDING) => Ok(false),
            _ => Err(RotationError::NotPending {
                id: id.clone(),
                version: token.clone(),
            }),
        }
    }

    async fn check_roles(&self) -> Result<Outcome, RotationError> {
        let (mut outcome, mut failed) = (Outcome::AlreadyDone, 0);
        let mut pending = Vec::new();
        for id in &*self.roles {
            match self.accepted(id).await {
                Ok(CURRENT) => {}
                Ok(PENDING) => pending.push(id),
                Ok(label) => self.repair(id, label, &mut outcome, &mut failed).await,
                Err(error) => {
                    warn!(%error, secret = id, "cannot check the password of a role");
                    failed += 1;
                }
            }
        }
        if !pending.is_empty() {
            // A rotation in progress ends meanwhile.
            sleep(SETTLE).await;
        }
        for id in pending {
            self.repair(id, PENDING, &mut outcome, &mut failed).await;
        }
        if failed > 0 {
            return Err(RotationError::Roles(failed));
        }
        Ok(outcome)
    }

    /// Returns the label of the version whose password Postgres accepts.
    async fn accepted(&self, id: &str) -> Result<&'static str, RotationError> {
        let database = self.database(id)?;
        let Some(current) = self.login(id, CURRENT).await? else {
            return Err(RotationError::Value {
                id: id.to_owned(),
                reason: "it contains no username and password".to_owned(),
            });
        };
        if role::log_in(database, &current).await?.is_some() {
            return Ok(CURRENT);
        }
        for label in [PENDING, PREVIOUS] {
            if let Some(known) = self.login(id, label).await?
                && known.user == current.user
                && role::log_in(database, &known).await?.is_some()
            {
                return Ok(label);
            }
        }
        Err(RotationError::Refused {
            id: id.to_owned(),
            role: current.user.unwrap_or_default(),
        })
    }

    /// Changes the password of this version to the current one, unless Postgres accepts the current one meanwhile.
    async fn repair(&self, id: &str, label: &str, outcome: &mut Outcome, failed: &mut usize) {
        let repaired = async {
            let database = self.database(id)?;
            let (Some(known), Some(current)) = (self.login(id, label).await?, self.login(id, CURRENT).await?)
            else {
                return Ok(false);
            };
            if role::log_in(database, &current).await?.is_some() {
                return Ok(false);
            }
            let Some(client) = role::log_in(database, &known).await? else {
                return Err(RotationError::Refused {
                    id: id.to_owned(),
                    role: current.user.unwrap_or_default(),
                });
            };
            role::change_password(&client, &current.password).await?;
            Ok(true)
        };
        match repaired.await {
            Ok(false) => {}
            Ok(true) => {
                warn!(
                    secret = id,
                    label, "role had the password of another version; changed to the current one"
                );
                *outcome = Outcome::Done;
            }
            Err(error) => {
                warn!(%error, secret = id, "cannot repair the password of a role");
                *failed += 1;
            }
        }
    }

    fn database(&self, id: &str) -> Result<&Connection, RotationError> {
        let database = self.database.as_ref();
        database.ok_or_else(|| RotationError::NoDatabase(id.to_owned()))
    }

    async fn pending(&self, target: &Target) -> Result<Option<Secret>, RotationError> {
        let id = &target.secret_id;
        let version = Version::Id(&target.client_request_token);
        let value = self.versions.value(id, version).await;
        value.map_err(|reason| store_error(id, reason))
    }

    async fn required(&self, target: &Target) -> Result<Secret, RotationError> {
        self.pending(target).await?.ok_or_else(|| RotationError::NoValue {
            id: target.secret_id.clone(),
            version: target.client_request_token.clone(),
        })
    }

    async fn labelled(&self, id: &str, label: &str) -> Result<Option<Secret>, RotationError> {
        let value = self.versions.value(id, Version::Label(label)).await;
        value.map_err(|reason| store_error(id, reason))
    }

    async fn login(&self, id: &str, label: &str) -> Result<Option<Credentials>, RotationError> {
        Ok(self.labelled(id, label).await?.as_ref().and_then(value::login))
    }
}

fn has(labels: &[String], label: &str) -> bool {
    labels.iter().any(|known| known == label)
}

fn store_error(id: &str, reason: String) -> RotationError {
    RotationError::Store {
        id: id.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_secrets_manager_and_of_the_rule_are_read() {
        let create = include_str!("../../functions/rotate-secret/events/create-secret.json");
        let Request::CreateSecret(target) = serde_json::from_str(create).unwrap() else {
            panic!("another request");
        };
        assert!(target.secret_id.starts_with("arn:") && target.client_request_token.len() == 36);
        let check = include_str!("../../functions/rotate-secret/events/check-roles.json");
        assert_eq!(
            serde_json::from_str::<Request>(check).unwrap(),
            Request::CheckRoles
        );
        for wrong in [
            "{}",
            r#"{"Step": "deleteSecret", "SecretId": "arn:1", "ClientRequestToken": "t-1"}"#,
            r#"{"Step": "setSecret", "SecretId": "arn:1"}"#,
        ] {
            serde_json::from_str::<Request>(wrong).unwrap_err();
        }
    }
}
