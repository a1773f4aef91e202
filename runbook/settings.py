"""The stack's name, region and parameters. They stand in samconfig.toml, once, and every command reads them there."""

import json
import pathlib
import re
import tomllib

from runbook.failure import Failure

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Of a Lambda function, a role of IAM, and a function of CloudFront. CloudFormation cuts the stack's part of a name that it makes up, and
# what finds resources by that part then misses it.
LONGEST_NAME = 64
GIVEN_BY_OPS = {"OriginSecrets", "Release"}
# The random part of a name that CloudFormation makes up, with its hyphen.
RANDOM_PART = 13


class Settings:
    """An environment of samconfig.toml."""

    def __init__(self, environment, file=ROOT / "samconfig.toml"):
        with open(file, "rb") as opened:
            environments = {name: value for name, value in tomllib.load(opened).items() if name != "version"}
        if environment not in environments:
            raise Failure(f"There is no environment {environment!r} in {file.name}; there are {', '.join(environments)}")
        self.environment = environment
        self.deploy = environments[environment]["deploy"]["parameters"]
        self.stack, self.region = self.deploy["stack_name"], self.deploy["region"]
        check_name(self.stack, self.region)

    def parameters(self):
        """The parameters of the file, by name."""
        return dict(parameter(text) for text in self.deploy["parameter_overrides"])


def parameter(text):
    """The name and the value of `Name=value`; the value may be quoted, as SAM reads it."""
    name, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", name):
        raise Failure(f"{text.partition('=')[0]!r} is no parameter: write Name=value")
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.DOTALL)
    return name, value


def given_parameters(texts, known):
    """The parameters that the operator gives. Raises Failure for one that `known` lacks, which SAM would drop without a word."""
    given = dict(parameter(text) for text in texts)
    if taken := sorted(given.keys() & GIVEN_BY_OPS):
        raise Failure(f"{', '.join(taken)} is given by ops, anew with each deployment")
    if unknown := sorted(given.keys() - known):
        raise Failure(f"There is no parameter {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return given


def parameters_of(template):
    """The names of a template's parameters."""
    text = template.read_text()
    if text.lstrip().startswith("{"):
        return set(json.loads(text)["Parameters"])
    section = re.search(r"^Parameters:\n(.*?)^\w", text, flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^  (\w+):", section[1], flags=re.MULTILINE))


def overrides(parameters):
    """Parameters as SAM reads them from a list: quoted, so that it cuts no value at a space or a line break."""
    def quoted(value):
        return value.replace("\\", "\\\\").replace('"', '\\"')

    return [f'{name}="{quoted(value)}"' for name, value in parameters.items()]


def check_name(stack, region, template=ROOT / "template.yaml"):
    """Raises Failure for a name that CloudFormation refuses, or that would be cut in a name made of it."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", stack):
        raise Failure(f"The stack name {stack!r} must be letters, digits and hyphens, and begin with a letter (CloudFormation)")
    functions = re.findall(r"^  (\w+Function):$", template.read_text(), flags=re.MULTILINE)
    # SAM makes a role for each function.
    role = f"-{max(functions, key=len)}Role"
    others = {f"{role}-…": len(role) + RANDOM_PART, f"-{region}-socket-rewrite": len(f"-{region}-socket-rewrite")}
    rest, length = max(others.items(), key=lambda other: other[1])
    if len(stack) > LONGEST_NAME - length:
        raise Failure(
            f"The stack name {stack!r} has {len(stack)} characters; {LONGEST_NAME - length} at most are allowed, because "
            f"{stack}{rest} would be longer than {LONGEST_NAME}"
        )
