//! Rotation of secrets (`shared::rotation`) with a real Postgres: steps that are repeated, late, in another order, or left half-done.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use futures_util::future::BoxFuture;
use serde_json::json;
use shared::{
    Config,
    rotation::{Request, Rotation, RotationError, Target},
    secrets::{
        Secret,
        versions::{CURRENT, Labels, PENDING, PREVIOUS, Version, Versions},
    },
};
use testkit::StatementLog;
use tests::database::TestDatabase;
use tokio_postgres::{Client, NoTls, error::SqlState};

/// A secret with its versions, by id: the value, and the labels.
type Stored = BTreeMap<String, (Option<String>, Vec<String>)>;

/// One secret in memory, with the rules of Secrets Manager for its labels.
#[derive(Default)]
struct Memory(Mutex<Stored>);

impl Memory {
    fn new(value: &str) -> Arc<Self> {
        let memory = Self::default();
        memory.change(|versions| {
            versions.insert(
                "v-0".to_owned(),
                (Some(value.to_owned()), vec![CURRENT.to_owned()]),
            );
        });
        Arc::new(memory)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Stored) -> T) -> T {
        change(&mut self.0.lock().expect("the mutex is not poisoned"))
    }

    /// Gives a label to one version.
    fn label(&self, label: &str, version: &str) {
        self.change(|versions| {
            for (_, labels) in versions.values_mut() {
                labels.retain(|known| known != label);
            }
            let (_, labels) = versions.get_mut(version).expect("a version");
            labels.push(label.to_owned());
        });
    }

    /// Begins a rotation as Secrets Manager does: a new version without a value has the label.
    fn begin(&self, version: &str) -> Target {
        self.change(|versions| versions.insert(version.to_owned(), (None, Vec::new())));
        self.label(PENDING, version);
        Target {
            secret_id: "secret".to_owned(),
            client_request_token: version.to_owned(),
        }
    }

    fn labelled(&self, label: &str) -> Option<(String, String)> {
        self.change(|versions| {
            let found = versions
                .iter()
                .find(|(_, (_, labels))| labels.iter().any(|known| known == label));
            found.map(|(id, (value, _))| (id.clone(), value.clone().unwrap_or_default()))
        })
    }

    fn version(&self, label: &str) -> Option<String> {
        self.labelled(label).map(|(id, _)| id)
    }

    fn current(&self) -> String {
        self.labelled(CURRENT).expect("a current version").1
    }

    fn password(&self, label: &str) -> String {
        let (_, value) = self.labelled(label).expect("a version");
        let value: serde_json::Value = serde_json::from_str(&value).expect("JSON");
        value["password"].as_str().expect("a password").to_owned()
    }
}

impl Versions for Memory {
    fn labels<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Labels, String>> {
        let labels = self.change(|versions| {
            let labels = versions
                .iter()
                .map(|(id, (_, labels))| (id.clone(), labels.clone()));
            labels.collect()
        });
        Box::pin(async move { Ok(labels) })
    }

    fn value<'a>(
        &'a self,
        _: &'a str,
        version: Version<'a>,
    ) -> BoxFuture<'a, Result<Option<Secret>, String>> {
        let value = match version {
            Version::Id(id) => self.change(|versions| versions.get(id).and_then(|(value, _)| value.clone())),
            Version::Label(label) => self.labelled(label).map(|(_, value)| value),
        };
        Box::pin(async move { Ok(value.and_then(|value| Secret::new(value).ok())) })
    }

    fn put_pending<'a>(
        &'a self,
        _: &'a str,
        version: &'a str,
        value: &'a Secret,
    ) -> BoxFuture<'a, Result<(), String>> {
        self.change(|versions| {
            let (known, _) = versions.get_mut(version).expect("the version");
            known.get_or_insert_with(|| value.expose().to_owned());
        });
        self.label(PENDING, version);
        Box::pin(async { Ok(()) })
    }

    fn make_current<'a>(
        &'a self,
        _: &'a str,
        from: &'a str,
        to: &'a str,
    ) -> BoxFuture<'a, Result<(), String>> {
        assert_eq!(self.version(CURRENT).as_deref(), Some(from));
        self.label(CURRENT, to);
        self.label(PREVIOUS, from);
        Box::pin(async { Ok(()) })
    }
}

/// A role with a password, its secret, and the rotation of both.
struct Fixture {
    database: TestDatabase,
    admin: Client,
    role: String,
    memory: Arc<Memory>,
    rotation: Rotation,
}

impl Fixture {
    async fn new() -> Self {
        let database = TestDatabase::empty().await;
        let admin = database.connect().await;
        let role = format!("rotated_{}", database.name());
        admin
            .batch_execute(&format!(
                "DROP ROLE IF EXISTS \"{role}\"; CREATE ROLE \"{role}\" LOGIN PASSWORD 'first'"
            ))
            .await
            .expect("the role");
        let memory = Memory::new(&json!({"username": role, "password": "first"}).to_string());
        let config = Config::from_values(Some(&database.direct_url()), None, None).expect("an address");
        let versions: Arc<dyn Versions> = Arc::<Memory>::clone(&memory);
        let rotation = Rotation::new(versions, Some(config.postgres), ["secret".to_owned()]);
        Self {
            database,
            admin,
            role,
            memory,
            rotation,
        }
    }

    /// Whether Postgres accepts a password.
    async fn accepts(&self, password: &str) -> bool {
        let mut config: tokio_postgres::Config = self.database.direct_url().parse().expect("an address");
        config.user(&self.role).password(password);
        match config.connect(NoTls).await {
            Ok(_) => true,
            Err(error) if error.code() == Some(&SqlState::INVALID_PASSWORD) => false,
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Changes the password as a task that creates the roles does.
    async fn set_password(&self, password: &str) {
        let statement = format!("ALTER ROLE \"{}\" PASSWORD '{password}'", self.role);
        self.admin
            .batch_execute(&statement)
            .await
            .expect("a new password");
    }

    async fn run(&self, request: &Request) -> Result<(), RotationError> {
        self.rotation.run(request).await
    }

    async fn rotate(&self, version: &str) {
        for request in steps(&self.memory.begin(version)) {
            self.run(&request).await.expect("a step");
        }
    }

    async fn drop_role(self) {
        self.admin
            .batch_execute(&format!("DROP ROLE \"{}\"", self.role))
            .await
            .expect("the role is dropped");
    }
}

fn steps(target: &Target) -> [Request; 4] {
    [
        Request::CreateSecret(target.clone()),
        Request::SetSecret(target.clone()),
        Request::TestSecret(target.clone()),
        Request::FinishSecret(target.clone()),
    ]
}

/// Host and port of a connection string.
fn address_of(url: &str) -> String {
    let url = reqwest::Url::parse(url).expect("a URL");
    let port = url.port().unwrap_or(5432);
    format!("{}:{port}", url.host_str().expect("a host"))
}

#[tokio::test]
async fn password_is_rotated_twice() {
    let mut fixture = Fixture::new().await;
    let url = fixture.database.direct_url();
    let log = StatementLog::before(address_of(&url)).await;
    let config = Config::from_values(Some(&log.url(&url)), None, None).expect("an address");
    let versions: Arc<dyn Versions> = Arc::<Memory>::clone(&fixture.memory);
    fixture.rotation = Rotation::new(versions, Some(config.postgres), []);
    let mut changes = 0;
    let mut earlier = "first".to_owned();
    for (version, previous) in [("v-1", "v-0"), ("v-2", "v-1")] {
        fixture.rotate(version).await;
        assert_eq!(fixture.memory.version(CURRENT).as_deref(), Some(version));
        assert_eq!(fixture.memory.version(PREVIOUS).as_deref(), Some(previous));
        let password = fixture.memory.password(CURRENT);
        assert!(fixture.accepts(&password).await);
        assert!(!fixture.accepts(&earlier).await);
        assert_eq!(fixture.memory.password(PREVIOUS), earlier);
        // A log of statements contains the verifier only.
        changes += 1;
        assert_eq!(
            log.count(&["ALTER ROLE CURRENT_USER PASSWORD 'SCRAM-SHA-256$"]),
            changes
        );
        assert_eq!(log.count(&[&password]), 0);
        earlier = password;
    }
    fixture.drop_role().await;
}

#[tokio::test]
async fn each_step_may_be_repeated() {
    let fixture = Fixture::new().await;
    let target = fixture.memory.begin("v-1");
    let mut pending = None;
    for request in steps(&target) {
        for _ in 0..2 {
            fixture.run(&request).await.expect("a step");
            let password =
                fixture
                    .memory
                    .password(if fixture.memory.version(PENDING).as_deref() == Some("v-1") {
                        PENDING
                    } else {
                        CURRENT
                    });
            assert_eq!(*pending.get_or_insert(password.clone()), password, "{request:?}");
        }
    }
    // Also after the end, with the label of the rotation still there.
    for request in steps(&target) {
        fixture.run(&request).await.expect("a step");
    }
    assert_eq!(fixture.memory.version(CURRENT).as_deref(), Some("v-1"));
    assert!(fixture.accepts(&pending.expect("a password")).await);

    // Calls of an earlier rotation that arrive after a later one.
    fixture.rotate("v-2").await;
    let password = fixture.memory.password(CURRENT);
    for request in steps(&target) {
        let error = fixture.run(&request).await.expect_err("v-1 is not pending");
        assert!(matches!(error, RotationError::NotPending { .. }), "{error}");
    }
    assert_eq!(fixture.memory.version(CURRENT).as_deref(), Some("v-2"));
    assert!(fixture.accepts(&password).await);
    fixture.drop_role().await;
}

#[tokio::test]
async fn steps_in_another_order_make_nothing_current() {
    let fixture = Fixture::new().await;
    let target = fixture.memory.begin("v-1");
    let [create, set, test, finish] = steps(&target);
    for request in [&set, &test, &finish] {
        let error = fixture.run(request).await.expect_err("there is no value");
        assert!(matches!(error, RotationError::NoValue { .. }), "{error}");
    }
    fixture.run(&create).await.expect("a step");
    for request in [&test, &finish] {
        let error = fixture
            .run(request)
            .await
            .expect_err("the role has another password");
        assert!(matches!(error, RotationError::NotSet { .. }), "{error}");
    }
    assert_eq!(fixture.memory.version(CURRENT).as_deref(), Some("v-0"));
    assert!(fixture.accepts("first").await);
    fixture.run(&set).await.expect("a step");
    fixture.run(&finish).await.expect("it tests the password itself");
    assert_eq!(fixture.memory.version(CURRENT).as_deref(), Some("v-1"));
    fixture.drop_role().await;
}

#[tokio::test]
async fn half_finished_rotation_is_completed() {
    let fixture = Fixture::new().await;
    let target = fixture.memory.begin("v-1");
    let [create, set, ..] = steps(&target);
    fixture.run(&create).await.expect("a step");
    fixture.run(&set).await.expect("a step");
    // The role has the pending password, which no component knows, and the rotation does not continue: the check gives the
    // current one back.
    assert!(fixture.accepts(&fixture.memory.password(PENDING)).await);
    fixture.run(&Request::CheckRoles).await.expect("a repair");
    assert!(fixture.accepts("first").await);
    for request in steps(&target) {
        fixture.run(&request).await.expect("a step");
    }
    assert!(fixture.accepts(&fixture.memory.password(CURRENT)).await);
    assert!(!fixture.accepts("first").await);
    fixture.drop_role().await;
}

#[tokio::test]
async fn role_with_the_previous_password_is_repaired() {
    let fixture = Fixture::new().await;
    fixture
        .run(&Request::CheckRoles)
        .await
        .expect("the first password");
    fixture.rotate("v-1").await;
    fixture
        .run(&Request::CheckRoles)
        .await
        .expect("the current password");
    // A task has read the secret before the rotation.
    fixture.set_password("first").await;
    fixture
        .run(&Request::CheckRoles)
        .await
        .expect("the previous password");
    let password = fixture.memory.password(CURRENT);
    assert!(fixture.accepts(&password).await && !fixture.accepts("first").await);

    fixture.set_password("first").await;
    fixture.rotate("v-2").await;
    assert!(fixture.accepts(&fixture.memory.password(CURRENT)).await);
    fixture.drop_role().await;
}

#[tokio::test]
async fn unknown_password_is_reported_and_not_replaced() {
    let fixture = Fixture::new().await;
    fixture.set_password("of an operator").await;
    let [create, set, _, finish] = steps(&fixture.memory.begin("v-1"));
    fixture.run(&create).await.expect("a step");
    let error = fixture.run(&set).await.expect_err("no password is accepted");
    let text = error.to_string();
    assert!(matches!(error, RotationError::Refused { .. }), "{text}");
    assert!(text.contains(&fixture.role) && !text.contains("first"), "{text}");
    fixture
        .run(&finish)
        .await
        .expect_err("the role has another password");
    let error = fixture
        .run(&Request::CheckRoles)
        .await
        .expect_err("the role cannot log in");
    assert!(matches!(error, RotationError::Roles(1)), "{error}");
    assert_eq!(fixture.memory.version(CURRENT).as_deref(), Some("v-0"));
    assert!(fixture.accepts("of an operator").await);
    fixture.drop_role().await;
}

#[tokio::test]
async fn unreachable_postgres_makes_nothing_current() {
    let fixture = Fixture::new().await;
    // A port on which no server listens.
    let closed = local_process::ports::free().expect("a free port");
    let url = format!("postgres://127.0.0.1:{closed}/postgres");
    let config = Config::from_values(Some(&url), None, None).expect("an address");
    let versions: Arc<dyn Versions> = Arc::<Memory>::clone(&fixture.memory);
    let unreachable = Rotation::new(versions, Some(config.postgres), []);
    let target = fixture.memory.begin("v-1");
    let [create, set, test, finish] = steps(&target);
    unreachable.run(&create).await.expect("a step");
    for request in [&set, &test, &finish] {
        let error = unreachable
            .run(request)
            .await
            .expect_err("Postgres does not respond");
        assert!(
            matches!(error, RotationError::Database(_) | RotationError::Timeout),
            "{error}"
        );
    }
    assert_eq!(fixture.memory.version(CURRENT).as_deref(), Some("v-0"));
    // Secrets Manager repeats the rotation.
    for request in steps(&target) {
        fixture.run(&request).await.expect("a step");
    }
    assert!(fixture.accepts(&fixture.memory.password(CURRENT)).await);
    fixture.drop_role().await;
}

#[tokio::test]
async fn random_value_is_rotated_without_a_database() {
    for first in ["hunter2", r#"{"secret":"hunter2"}"#] {
        let memory = Memory::new(first);
        let versions: Arc<dyn Versions> = Arc::<Memory>::clone(&memory);
        let rotation = Rotation::new(versions, None, []);
        for version in ["v-1", "v-2"] {
            let before = memory.current();
            let target = memory.begin(version);
            for request in steps(&target).iter().chain(&steps(&target)) {
                rotation.run(request).await.expect("a step");
            }
            let (id, current) = memory.labelled(CURRENT).expect("a version");
            assert_eq!(id, version);
            assert!(current != before && !current.contains("hunter2"));
            assert_eq!(current.starts_with('{'), first.starts_with('{'));
            assert_eq!(memory.labelled(PREVIOUS).expect("a version").1, before);
        }
    }
}

#[tokio::test]
async fn role_is_not_rotated_without_the_address_of_postgres() {
    let memory = Memory::new(r#"{"username":"fn_payment","password":"first"}"#);
    let versions: Arc<dyn Versions> = Arc::<Memory>::clone(&memory);
    let rotation = Rotation::new(versions, None, []);
    let [create, set, _, finish] = steps(&memory.begin("v-1"));
    rotation.run(&create).await.expect("a step");
    for request in [set, finish] {
        let error = rotation.run(&request).await.expect_err("there is no address");
        assert!(
            error.to_string().contains("POSTGRES_CONNECTION_STRING"),
            "{error}"
        );
    }
    assert_eq!(memory.version(CURRENT).as_deref(), Some("v-0"));
}
