"""Parsed templates; every node has its line, so that a finding can name it."""

import json
from pathlib import Path

from cfnlint.decode import decode

INFRA = Path(__file__).resolve().parent.parent
ROOT = INFRA.parent
NAMES = sorted(path.name for path in INFRA.glob("*.yaml"))


def logical_name(function: str) -> str:
    """Prefix of a function's names in the templates: ValidateOrder for validate-order."""
    return "".join(word[:1].upper() + word[1:] for word in function.split("-"))


LISTED = json.loads((ROOT / "functions" / "functions.json").read_text())
# The functions with a route or a schedule, and a role: their prefix in the templates, and their name.
FUNCTIONS = {logical_name(function["name"]): function["name"] for function in LISTED if "role" in function}
# Those that event triggers and cron triggers call.
TRIGGERED = [function["name"] for function in LISTED if function["caller"] == "trigger"]


class Template:
    """One template."""

    def __init__(self, name: str):
        self.name = name
        self.text = (INFRA / name).read_text()
        self.lines = self.text.split("\n")
        self.body, problems = decode(str(INFRA / name))
        assert not problems, problems

    def resources(self, *types: str):
        """The resources of these types, as (logical id, resource)."""
        for logical_id, resource in self.body["Resources"].items():
            if not types or resource["Type"] in types:
                yield logical_id, resource

    def reason(self, node) -> str:
        """The comment behind a node, on its line."""
        line = self.lines[node.start_mark.line]
        return line.partition("  # ")[2].strip()


def all_templates() -> dict[str, Template]:
    """All templates by file name."""
    return {name: Template(name) for name in NAMES}


def walk(node, path=()):
    """Every node under this one, with its path."""
    yield path, node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from walk(value, (*path, key))
    elif isinstance(node, list):
        for n, value in enumerate(node):
            yield from walk(value, (*path, n))


def strings(node):
    """Every string under a node."""
    return [value for _, value in walk(node) if isinstance(value, str)]
