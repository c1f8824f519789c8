"""Parameter sets of main.yaml that contain each pair of values, of the parameters that change what exists."""

import itertools

from evaluation import body

MAIN = body("main.yaml")["Parameters"]
# Parameters that belong together, or whose values are not listed in the template.
GROUPS = {
    "certificate": [
        {},
        {
            "HasuraCertificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
            "HasuraDomainName": "hasura.example.com",
            "HasuraHostedZoneId": "Z0123456789ABC",
        },
    ],
    "database": [
        {},
        {
            "ExistingDatabaseHost": "db.example.com",
            "ExistingDatabasePort": "5433",
            "ExistingDatabaseCidr": "192.0.2.0/24",
            "ExistingMasterSecretArn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:master-AbCdEf",
            "ExistingDatabaseAuthority": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:authority-AbCdEf",
        },
    ],
    "pooler": [
        {},
        {"Pooler": "rdsproxy"},
        {
            "ExistingConnectionString": "postgres://pooler.example.com:6543/food?sslmode=verify-full",
            "ExistingPoolerPort": "6543",
            "ExistingPoolerCidr": "198.51.100.7/32",
        },
    ],
    "identity": [
        {"IdentityProvider": "login"},
        {"IdentityProvider": "login", "DemoLogin": "true"},
        {"IdentityProvider": "cognito"},
        {"IdentityProvider": "oidc", "OidcIssuer": "https://id.example.com/", "OidcAudience": "3factor"},
    ],
    "hasura": [
        {"EnableHasura": "true"},
        {"EnableHasura": "true", "HasuraTasks": "2", "HasuraMaxTasks": "3", "HasuraSize": "large"},
        {"EnableHasura": "false", "ExistingHasuraUrl": "https://hasura.example.org"},
    ],
    "size": [
        {},
        {"DatabaseInstanceClass": "db.m7g.4xlarge", "DatabaseStorage": "5120", "DatabaseMaxStorage": "16384", "PoolInstances": "4", "PoolInstanceType": "m7g.large"},
    ],
    "ReservedConcurrency": [{}, {"ReservedConcurrency": "20"}],
    "AlarmEmail": [{}, {"AlarmEmail": "oncall@example.com"}, {"AlarmEmail": "oncall@example.com", "MonthlyBudget": "200"}],
    "AdminCidrs": [
        {},
        {"AdminCidrs": "192.0.2.0/24,198.51.100.1/32"},
        {"DeploymentCidr": "203.0.113.1/32"},
        {"AdminCidrs": "192.0.2.0/24,198.51.100.1/32", "DeploymentCidr": "203.0.113.1/32"},
    ],
    "web": [
        {},
        {
            "WebCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
            "OrderAppDomain": "orders.example.com",
            "AnalyticsAppDomain": "analytics.example.com",
        },
    ],
    "audit": [{}, {"AuditSecretReads": "true"}, {"AuditSecretReads": "true", "TrailLogGroup": "aws-cloudtrail-logs"}],
    "RotationDays": [{}, {"RotationDays": "0"}],
    "Stage": [{"Stage": "dev"}, {"Stage": "abcdefghijklmnopqrst"}],
}
# The engine of this repository needs an image.
if "EngineImage" in MAIN:
    IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/threefactor-engine:1.0.0"
    GROUPS["engine"] = [{}, {"EventEngine": "threefactor", "EngineImage": IMAGE}]
# Of these the deployment decides.
DECIDED = {"FirstLaunch", "NewSchema", "Architecture"}


def dimensions() -> list:
    """The values of each dimension: those of the groups, and those of each other parameter with a list of values."""
    grouped = {name for choices in GROUPS.values() for choice in choices for name in choice} | DECIDED
    listed = {
        name: [{name: str(value).lower() if isinstance(value, bool) else str(value)} for value in parameter["AllowedValues"][:4]]
        for name, parameter in MAIN.items()
        if "AllowedValues" in parameter and name not in grouped
    }
    return list(GROUPS.values()) + list(listed.values())


def merged(choices) -> dict:
    return {name: value for choice in choices for name, value in choice.items()}


def pairwise(accepted) -> tuple:
    """Sets that contain each pair of values of two dimensions which `accepted` permits in some set; and the pairs that it never does."""
    axes = dimensions()
    pairs = {
        ((a, x), (b, y))
        for a, b in itertools.combinations(range(len(axes)), 2)
        for x in range(len(axes[a]))
        for y in range(len(axes[b]))
    }
    sets, excluded = [], set()

    def covered(row):
        return {((a, row[a]), (b, row[b])) for a, b in itertools.combinations(range(len(axes)), 2)}

    def is_accepted(row):
        return accepted(merged(axes[n][choice] for n, choice in enumerate(row)))

    while pairs:
        (a, x), (b, y) = seed = min(pairs)
        row = [0] * len(axes)
        row[a], row[b] = x, y
        if not is_accepted(row):
            # Another dimension may have to change with the pair.
            repaired = None
            for c in range(len(axes)):
                for z in range(len(axes[c])):
                    candidate = row[:c] + [z] + row[c + 1 :]
                    if c not in (a, b) and is_accepted(candidate):
                        repaired = candidate
                        break
                if repaired:
                    break
            if not repaired:
                excluded.add(seed)
                pairs.discard(seed)
                continue
            row = repaired
        fixed = {a, b}
        # Each other dimension takes the value with most new pairs.
        for c in range(len(axes)):
            if c in fixed:
                continue
            best = max(
                (row[:c] + [z] + row[c + 1 :] for z in range(len(axes[c]))),
                key=lambda candidate: (is_accepted(candidate), len(covered(candidate) & pairs)),
            )
            if is_accepted(best):
                row = best
        pairs -= covered(row)
        sets.append(merged(axes[n][choice] for n, choice in enumerate(row)))
    return sets, [(axes[a][x], axes[b][y]) for (a, x), (b, y) in sorted(excluded)]
