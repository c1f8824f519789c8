"""Which connections the security groups and routes of an installation permit. A connection needs a rule for outbound traffic of the
sender, one for inbound traffic of the receiver, and, to an address outside the VPC, a route."""

import base64
import ipaddress
import json
import re
from urllib.parse import urlsplit


class Network:
    """The security groups of an installation, after its launch."""

    def __init__(self, stack, hosts: dict):
        """`hosts` maps the names of existing components to their addresses."""
        self.stack, self.hosts = stack, hosts
        self.groups = {record["ref"]: record["properties"] for record in stack.of("AWS::EC2::SecurityGroup").values()}
        self.vpc = ipaddress.ip_network(stack.given.get("VpcCidr", "10.42.0.0/16"))
        routes = stack.of("AWS::EC2::Route").values()
        self.has_nat = any("NatGatewayId" in route["properties"] for route in routes)
        self.has_endpoint = bool(stack.of("AWS::EC2::VPCEndpoint"))
        self.own_vpc = bool(stack.of("AWS::EC2::VPC"))

    def one(self, kind: str, path: str = ""):
        found = [record for name, record in self.stack.of(kind).items() if name.startswith(path)]
        return found[0] if found else None

    # Components -------------------------------------------------------------------------------------------------------------

    def receivers(self) -> dict:
        """The security group behind each host name of the installation."""
        found = {}
        database = self.one("AWS::RDS::DBInstance")
        if database:
            found[database["attributes"]["Endpoint.Address"]] = database["properties"]["VPCSecurityGroups"][0]
        proxy = self.one("AWS::RDS::DBProxy")
        if proxy:
            found[proxy["attributes"]["Endpoint"]] = proxy["properties"]["VpcSecurityGroupIds"][0]
        balancers = {record["attributes"]["DNSName"]: record for record in self.stack.of("AWS::ElasticLoadBalancingV2::LoadBalancer").values()}
        for name, record in balancers.items():
            found[name] = record["properties"]["SecurityGroups"][0]
        for record in self.stack.of("AWS::Route53::RecordSet").values():
            target = record["properties"]["AliasTarget"]["DNSName"]
            found[record["properties"]["Name"]] = balancers[target]["properties"]["SecurityGroups"][0]
        return found

    def connections(self):
        """What the components are configured to connect to: (description, sender's group, host, port)."""
        for name, record in self.stack.of("AWS::Lambda::Function").items():
            variables = record["properties"].get("Environment", {}).get("Variables", {})
            if "POSTGRES_CONNECTION_STRING" in variables:
                url = urlsplit(variables["POSTGRES_CONNECTION_STRING"])
                yield name, record["properties"]["VpcConfig"]["SecurityGroupIds"][0], url.hostname, url.port or 5432
        template = self.one("AWS::EC2::LaunchTemplate")
        if template:
            data = template["properties"]["LaunchTemplateData"]
            user_data = base64.b64decode(data["UserData"]).decode()
            host, port = re.search(r"POOL_DATABASE_HOST='([^']*)' POOL_DATABASE_PORT='([^']*)'", user_data).groups()
            group = data["NetworkInterfaces"][0]["Groups"][0]
            yield "pool", group, host, int(port)
            [balancer] = [record for record in self.stack.of("AWS::ElasticLoadBalancingV2::LoadBalancer").values() if record["properties"]["Type"] == "network"]
            yield "load balancer of the pool", balancer["properties"]["SecurityGroups"][0], group, 6432
        proxy = self.one("AWS::RDS::DBProxy")
        if proxy:
            database = self.one("AWS::RDS::DBInstance")
            yield "proxy", proxy["properties"]["VpcSecurityGroupIds"][0], database["attributes"]["Endpoint.Address"], 5432
        service, task = self.one("AWS::ECS::Service"), self.one("AWS::ECS::TaskDefinition", "Hasura/")
        if service:
            group = service["properties"]["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"][0]
            for host, port in re.findall(r'"Name": "DATABASE", "Value": "([^":]+):(\d+)/', json.dumps(task["properties"])):
                yield "Hasura", group, host, int(port)
            balancer = self.one("AWS::ElasticLoadBalancingV2::LoadBalancer", "Hasura/")
            yield "load balancer of Hasura", balancer["properties"]["SecurityGroups"][0], group, 8080
        roles = self.one("Custom::DatabaseRoles")
        if roles:
            task = json.dumps(self.one("AWS::ECS::TaskDefinition", "Roles/")["properties"])
            host = re.search(r'"Name": "PGHOST", "Value": "([^"]+)"', task)[1]
            port = re.search(r'"Name": "PGPORT", "Value": "?(\d+)', task)[1]
            yield "roles", roles["properties"]["SecurityGroup"], host, int(port)

    # Rules ------------------------------------------------------------------------------------------------------------------

    def blocked(self) -> list:
        """The configured connections that are not permitted, with the reason."""
        receivers, found = self.receivers(), []
        for name, sender, host, port in self.connections():
            receiver = host if host in self.groups else receivers.get(host)
            if receiver is None and host not in self.hosts:
                found.append(f"{name}: no such host as {host}")
                continue
            address = None if receiver else ipaddress.ip_address(self.hosts[host])
            if not any(self.matches(rule, port, receiver, address, "Destination") for rule in self.groups[sender].get("SecurityGroupEgress", [])):
                found.append(f"{name}: no rule for outbound traffic to {host}:{port}")
            if receiver and not any(self.matches(rule, port, sender, None, "Source") for rule in self.groups[receiver].get("SecurityGroupIngress", [])):
                found.append(f"{name}: {host} has no rule for inbound traffic on {port}")
            # Peers have routes; other addresses need NAT, because functions have no public one.
            if address and address.is_global and "Function" in name and self.own_vpc and not self.has_nat:
                found.append(f"{name}: no route to {host}")
        for name, record in self.stack.of("AWS::Lambda::Function").items():
            if "VpcConfig" in record["properties"] and self.own_vpc and not (self.has_nat or self.has_endpoint):
                found.append(f"{name}: no route to Secrets Manager")
        return found

    def matches(self, rule: dict, port: int, group, address, side: str) -> bool:
        """Whether a rule admits a connection with a group, of any address of the VPC, or with an address outside."""
        if not int(rule["FromPort"]) <= port <= int(rule["ToPort"]):
            return False
        if rule.get(f"{side}SecurityGroupId"):
            return rule[f"{side}SecurityGroupId"] == group
        if "CidrIp" not in rule:
            return False
        permitted = ipaddress.ip_network(rule["CidrIp"])
        return address in permitted if address else self.vpc.subnet_of(permitted)

    def public(self) -> list:
        """The groups that any address of the internet reaches, with the port."""
        return sorted(
            (name, int(rule["FromPort"]))
            for name, record in self.stack.of("AWS::EC2::SecurityGroup").items()
            for rule in record["properties"].get("SecurityGroupIngress", [])
            if rule.get("CidrIp") == "0.0.0.0/0"
        )
