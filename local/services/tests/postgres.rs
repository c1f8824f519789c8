//! A Postgres server over its life: the superuser's password, and a start after a crash.

#![expect(clippy::unwrap_used, reason = "a failure in a test helper fails the test")]

use local_process::dirs::{self, DataDir};
use local_process::process::Signal;
use local_process::watchdog::Watchdog;
use local_process::{ports, users};
use local_services::postgres::{Options, PASSWORD_FILE, Postgres, connect};
use local_services::programs;
use rustix::process::kill_process;

fn new_server() -> (Options, DataDir, Watchdog) {
    let watchdog = Watchdog::start(&dirs::bin_dir().unwrap());
    let user = users::unprivileged().unwrap();
    let dir = DataDir::ephemeral(user, &watchdog).unwrap();
    let options = Options {
        programs: programs::postgres().unwrap(),
        dir: dir.path().to_path_buf(),
        port: ports::free().unwrap(),
        max_connections: 20,
        user,
        ephemeral: true,
        fsync_off: true,
    };
    (options, dir, watchdog)
}

#[tokio::test]
async fn password_of_the_superuser_is_generated_and_replaces_the_former_one() {
    let (options, dir, watchdog) = new_server();
    let postgres = Postgres::start(options.clone(), &watchdog).await.unwrap();
    let password = std::fs::read_to_string(dir.path().join(PASSWORD_FILE)).unwrap();
    assert!(postgres.url().contains(&password));
    let former = postgres.url().replace(&password, "password");
    let refused = connect(&former).await.unwrap_err().to_string();
    assert!(refused.contains("password authentication failed"), "{refused}");
    // The state that an earlier version left.
    let client = connect(&postgres.url()).await.unwrap();
    client
        .batch_execute("ALTER ROLE postgres PASSWORD 'password'; CREATE TABLE kept ()")
        .await
        .unwrap();
    drop(client);
    postgres.stop().await;

    let postgres = Postgres::start(options, &watchdog).await.unwrap();
    let client = connect(&postgres.url()).await.unwrap();
    client.batch_execute("TABLE kept").await.unwrap();
    connect(&former).await.unwrap_err();
    postgres.stop().await;
}

#[tokio::test]
async fn killed_server_starts_again_on_its_port_with_its_data() {
    let (options, _dir, watchdog) = new_server();
    let mut postgres = Postgres::start(options, &watchdog).await.unwrap();
    let url = postgres.url();
    let client = connect(&url).await.unwrap();
    client.batch_execute("CREATE TABLE kept ()").await.unwrap();
    // This session holds the shared memory of the killed server for a while.
    let busy = connect(&url).await.unwrap();
    let busy = tokio::spawn(async move { busy.batch_execute("SELECT pg_sleep(1)").await });
    let sleeping = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'";
    while client.query_opt(sleeping, &[]).await.unwrap().is_none() {}
    kill_process(postgres.running().pid(), Signal::KILL).unwrap();
    postgres.exited().await;
    postgres.start_again().await.unwrap();
    assert_eq!(postgres.url(), url);
    let client = connect(&url).await.unwrap();
    client.batch_execute("TABLE kept").await.unwrap();
    busy.await.unwrap().unwrap_err();
    // After SIGTERM the server would wait for the session of this client.
    kill_process(postgres.running().pid(), Signal::TERM).unwrap();
    assert_eq!(postgres.exited().await.code(), Some(0));
    client.batch_execute("TABLE kept").await.unwrap_err();
}
