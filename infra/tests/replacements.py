"""Writes infra/replacements.json: of each resource type of the templates, the properties whose change replaces a resource, and that
with its name. From cfn-lint's copy of the CloudFormation registry; `python infra/tests/replacements.py` after a new type.
"""

import json

import names
from account import NAMED, create_only
from templates import INFRA, all_templates

TARGET = INFRA / "replacements.json"


def table() -> str:
    kinds = {resource["Type"] for template in all_templates().values() for _, resource in template.resources()}
    found = {}
    for kind in sorted(str(kind) for kind in kinds if not kind.startswith(("Custom::", "AWS::CloudFormation::"))):
        entry = {"replace": sorted(create_only(kind))}
        if name := NAMED.get(kind) or names.NAMES.get(kind, [None])[0]:
            entry["name"] = name
        found[kind] = entry
    return json.dumps(found, indent=2) + "\n"


if __name__ == "__main__":
    TARGET.write_text(table())
