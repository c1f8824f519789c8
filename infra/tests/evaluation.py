"""Evaluates templates as CloudFormation does: parameters with their constraints, rules, conditions and functions."""

import base64
import copy
import functools
import ipaddress
import re

from templates import Template

NO_VALUE = object()
ACCOUNT = "123456789012"


class Refused(Exception):
    """A change that AWS refuses, with the reason."""


def plain(node):
    """A node of a template without its line numbers, which make copies slow."""
    if isinstance(node, dict):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    return str(node) if isinstance(node, str) else node


@functools.cache
def body(name: str) -> dict:
    """The parsed template of a file in infra/."""
    return plain(Template(name).body)


def text(value) -> str:
    """A scalar as CloudFormation passes it on."""
    return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else str(value)


def parameters(template: dict, given: dict, known=None) -> dict:
    """The values of a template's parameters. `known` returns the value of an SSM parameter."""
    defined = template.get("Parameters", {})
    if unknown := given.keys() - defined.keys():
        raise Refused(f"Parameters: {sorted(unknown)} do not exist in the template")
    found = {}
    for name, parameter in defined.items():
        if name in given:
            value = given[name]
        elif "Default" in parameter:
            value = parameter["Default"]
        else:
            raise Refused(f"Parameters: {name} must have values")
        value = ",".join(map(text, value)) if isinstance(value, list) else text(value)
        found[name] = typed(name, parameter, value, known)
    return found


def typed(name: str, parameter: dict, value: str, known):
    """A value of the parameter's type, if it satisfies the constraints."""
    problem = Refused(f"Parameter '{name}': {value!r}: {parameter.get('ConstraintDescription', 'is not permitted')}")
    kind = parameter["Type"]
    if "AllowedValues" in parameter and value not in [text(allowed) for allowed in parameter["AllowedValues"]]:
        raise problem
    pieces = value.split(",") if kind == "CommaDelimitedList" else [value]
    for piece in pieces:
        if "AllowedPattern" in parameter and not re.fullmatch(parameter["AllowedPattern"], piece):
            raise problem
    if not int(parameter.get("MinLength", 0)) <= len(value) <= int(parameter.get("MaxLength", 4096)):
        raise problem
    if kind == "Number":
        try:
            number = float(value)
        except ValueError:
            raise problem from None
        if not float(parameter.get("MinValue", number)) <= number <= float(parameter.get("MaxValue", number)):
            raise problem
    if kind.startswith("AWS::SSM::Parameter::Value"):
        resolved = known and known(value)
        if not resolved:
            raise Refused(f"Unable to fetch parameters [{value}] from parameter store")
        return resolved
    if kind.startswith("AWS::") and not value:
        raise problem
    if kind.startswith("List<"):
        if not all(pieces := value.split(",")):
            raise problem
        return pieces
    return pieces if kind == "CommaDelimitedList" else value


class Scope:
    """A template with the values of its parameters, in a stack."""

    def __init__(self, template: dict, given: dict, region: str, stack: str, stack_id: str = "", known=None):
        self.template, self.region, self.stack = template, region, stack
        self.values = parameters(template, given, known)
        self.pseudo = {
            "AWS::Region": region,
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::StackName": stack,
            "AWS::StackId": stack_id,
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": NO_VALUE,
        }
        # Records of the resources that exist, by logical id: {"ref", "attributes"}.
        self.resources = {}
        self.check_rules()

    def check_rules(self):
        for name, rule in self.template.get("Rules", {}).items():
            if "RuleCondition" in rule and not self.holds(rule["RuleCondition"]):
                continue
            for assertion in rule["Assertions"]:
                if not self.holds(assertion["Assert"]):
                    raise Refused(f"Rule {name}: {assertion['AssertDescription'].strip()}")

    def condition(self, name: str) -> bool:
        return self.holds(self.template["Conditions"][name])

    def holds(self, node) -> bool:
        [(function, argument)] = node.items()
        match function:
            case "Condition":
                return self.condition(argument)
            case "Fn::Equals":
                left, right = map(self.value, argument)
                return text(left) == text(right)
            case "Fn::Not":
                return not self.holds(argument[0])
            case "Fn::And":
                return all(map(self.holds, argument))
            case "Fn::Or":
                return any(map(self.holds, argument))
            case "Fn::Contains":
                return text(self.value(argument[1])) in [text(item) for item in self.value(argument[0])]
        raise AssertionError(f"{function} is not a condition")

    def exists(self, logical_id: str) -> bool:
        resource = self.template["Resources"][logical_id]
        return "Condition" not in resource or self.condition(resource["Condition"])

    def ref(self, name: str):
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.values:
            return self.values[name]
        return self.record(name)["ref"]

    def record(self, logical_id: str) -> dict:
        if logical_id not in self.resources:
            raise Refused(f"Unresolved resource dependencies [{logical_id}] in the template of {self.stack}")
        return self.resources[logical_id]

    def attribute(self, logical_id: str, attribute: str):
        attributes = self.record(logical_id)["attributes"]
        value = attributes(attribute) if callable(attributes) else attributes.get(attribute, NO_VALUE)
        if value is NO_VALUE:
            raise Refused(f"{logical_id} has no attribute {attribute}")
        return value

    def value(self, node):
        """The value of an expression."""
        if isinstance(node, list):
            return [value for value in map(self.value, node) if value is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            [(function, argument)] = node.items()
            if function == "Ref" or function.startswith("Fn::"):
                return self.call(function, argument)
        found = {key: self.value(value) for key, value in node.items()}
        return {key: value for key, value in found.items() if value is not NO_VALUE}

    def call(self, function: str, argument):
        match function:
            case "Ref":
                return self.ref(argument)
            case "Fn::GetAtt":
                logical_id, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
                return self.attribute(logical_id, attribute)
            case "Fn::If":
                name, yes, no = argument
                return self.value(yes if self.condition(name) else no)
            case "Fn::Sub":
                return self.substituted(argument)
            case "Fn::Join":
                separator, parts = argument
                return separator.join(text(part) for part in self.value(parts))
            case "Fn::Select":
                index, items = argument
                items = self.value(items)
                if int(index) >= len(items):
                    raise Refused(f"Fn::Select cannot select nonexistent value at index {index}")
                return items[int(index)]
            case "Fn::Split":
                separator, parts = argument
                return text(self.value(parts)).split(separator)
            case "Fn::GetAZs":
                return [f"{self.region}{zone}" for zone in "abc"]
            case "Fn::Cidr":
                block, count, bits = map(self.value, argument)
                subnets = ipaddress.ip_network(block).subnets(new_prefix=32 - int(bits))
                return [str(subnet) for subnet, _ in zip(subnets, range(int(count)))]
            case "Fn::FindInMap":
                name, first, second = map(self.value, argument)
                return self.template["Mappings"][name][text(first)][second]
            case "Fn::Base64":
                return base64.b64encode(self.value(argument).encode()).decode()
        raise AssertionError(f"{function} is not supported")

    def substituted(self, argument) -> str:
        pattern, names = argument if isinstance(argument, list) else (argument, {})

        def replaced(match):
            name = match[1]
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in names:
                value = self.value(names[name])
            elif "." in name:
                value = self.attribute(*name.split(".", 1))
            else:
                value = self.ref(name)
            return ",".join(value) if isinstance(value, list) else text(value)

        return re.sub(r"\$\{([^}]+)\}", replaced, pattern)

    def dependencies(self, logical_id: str) -> set:
        """The resources that have to exist before this one."""
        resource = self.template["Resources"][logical_id]
        listed = resource.get("DependsOn", [])
        found = set([listed] if isinstance(listed, str) else listed)
        self.references({key: resource.get(key, {}) for key in ("Properties", "UpdatePolicy")}, found)
        return {name for name in found if name in self.template["Resources"] and self.exists(name)}

    def references(self, node, found: set):
        if isinstance(node, list):
            for item in node:
                self.references(item, found)
        elif isinstance(node, dict):
            if "Fn::If" in node:
                name, yes, no = node["Fn::If"]
                self.references(yes if self.condition(name) else no, found)
                return
            for key, value in node.items():
                if key == "Ref":
                    found.add(value)
                elif key == "Fn::GetAtt":
                    found.add(value[0] if isinstance(value, list) else value.split(".")[0])
                elif key == "Fn::Sub":
                    pattern, names = value if isinstance(value, list) else (value, {})
                    found.update(name.split(".")[0] for name in re.findall(r"\$\{([^!}]+)\}", pattern) if name not in names)
                    self.references(names, found)
                else:
                    self.references(value, found)

    def order(self) -> list:
        """The logical ids of the resources, each after those that it depends on."""
        todo = [name for name in self.template["Resources"] if self.exists(name)]
        before = {name: self.dependencies(name) for name in todo}
        done, ordered = set(), []
        while todo:
            ready = [name for name in todo if before[name] <= done]
            if not ready:
                raise Refused(f"Circular dependency between resources: {todo}")
            ordered += ready
            done |= set(ready)
            todo = [name for name in todo if name not in done]
        return ordered

    def properties(self, logical_id: str) -> dict:
        return self.value(copy.copy(self.template["Resources"][logical_id].get("Properties", {})))

    def outputs(self) -> dict:
        return {
            name: self.value(output["Value"])
            for name, output in self.template.get("Outputs", {}).items()
            if "Condition" not in output or self.condition(output["Condition"])
        }
