"""deploy-role.yaml as CloudFormation resolves it, for a sample repository."""

import pathlib
import re

from samtranslator.yaml_helper import yaml_parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACCOUNT = "123456789012"
GIVEN = {"Repository": "octo-org/chat", "OwnerId": "1001", "RepositoryId": "2002", "StackName": "live-chat-dev", "Environment": "dev"}


def template():
    return yaml_parse((ROOT / "deploy-role.yaml").read_text())


class Stack:
    """A deployed stack: its resources' properties, resolved."""

    def __init__(self, **given):
        self.template = template()
        parameters = self.template["Parameters"]
        defaults = {name: parameter["Default"] for name, parameter in parameters.items() if "Default" in parameter}
        self.values = defaults | GIVEN | given | {"AWS::AccountId": ACCOUNT, "AWS::Partition": "aws", "AWS::Region": "eu-central-1"}
        for name, parameter in parameters.items():
            value, pattern = self.values[name], parameter.get("AllowedPattern")
            if pattern and not re.fullmatch(pattern, value) or value not in parameter.get("AllowedValues", [value]):
                raise ValueError(f"{name} may not be {value!r}")
            if parameter["Type"] == "CommaDelimitedList":
                self.values[name] = [item.strip() for item in value.split(",")]

    def properties(self, name):
        return self.resolve(self.template["Resources"][name]["Properties"])

    def statements(self, role):
        """What a role allows: the statements of its policies."""
        policies = [self.properties(attached)["PolicyDocument"] for attached in self.properties(role)["ManagedPolicyArns"]]
        return [statement for policy in policies for statement in policy["Statement"]]

    def trust(self, role):
        return self.properties(role)["AssumeRolePolicyDocument"]["Statement"]

    def resolve(self, value):
        if isinstance(value, list):
            return [resolved for item in value if (resolved := self.resolve(item)) is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, given), = value.items()
            if hasattr(self, name := "_" + function.removeprefix("Fn::").lower()):
                return getattr(self, name)(given)
        return {name: self.resolve(item) for name, item in value.items()}

    def _ref(self, name):
        return None if name == "AWS::NoValue" else self.values.get(name, name)

    def _getatt(self, path):
        name = path[0] if isinstance(path, list) else path.split(".")[0]
        return f"arn:aws:iam::{ACCOUNT}:role/{self.properties(name)['RoleName']}"

    def _sub(self, given):
        text, more = given if isinstance(given, list) else (given, {})
        more = {name: self.resolve(value) for name, value in more.items()}
        return re.sub(r"\$\{([^}]+)\}", lambda match: (self.values | more)[match[1]], text)

    def _if(self, given):
        condition, then, otherwise = given
        return self.resolve(then if self.resolve(self.template["Conditions"][condition]) else otherwise)

    def _equals(self, given):
        one, other = self.resolve(given)
        return one == other

    def _not(self, given):
        return not self.resolve(given)[0]

    def _split(self, given):
        separator, text = self.resolve(given)
        return text.split(separator)

    def _select(self, given):
        return self.resolve(given[1])[given[0]]
