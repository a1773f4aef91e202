"""The template as CloudFormation gets it: transformed by SAM's own translator, offline.

LIVE_CHAT_TEMPLATE names another file to check, such as an older version.
"""

import copy
import functools
import logging
import os
import pathlib
import sys

from cfnlint.helpers import REGIONS
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATH = pathlib.Path(os.environ.get("LIVE_CHAT_TEMPLATE", ROOT / "template.yaml"))
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
# The translator logs that a feature toggle of its service is missing here.
logging.getLogger("samtranslator").setLevel(logging.ERROR)


class NoManagedPolicies:
    """The functions name no managed policies, so SAM need not ask IAM for their ARNs."""

    def load(self):
        return {}


@functools.cache
def source():
    """The template as it is written, with `!Ref X` as `{"Ref": "X"}`."""
    return yaml_parse(PATH.read_text())


@functools.cache
def resources():
    """All resources after the transform, by logical id."""
    template = copy.deepcopy(source())
    # Whatever `sam deploy` uploads.
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    defaults = {name: str(parameter.get("Default", "")) for name, parameter in template["Parameters"].items()}
    return transform(template, defaults, NoManagedPolicies())["Resources"]


def of_type(kind):
    """Resources of a type, by logical id."""
    return {name: resource for name, resource in resources().items() if resource["Type"] == kind}


def properties(name):
    """A resource's properties; none if the template lacks it."""
    return resources().get(name, {}).get("Properties", {})


def is_taggable(kind):
    """Whether resources of a type can have tags, by the type's schema in us-east-1, which cfn-lint ships."""
    return (
        PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema.get("tagging", {}).get("taggable", False)
    )


def types_in(region):
    """The types of resources that CloudFormation knows in a region."""
    return set(PROVIDER_SCHEMA_MANAGER.get_resource_types(region))


def references(value):
    """The logical ids that a value refers to, wherever they stand in it."""
    if isinstance(value, list):
        return set().union(*map(references, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    found = references(list(value.values()))
    if isinstance(value.get("Ref"), str):
        found.add(value["Ref"])
    if "Fn::GetAtt" in value:
        attribute = value["Fn::GetAtt"]
        found.add(attribute[0] if isinstance(attribute, list) else attribute.split(".")[0])
    if "Fn::Sub" in value:
        text = value["Fn::Sub"] if isinstance(value["Fn::Sub"], str) else value["Fn::Sub"][0]
        found |= {part.split("}")[0].split(".")[0] for part in text.split("${")[1:]}
    return found & resources().keys()


def dependencies(name):
    """Everything that CloudFormation creates before a resource."""
    found, rest = set(), [name]
    while rest:
        resource = resources()[rest.pop()]
        needed = resource.get("DependsOn", [])
        direct = references(resource.get("Properties", {})) | set([needed] if isinstance(needed, str) else needed)
        rest += direct - found
        found |= direct
    return found


if sys.version_info < (3, 11):
    sys.exit("needs Python 3.11 or newer")
