#!/usr/bin/env bash
# Installs, configures, refreshes and checks pgBouncer, the pool between the functions and Postgres.
#
#   bootstrap.sh boot      on a fresh Debian: install, start, and succeed only after a query through the pool
#   bootstrap.sh refresh   read the secrets again; after a change, write the files and reload pgBouncer
#   bootstrap.sh tick      refresh, and publish the result and the waiting clients as metrics (the timer calls it every minute)
#   bootstrap.sh render    write the files from POOL_USERS, without secrets (used by the stack on a laptop)
#   bootstrap.sh check     wait until a query through the pool succeeds
#
# The environment:
#   POOL_DATABASE_HOST   the Postgres behind the pool              POOL_DATABASE_PORT  5432
#   POOL_DATABASE_NAME   postgres; the check connects to it        POOL_SERVER_TLS     TLS to it: verify-full
#   POOL_DATABASES       *, any: the database that clients may use
#   POOL_SECRET_ARNS     the users: secrets with {"username", "password"}; the check uses the first
#   POOL_TLS_SECRET_ARN  the pool's certificate: {"certificate", "key", "ca"} in PEM. Without it, clients connect without TLS
#   POOL_TLS_NAME        the certificate's host name, to which the functions connect
#   POOL_SIZE            20: connections to Postgres per database  POOL_USER_SIZE      per user: an equal share
#   POOL_MAX_CLIENTS     1000                                      POOL_IDLE_TIMEOUT   600 seconds
#   POOL_PORT            6432                                      POOL_LISTEN_ADDR    *
#   POOL_STATEMENTS      100: prepared statements per connection to Postgres, from pgBouncer 1.21
#   POOL_PROGRAM         pgbouncer, which is asked for its version
#   POOL_DIR             /etc/pgbouncer: the files                 POOL_OWNER          postgres: their owner
#   POOL_SERVER_CA_FILE  POOL_DIR/rds-ca.pem: CA of the database; `boot` downloads it from Amazon
#   POOL_RELOAD          command that reloads pgBouncer: systemctl reload-or-restart pgbouncer
#   POOL_TARGET_GROUP    ARN; `boot` succeeds only after this target group reports the instance as healthy
#   POOL_SHELL           true: install the agent of Session Manager
#   POOL_LOG             log group that receives the journal of the pool; none without it
#   POOL_STAGE           dimension of the metrics; none are published without it
#   AWS_REGION           the secrets' region
#   POOL_ROOT            prefix of the paths that `boot` writes to, for its test
set -euo pipefail
umask 077

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${POOL_ROOT:-}
installed=$root/opt/3factor-pool
settings=$root/etc/3factor-pool.env
units=$root/etc/systemd/system

say() { echo "pool: $*" >&2; }
fail() { say "$*"; exit 1; }

POOL_DIR=${POOL_DIR:-/etc/pgbouncer}
POOL_OWNER=${POOL_OWNER-postgres}
POOL_LISTEN_ADDR=${POOL_LISTEN_ADDR:-*}
POOL_PORT=${POOL_PORT:-6432}
POOL_DATABASE_HOST=${POOL_DATABASE_HOST:-}
POOL_DATABASE_PORT=${POOL_DATABASE_PORT:-5432}
POOL_DATABASE_NAME=${POOL_DATABASE_NAME:-postgres}
POOL_DATABASES=${POOL_DATABASES:-*}
POOL_SIZE=${POOL_SIZE:-20}
POOL_MAX_CLIENTS=${POOL_MAX_CLIENTS:-1000}
POOL_IDLE_TIMEOUT=${POOL_IDLE_TIMEOUT:-600}
POOL_STATEMENTS=${POOL_STATEMENTS:-100}
POOL_PROGRAM=${POOL_PROGRAM:-pgbouncer}
POOL_SERVER_TLS=${POOL_SERVER_TLS:-verify-full}
POOL_SERVER_CA_FILE=${POOL_SERVER_CA_FILE-$POOL_DIR/rds-ca.pem}
POOL_SECRET_ARNS=${POOL_SECRET_ARNS:-}
POOL_TLS_SECRET_ARN=${POOL_TLS_SECRET_ARN:-}
case $POOL_SIZE in '' | *[!0-9]*) fail "POOL_SIZE must be a whole number" ;; esac
# Rounded up, so that each user has a connection.
users=$(wc -w <<<"${POOL_SECRET_ARNS:-one}")
POOL_USER_SIZE=${POOL_USER_SIZE:-$(((POOL_SIZE + users - 1) / users))}
POOL_TLS_NAME=${POOL_TLS_NAME:-}
POOL_RELOAD=${POOL_RELOAD:-systemctl reload-or-restart pgbouncer}
POOL_CLIENT_TLS=disable
[ -z "$POOL_TLS_SECRET_ARN" ] || POOL_CLIENT_TLS=require
# The aws command reads the region only from this variable.
[ -z "${AWS_REGION:-}" ] || export AWS_DEFAULT_REGION=$AWS_REGION

# Values for pgbouncer.ini. A line end in one would start another setting.
names='POOL_DATABASE_HOST POOL_DATABASE_PORT POOL_DATABASES POOL_LISTEN_ADDR POOL_PORT POOL_SIZE POOL_USER_SIZE POOL_MAX_CLIENTS
  POOL_DIR POOL_CLIENT_TLS POOL_SERVER_TLS POOL_SERVER_CA_FILE POOL_IDLE_TIMEOUT POOL_STATEMENTS'
for name in $names; do
  case ${!name} in *[![:alnum:]._:/*,-]*) fail "$name holds a character that is not allowed" ;; esac
  export "${name?}"
done
[ -n "$POOL_DATABASE_HOST" ] || fail "POOL_DATABASE_HOST is not set; set it to the host of Postgres"
for name in POOL_DATABASE_PORT POOL_PORT POOL_USER_SIZE POOL_MAX_CLIENTS POOL_IDLE_TIMEOUT POOL_STATEMENTS; do
  case ${!name} in '' | *[!0-9]*) fail "$name must be a whole number" ;; esac
done

secret() {
  aws secretsmanager get-secret-value --secret-id "$1" --query SecretString --output text ||
    fail "cannot read the secret $1"
}

# One line of the user list for a secret on standard input.
user_line() {
  jq -er 'def quoted: if type != "string" or . == "" or test("[\u0000-\u001f]") then error("") else
            "\"" + gsub("\""; "\"\"") + "\"" end;
          "\(.username | quoted) \(.password | quoted)"' 2>/dev/null ||
    fail "the secret $1 should hold a JSON object with \"username\" and \"password\", both text on one line"
}

pem() {
  jq -er --arg field "$1" '.[$field] | strings | select(contains("-----BEGIN "))' ||
    fail "the secret $POOL_TLS_SECRET_ARN should hold a JSON object with \"$1\" in PEM"
}

# Installs a file atomically and readable by pgBouncer only, unless it is unchanged; sets $changed.
changed=no
place() {
  if [ -e "$POOL_DIR/$1" ] && cmp -s "$new/$1" "$POOL_DIR/$1"; then return; fi
  cp "$new/$1" "$POOL_DIR/.$1.new"
  chmod 0600 "$POOL_DIR/.$1.new"
  [ -z "$POOL_OWNER" ] || chown "$POOL_OWNER" "$POOL_DIR/.$1.new"
  mv -f "$POOL_DIR/.$1.new" "$POOL_DIR/$1"
  changed=yes
}

# Whether this pgBouncer tracks prepared statements; older ones do not start with a setting that they do not know.
tracks() {
  [[ $("$POOL_PROGRAM" --version 2>&1) =~ PgBouncer\ ([0-9]+)\.([0-9]+) ]] &&
    ((BASH_REMATCH[1] > 1 || BASH_REMATCH[2] >= 21))
}

# All files are generated before one is installed: a secret that cannot be read does not affect a working pool.
render() {
  new=$(mktemp -d)
  trap 'rm -rf "$new"' EXIT
  local files='userlist.txt pgbouncer.ini' arn tls
  if [ -n "$POOL_SECRET_ARNS" ]; then
    for arn in $POOL_SECRET_ARNS; do secret "$arn" >"$new/secret"; user_line "$arn" <"$new/secret"; done >"$new/userlist.txt"
    add_monitor >>"$new/userlist.txt"
  else
    printf '%s\n' "${POOL_USERS:?is not set, and neither is POOL_SECRET_ARNS}" >"$new/userlist.txt"
  fi
  if [ -n "$POOL_TLS_SECRET_ARN" ]; then
    tls=$(secret "$POOL_TLS_SECRET_ARN")
    pem certificate <<<"$tls" >"$new/server.crt"
    pem key <<<"$tls" >"$new/server.key"
    pem ca <<<"$tls" >"$new/ca.pem"
    files="server.crt server.key ca.pem $files"
  fi
  awk '{
    line = ""
    while (match($0, /[{][A-Z_]+[}]/)) {
      name = substr($0, RSTART + 1, RLENGTH - 2)
      if (!(name in ENVIRON)) { print "pool: no value for " name > "/dev/stderr"; exit 1 }
      line = line substr($0, 1, RSTART - 1) ENVIRON[name]
      $0 = substr($0, RSTART + RLENGTH)
    }
    print line $0
  }' "$here/pgbouncer.ini" >"$new/pgbouncer.ini"
  if tracks; then echo "max_prepared_statements = $POOL_STATEMENTS" >>"$new/pgbouncer.ini"; fi
  for file in $files; do place "$file"; done
}

# Adds the user that reads the statistics; its password never leaves this machine.
add_monitor() {
  local secret=$POOL_DIR/monitor
  [ -s "$secret" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$secret"
  printf '"pool_monitor" "%s"\n' "$(cat "$secret")"
}

refresh() {
  : "${POOL_SECRET_ARNS:?is not set; set it to the secrets of the users}"
  render
  [ "$changed" = yes ] || return 0
  $POOL_RELOAD
  say "settings changed; pgBouncer reloaded"
}

# psql to this pgBouncer, as a user with a password.
query() {
  export PGUSER=$1 PGPASSWORD=$2 PGSSLMODE=disable PGHOST=127.0.0.1 PGHOSTADDR=127.0.0.1 PGCONNECT_TIMEOUT=5
  shift 2
  if [ "$POOL_CLIENT_TLS" = require ]; then
    export PGSSLMODE=verify-full PGSSLROOTCERT=$POOL_DIR/ca.pem PGHOST=${POOL_TLS_NAME:?is not set}
  fi
  psql --no-psqlrc --no-password -p "$POOL_PORT" "$@"
}

check() {
  local tries=${POOL_CHECK_TRIES:-60} first answer user password
  first=${POOL_SECRET_ARNS%% *}
  first=$(secret "${first:?POOL_SECRET_ARNS is not set}")
  user=$(jq -r .username <<<"$first")
  password=$(jq -r .password <<<"$first")
  until answer=$(query "$user" "$password" -tAc 'SELECT 1' "$POOL_DATABASE_NAME" 2>&1); do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "no query succeeds through the pool: $answer"
    sleep 1
  done
  say "a query through the pool succeeded"
}

# Sends the journal of the pool since the last call to CloudWatch: the newest lines, within the limit of a call.
ship_logs() {
  local events=$POOL_DIR/events.json stream
  stream=$(hostname)
  journalctl -u pgbouncer -u 3factor-pool -o json --cursor-file="$POOL_DIR/journal" 2>/dev/null | tail -n 200 |
    jq -cs '[.[] | select((.MESSAGE | type == "string") and .MESSAGE != "") |
      {timestamp: (.__REALTIME_TIMESTAMP | tonumber / 1000 | floor), message: .MESSAGE[:4000]}] | sort_by(.timestamp)' >"$events"
  [ "$(cat "$events")" != '[]' ] || return 0
  aws logs create-log-stream --log-group-name "$POOL_LOG" --log-stream-name "$stream" 2>/dev/null || true
  aws logs put-log-events --log-group-name "$POOL_LOG" --log-stream-name "$stream" --log-events "file://$events" >/dev/null
}

# In another process, because a failure ends it.
tick() {
  local failed=0 pools waiting longest metrics name value
  bash "${BASH_SOURCE[0]}" refresh || failed=1
  if [ -n "${POOL_STAGE:-}" ]; then
    pools=$(query pool_monitor "$(cat "$POOL_DIR/monitor")" -AF '|' -P footer=off -c 'SHOW POOLS' pgbouncer) || pools=
    read -r waiting longest < <(awk -F '|' '
      NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
      { waiting += $column["cl_waiting"]; if ($column["maxwait"] + 0 > longest) longest = $column["maxwait"] + 0 }
      END { print waiting + 0, longest + 0 }' <<<"$pools")
    [ -n "$pools" ] || failed=1
    for value in "PoolFailures $failed" "PoolWaitingClients $waiting" "PoolLongestWait $longest"; do
      read -r name value <<<"$value"
      metrics+="${metrics:+,}{\"MetricName\":\"$name\",\"Value\":$value,\"Dimensions\":[{\"Name\":\"Stage\",\"Value\":\"$POOL_STAGE\"}]}"
    done
    aws cloudwatch put-metric-data --namespace threefactor --metric-data "[$metrics]" || failed=1
    [ -z "${POOL_LOG:-}" ] || ship_logs || failed=1
  fi
  return "$failed"
}

# Waits until the load balancer sends connections to this instance, minutes after its registration. An update removes another
# instance when this one succeeds; without the wait there could be none that serves.
serves() {
  local tries=${POOL_HEALTH_TRIES:-60} metadata=http://169.254.169.254/latest token id state
  token=$(curl -fsS -X PUT $metadata/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 60')
  id=$(curl -fsS -H "X-aws-ec2-metadata-token: $token" $metadata/meta-data/instance-id)
  until state=$(aws elbv2 describe-target-health --target-group-arn "$POOL_TARGET_GROUP" --targets "Id=$id" \
    --query 'TargetHealthDescriptions[0].TargetHealth.State' --output text 2>&1) && [ "$state" = healthy ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "the load balancer does not report this instance as healthy: $state"
    sleep 5
  done
  say "the load balancer reports this instance as healthy"
}

install_shell() {
  local agent=amazon-ssm-agent.deb
  curl -fsS --retry 5 -o "/tmp/$agent" "https://s3.$AWS_REGION.amazonaws.com/amazon-ssm-$AWS_REGION/latest/debian_arm64/$agent"
  dpkg -i "/tmp/$agent"
}

install_it() {
  : "${POOL_SECRET_ARNS:?is not set}" "${POOL_TLS_SECRET_ARN:?is not set}" "${POOL_TLS_NAME:?is not set}"
  export DEBIAN_FRONTEND=noninteractive
  # On a new instance other programs may use apt at the same time.
  local apt_options='-o DPkg::Lock::Timeout=300 -o Acquire::Retries=5'
  apt-get update -q $apt_options
  apt-get install -yq $apt_options --no-install-recommends pgbouncer postgresql-client awscli jq ca-certificates curl procps
  mkdir -p "$installed" "$units/pgbouncer.service.d"
  [ "$here" = "$installed" ] || cp "$here/bootstrap.sh" "$here/pgbouncer.ini" "$installed/"
  [ "$POOL_SERVER_CA_FILE" != "$POOL_DIR/rds-ca.pem" ] || [ -e "$POOL_SERVER_CA_FILE" ] || {
    curl -fsS --retry 5 --retry-connrefused -o "$POOL_SERVER_CA_FILE.new" \
      https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem
    chmod 0644 "$POOL_SERVER_CA_FILE.new"
    mv "$POOL_SERVER_CA_FILE.new" "$POOL_SERVER_CA_FILE"
  }
  for name in $names POOL_DATABASE_NAME POOL_OWNER POOL_SECRET_ARNS POOL_TLS_SECRET_ARN POOL_TLS_NAME POOL_STAGE POOL_LOG AWS_REGION; do
    printf '%s="%s"\n' "$name" "${!name:-}"
  done >"$settings"
  # More clients than the default limit of 1024 open files.
  cat >"$units/pgbouncer.service.d/3factor.conf" <<-'UNIT'
	[Service]
	LimitNOFILE=65536
	Restart=always
	UNIT
  cat >"$units/3factor-pool.service" <<-UNIT
	[Unit]
	Description=Read the secrets of the pool again, and publish its metrics
	[Service]
	Type=oneshot
	EnvironmentFile=$settings
	ExecStart=/bin/bash $installed/bootstrap.sh tick
	UNIT
  cat >"$units/3factor-pool.timer" <<-'UNIT'
	[Timer]
	OnActiveSec=60
	OnUnitActiveSec=60
	RandomizedDelaySec=10
	[Install]
	WantedBy=timers.target
	UNIT
  systemctl daemon-reload
}

case ${1:-} in
  boot)
    install_it
    render
    # A restart, because the package has already started it with its own settings: the listening address and the limit of
    # open files are read only at startup.
    systemctl enable pgbouncer
    systemctl restart pgbouncer
    systemctl enable --now 3factor-pool.timer
    [ "${POOL_SHELL:-}" != true ] || install_shell
    check
    [ -z "${POOL_TARGET_GROUP:-}" ] || serves
    ;;
  refresh) refresh ;;
  tick) tick ;;
  render) render ;;
  check) check ;;
  *)
    sed -n '2,/^set /{/^#/s/^# \{0,1\}//p;}' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
