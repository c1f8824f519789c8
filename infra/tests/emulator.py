"""Starts ministack, with two things mended that version 1.5.33 gets wrong in nested stacks only. In a stack on its own it does
both right, as AWS does in either.

- A `{{resolve:secretsmanager:…}}` within a nested stack stays as it stands; it should become the value.
- An update of a nested stack forgets the attributes of the resources that did not change, so that the next `Fn::GetAtt`
  fails.

When an update of ministack makes this superfluous, the launch test passes with `ministack` in its place.
"""

import sys

from ministack.app import main
from ministack.services.cloudformation import provisioners
from ministack.services.cloudformation.engine import _resolve_dynamic_references

update_resource = provisioners._update_resource
provision_resource = provisioners._provision_resource


def resolved(properties):
    """The properties with the values of what they refer to. Those of a stack on its own are resolved already."""
    return _resolve_dynamic_references(properties)[0]


def update(resource_type, physical_id, old, new, stack_name, logical_id=None, old_attrs=None):
    """As before, but a nested stack's resource keeps the attributes that its record holds."""
    if old_attrs is not None:
        return update_resource(resource_type, physical_id, old, new, stack_name, logical_id, old_attrs)
    record = sys._getframe(1).f_locals.get("prev") or {}
    old_attrs = record.get("Attributes", {})
    # What has not changed is not resolved again either.
    wanted = new if old == new else resolved(new)
    physical_id, attrs = update_resource(resource_type, physical_id, old, wanted, stack_name, logical_id, old_attrs)
    return physical_id, {**old_attrs, **(attrs or {})}


def provision(resource_type, logical_id, properties, stack_name):
    """As before, with dynamic references resolved."""
    return provision_resource(resource_type, logical_id, resolved(properties), stack_name)


provisioners._update_resource = update
provisioners._provision_resource = provision

if __name__ == "__main__":
    sys.exit(main())
