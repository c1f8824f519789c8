//! Cost per month before the first order.

use anyhow::Result;

use super::super::limits::{self, number};
use super::super::template::{Template, Values};
use super::{HOURS, Line, Prices};
use local_services::functions::functions;

/// Minutes of a month: the pool and the watchman report once in each.
const MINUTES: f64 = HOURS * 60.0;
/// Metrics that an instance of the pool publishes together.
const POOL_METRICS: f64 = 3.0;
/// Metrics of the watchman.
const WATCHMAN_METRICS: f64 = 10.0;
/// Secrets that hasura-restart describes in each minute.
const SECRETS_OF_HASURA: f64 = 3.0;
/// Minutes between two checks of the database roles by rotate-secret.
const CHECK_MINUTES: f64 = 10.0;
/// Read events of a month that the trail of a stage copies, about: those of the two functions above, of the pool and of the others.
const TRAIL_EVENTS: f64 = 1e6;
/// Combinations of function and outcome that occur, about.
const OUTCOMES: f64 = 20.0;
/// Alarms that are free.
const FREE_ALARMS: f64 = 10.0;
/// Rules of the web ACL in infra/hasura.yaml.
const FIREWALL_RULES: f64 = 3.0;
/// vCPU that RDS Proxy charges at least.
const PROXY_VCPU: f64 = 2.0;

/// Components that the parameters create.
#[expect(clippy::struct_excessive_bools, reason = "each is a component that may exist")]
struct Parts {
    hasura: bool,
    behind_cloudfront: bool,
    private_origin: bool,
    pool: bool,
    proxy: bool,
    database: bool,
    own_vpc: bool,
    nat: bool,
}

impl Parts {
    fn of(values: &Values) -> Self {
        let is = |name: &str, value: &str| values.get(name) == Some(value);
        let own_pooler = values.is_empty("ExistingConnectionString");
        let own_vpc = values.is_empty("ExistingVpcId");
        let behind_cloudfront = values.is_empty("HasuraCertificateArn");
        Self {
            hasura: is("EnableHasura", "true"),
            behind_cloudfront,
            private_origin: behind_cloudfront && is("PrivateOrigin", "true"),
            pool: own_pooler && is("Pooler", "pgbouncer"),
            proxy: own_pooler && is("Pooler", "rdsproxy"),
            database: values.is_empty("ExistingDatabaseHost"),
            own_vpc,
            nat: own_vpc && is("EnableNat", "true"),
        }
    }
}

pub(super) fn lines(values: &Values, prices: &Prices, unknown: &mut Vec<String>) -> Result<Vec<Line>> {
    let parts = Parts::of(values);
    let mut lines = Vec::new();
    let amount = |name: &str| f64::from(u32::try_from(number(values, name)).unwrap_or(u32::MAX));
    let instances = if parts.pool { amount("PoolInstances") } else { 0.0 };
    let tasks = if parts.hasura { amount("HasuraTasks") } else { 0.0 };
    network(&parts, prices, instances, tasks, &mut lines)?;
    let balancer = prices.hourly("load balancer")?;
    if parts.hasura {
        let what = format!("load balancer of Hasura ({balancer} USD/h)");
        lines.push(Line::new(what, balancer * HOURS));
        lines.push(hasura(values, prices, tasks)?);
    }
    if parts.pool {
        let what = format!("load balancer of the pool ({balancer} USD/h)");
        lines.push(Line::new(what, balancer * HOURS));
        lines.push(pool(values, prices, instances, unknown)?);
    }
    if parts.proxy {
        let each = prices.hourly("RDS Proxy vCPU")?;
        let what = format!("RDS Proxy, {PROXY_VCPU} vCPU at least ({each} USD/vCPU-h)");
        lines.push(Line::new(what, PROXY_VCPU * each * HOURS));
    }
    if parts.database {
        lines.push(database(values, prices, amount("DatabaseStorage"), unknown)?);
    }
    let secrets = secrets(values, &parts)?;
    let (secret, zone) = (prices.monthly("secret")?, prices.monthly("hosted zone")?);
    let (zones, zone) = if parts.pool {
        (format!(", 1 hosted zone ({zone:.2} USD)"), zone)
    } else {
        (String::new(), 0.0)
    };
    let what = format!("{secrets} secrets ({secret:.2} USD each){zones}");
    lines.push(Line::new(what, secrets * secret + zone));
    observation(values, prices, instances, &parts, &mut lines)?;
    if parts.hasura && values.get("EnableWaf") == Some("true") {
        lines.push(Line::new(
            format!("web application firewall with {FIREWALL_RULES} rules, without its charge per request"),
            prices.monthly("web ACL")? + FIREWALL_RULES * prices.monthly("web ACL rule")?,
        ));
    }
    Ok(lines)
}

/// NAT or the endpoint, and public addresses.
fn network(parts: &Parts, prices: &Prices, instances: f64, tasks: f64, lines: &mut Vec<Line>) -> Result<()> {
    if parts.nat {
        let each = prices.hourly("NAT gateway")?;
        lines.push(Line::new(format!("NAT gateway ({each} USD/h)"), each * HOURS));
    } else if parts.own_vpc {
        let each = prices.hourly("VPC endpoint")?;
        let what = format!("VPC endpoint of Secrets Manager in two zones ({each} USD/h each)");
        lines.push(Line::new(what, 2.0 * each * HOURS));
    }
    let mut addresses = Vec::new();
    if parts.hasura && !parts.private_origin {
        addresses.push((2.0, "of the load balancer"));
    }
    if parts.nat {
        addresses.push((1.0, "of NAT"));
    } else if parts.own_vpc {
        addresses.push((instances, "of the pool"));
        addresses.push((tasks, "of Hasura"));
    }
    addresses.retain(|(number, _)| *number > 0.0);
    let all: f64 = addresses.iter().map(|(number, _)| number).sum();
    if all > 0.0 {
        let each = prices.hourly("public address")?;
        let whose: Vec<String> = addresses
            .iter()
            .map(|(number, whose)| format!("{number} {whose}"))
            .collect();
        let what = format!("{all} public addresses: {} ({each} USD/h each)", whose.join(", "));
        lines.push(Line::new(what, all * each * HOURS));
    }
    Ok(())
}

/// Alarms, metrics, and the watchman.
fn observation(
    values: &Values,
    prices: &Prices,
    instances: f64,
    parts: &Parts,
    lines: &mut Vec<Line>,
) -> Result<()> {
    let (alarms, alarm) = (alarms(values, parts)?, prices.monthly("alarm")?);
    let what = format!("{alarms} alarms ({alarm:.2} USD each; ten are free)");
    lines.push(Line::new(what, (alarms - FREE_ALARMS).max(0.0) * alarm));
    let metric = prices.monthly("metric")?;
    if parts.pool {
        let (requests, thousand) = (instances * MINUTES, prices.unit("1000 metric requests")?);
        lines.push(Line::new(
            format!(
                "{POOL_METRICS} metrics of the pool ({metric:.2} USD each), {} requests with them ({thousand} USD per 1000)",
                thousands(requests)
            ),
            POOL_METRICS * metric + requests / 1000.0 * thousand,
        ));
        // The roles of the functions, and the certificate.
        let reads = requests * (functions()?.all.iter().fold(1.0, |number, _| number + 1.0));
        let price = prices.unit("10000 secret requests")?;
        lines.push(Line::new(
            format!(
                "{} reads of secrets by the pool ({price} USD per 10000)",
                thousands(reads)
            ),
            reads / 10_000.0 * price,
        ));
    }
    lines.push(Line::new(
        format!(
            "{WATCHMAN_METRICS} metrics of the watchman, and about {OUTCOMES} combinations of function and outcome ({metric:.2} USD each, \
             for the hours in which they occur)"
        ),
        (WATCHMAN_METRICS + OUTCOMES) * metric,
    ));
    rotation(values, prices, parts, lines)?;
    let logs = prices.unit("GB of logs")?;
    lines.push(Line::new(
        format!(
            "{} calls of the watchman: 0.01 of Lambda, 0.1 GB of logs ({logs:.2} USD/GB)",
            thousands(MINUTES)
        ),
        MINUTES / 1e6 * prices.unit("million Lambda requests")? + 0.1 * logs,
    ));
    Ok(())
}

/// The functions that check and follow the rotation of secrets. A rotation itself is a few calls.
fn rotation(values: &Values, prices: &Prices, parts: &Parts, lines: &mut Vec<Line>) -> Result<()> {
    let (mut calls, mut requests) = (0.0, 0.0);
    if parts.hasura {
        calls += MINUTES;
        requests += SECRETS_OF_HASURA * MINUTES;
    }
    let roles = roles(values, parts)?;
    if roles > 0.0 {
        calls += MINUTES / CHECK_MINUTES;
        requests += roles * MINUTES / CHECK_MINUTES;
    }
    if calls > 0.0 {
        let price = prices.unit("10000 secret requests")?;
        lines.push(Line::new(
            format!(
                "{} calls of rotate-secret and hasura-restart: 0.01 of Lambda, {} requests to Secrets Manager ({price} USD per 10000)",
                thousands(calls),
                thousands(requests)
            ),
            calls / 1e6 * prices.unit("million Lambda requests")? + requests / 10_000.0 * price,
        ));
    }
    if values.get("AuditSecretReads") == Some("true") && values.is_empty("TrailLogGroup") {
        let (event, logs) = (prices.unit("100000 trail events")?, prices.unit("GB of logs")?);
        lines.push(Line::new(
            format!(
                "trail of the stage: about {} read events ({event:.2} USD per 100000 unless it is the first trail of the account) of 1.5 kB \
                 in its log",
                thousands(TRAIL_EVENTS)
            ),
            TRAIL_EVENTS / 100_000.0 * event + TRAIL_EVENTS * 1.5e-6 * logs,
        ));
    }
    Ok(())
}

/// Number of database roles whose passwords are rotated: as the conditions in infra/rotation.yaml.
fn roles(values: &Values, parts: &Parts) -> Result<f64> {
    let knows_postgres = parts.database || parts.pool;
    if values.get("RotationDays") == Some("0") || !knows_postgres {
        return Ok(0.0);
    }
    let of_functions = functions()?.all.iter().fold(0.0, |number, _| number + 1.0);
    let of_functions = if parts.pool || parts.proxy {
        of_functions
    } else {
        0.0
    };
    Ok(of_functions + if parts.hasura { 1.0 } else { 0.0 })
}

fn hasura(values: &Values, prices: &Prices, tasks: f64) -> Result<Line> {
    let name = match values.get("EventEngine") {
        Some("threefactor") => "the engine",
        _ => "Hasura",
    };
    let cpu = limits::engine_cpu(values);
    let memory = 2.0 * cpu;
    let text = format!("{} vCPU, {} GiB", fraction(cpu), fraction(memory));
    let (vcpu, gib) = (prices.hourly("Fargate vCPU")?, prices.hourly("Fargate GiB")?);
    let number = if tasks > 1.0 {
        format!("{tasks} × ")
    } else {
        String::new()
    };
    Ok(Line::new(
        format!("{name}: {number}{text} on Fargate arm64 ({vcpu} USD/vCPU-h, {gib} USD/GiB-h)"),
        tasks * (cpu * vcpu + memory * gib) * HOURS,
    ))
}

/// A number with ¼ and ½ as characters.
fn fraction(number: f64) -> String {
    if number < 0.5 {
        "¼".to_owned()
    } else if number < 1.0 {
        "½".to_owned()
    } else {
        number.to_string()
    }
}

fn pool(values: &Values, prices: &Prices, instances: f64, unknown: &mut Vec<String>) -> Result<Line> {
    let kind = values.get("PoolInstanceType").unwrap_or_default();
    let price = prices.instance(kind).unwrap_or_else(|| {
        unknown.push(format!("{instances} × {kind}"));
        0.0
    });
    let gib = prices.monthly("gp3 GiB")?;
    Ok(Line::new(
        format!("the pool: {instances} × {kind} ({price} USD/h), {instances} × 8 GiB gp3 ({gib} USD/GiB)"),
        instances * (price * HOURS + 8.0 * gib),
    ))
}

fn database(values: &Values, prices: &Prices, storage: f64, unknown: &mut Vec<String>) -> Result<Line> {
    let class = values.get("DatabaseInstanceClass").unwrap_or_default();
    let price = prices.database(class).unwrap_or_else(|| {
        unknown.push(class.to_owned());
        0.0
    });
    let (copies, standby) = if values.get("DatabaseMultiAz") == Some("true") {
        (2.0, ", with a standby")
    } else {
        (1.0, "")
    };
    let gib = prices.monthly("RDS gp3 GiB")?;
    Ok(Line::new(
        format!("Postgres: {class} ({price} USD/h), {storage} GiB gp3 ({gib} USD/GiB){standby}"),
        copies * (price * HOURS + storage * gib),
    ))
}

/// Secrets of the stack, and those that the command and RDS create.
fn secrets(values: &Values, parts: &Parts) -> Result<f64> {
    let template = Template::read("secrets.yaml")?;
    let number = count(&template, "AWS::SecretsManager::Secret", values);
    let more = [
        parts.hasura && parts.behind_cloudfront,
        parts.pool,
        values.get("IdentityProvider") == Some("login"),
        parts.database,
    ];
    let more = more.into_iter().filter(|exists| *exists);
    Ok(more.fold(number, |number, _| number + 1.0))
}

/// Alarms of monitoring.yaml, of what exists, and those of audit.yaml.
fn alarms(values: &Values, parts: &Parts) -> Result<f64> {
    let template = Template::read("monitoring.yaml")?;
    let exists = |exists: bool| if exists { "x" } else { "" };
    let given = [
        (
            "LoginApiId",
            exists(values.get("IdentityProvider") == Some("login")),
        ),
        ("DatabaseInstanceId", exists(parts.database)),
        ("PoolLoadBalancerName", exists(parts.pool)),
        ("PoolTargetGroupName", exists(parts.pool)),
        ("HasuraLoadBalancerName", exists(parts.hasura)),
        ("HasuraTargetGroupName", exists(parts.hasura)),
    ];
    let given = Values::new(&template, given);
    let audit = if values.get("AuditSecretReads") == Some("true") {
        let template = Template::read("audit.yaml")?;
        count(&template, "AWS::CloudWatch::Alarm", &Values::new(&template, []))
    } else {
        0.0
    };
    Ok(count(&template, "AWS::CloudWatch::Alarm", &given) + audit)
}

/// Number of the resources of a type whose condition holds.
fn count(template: &Template, kind: &str, values: &Values) -> f64 {
    template
        .section("Resources")
        .filter(|(_, resource)| resource["Type"] == kind && template.exists(resource, values))
        .fold(0.0, |number, _| number + 1.0)
}

/// A number of thousands, as `88 000`.
fn thousands(number: f64) -> String {
    format!("{:.0} 000", number / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn monthly(set: &[(&str, &str)]) -> f64 {
        let values = Values::new(&Template::main().unwrap(), set.iter().copied());
        let prices = Prices::read().unwrap();
        let lines = lines(&values, &prices, &mut Vec::new()).unwrap();
        super::super::sum(&lines)
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 0.005, "{found} is not {expected}");
    }

    #[test]
    fn parameters_change_the_cost_by_their_prices() {
        let default = monthly(&[]);
        close(
            default - monthly(&[("EnableNat", "false")]),
            32.85 + 3.65 - 14.60 - 10.95,
        );
        close(
            default - monthly(&[("PoolInstances", "1")]),
            12.904 + 0.438 + 1.971,
        );
        close(monthly(&[("HasuraTasks", "3")]) - default, 2.0 * 14.417_5);
        close(monthly(&[("DatabaseMultiAz", "true")]) - default, 11.68 + 2.30);
        close(monthly(&[("EnableWaf", "true")]) - default, 8.0);
        close(default - monthly(&[("PrivateOrigin", "true")]), 7.30);
        assert!(default > monthly(&[("Pooler", "rdsproxy")]));
        // 4380 calls that read the secrets of nine roles.
        close(default - monthly(&[("RotationDays", "0")]), 0.198);
        let with_log = ("TrailLogGroup", "aws-cloudtrail-logs");
        close(monthly(&[("AuditSecretReads", "true"), with_log]) - default, 0.20);
        close(monthly(&[("AuditSecretReads", "true")]) - default, 0.20 + 20.75);
    }
}
