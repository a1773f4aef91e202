"""`deploy` and `set`: everything that changes the stack."""

import json
import pathlib
import secrets
import tempfile

from runbook import consent, origin, page, programs, smoke
from runbook.failure import Failure
from runbook.settings import ROOT, given_parameters, overrides, parameters_of
from runbook.stack import Stack
from runbook.steps import Steps

KEYS = ("JwtSecretArn", "JwtPublicKey", "JwtJwksUrl")
# CloudFormation updates no stack in one of these states.
NEVER_CREATED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
# The first change set was declined or failed: there is a name, and nothing else.
NEVER_BEGUN = "REVIEW_IN_PROGRESS"
BUILT = ".aws-sam/build/template.yaml"


def build(_options):
    """Builds all functions for Lambda, at once; `sam build` then only copies them."""
    programs.run("cargo", "lambda", "build", "--release", "--arm64", "--package", "functions", "--locked")
    programs.run("sam", "build")


def deploy(options):
    """Deploys everything: functions, stack, page, and a smoke test at the end."""
    stack = Stack(options.environment)
    existing = stack.described()
    if existing and existing["StackStatus"] == NEVER_BEGUN:
        existing = None
    if existing and existing["StackStatus"] in NEVER_CREATED:
        raise Failure(
            f"{stack.name} is {existing['StackStatus']}: its first creation failed. Its events in CloudFormation tell why; "
            f"remove it by `./ops teardown {options.environment} --delete-tables`, and deploy again"
        )
    # SAM runs in the repository's root, the operator elsewhere, perhaps.
    template = pathlib.Path(options.template).resolve() if options.template else ROOT / BUILT
    if (options.prebuilt or options.template) and not template.is_file():
        raise Failure(f"There is no {template}: `./ops build` makes the usual one. Nothing was changed")
    known = parameters_of(template if options.template else ROOT / "template.yaml")
    given = given_parameters(options.set, known)
    wanted = stack.settings.parameters() | given
    if unknown := sorted(wanted.keys() - known):
        raise Failure(f"samconfig.toml names {', '.join(unknown)}, which the template lacks. Nothing was changed")
    wanted |= key_of_first_deployment(stack, wanted) if existing is None else {}
    wanted["Release"] = secrets.token_hex(16)
    wanted |= origin.next_parameter(stack, existing is not None)
    check = None if options.no_smoke else smoke.token_source(stack, existing, wanted)
    consent.show(
        "Deploy",
        stack.identity,
        stack.settings,
        [
            f"{'update' if existing else 'create'} the stack{'' if options.prebuilt else ', after a build'}",
            *(f"parameter {name}: {value.splitlines()[0] if value else '(empty)'}" for name, value in given.items()),
            "upload the page, and invalidate CloudFront's copies",
            "no smoke test" if check is None else f"smoke test with {check.name}",
        ],
    )
    if not options.yes:
        # SAM shows the change set and asks; without a terminal, it could not.
        consent.ask(options)
    steps = Steps()
    if not options.prebuilt:
        with steps.step("build"):
            build(options)
    with steps.step("stack"):
        deploy_stack(stack, wanted, options, template)
    with steps.step("page"):
        page.upload(stack)
    if check is not None:
        with steps.step("smoke test"):
            smoke.run(stack.outputs()["SiteUrl"], check.token())
    print(f"The chat is at {stack.outputs()['SiteUrl']}")


def key_of_first_deployment(stack, wanted):
    """A new stack's key: the secret of the stack's name, unless a parameter names another source."""
    if any(wanted.get(name) for name in KEYS):
        return {}
    secret = stack.aws.find("ResourceNotFoundException", "secretsmanager", "describe-secret", "--secret-id", stack.name)
    if secret is None:
        raise Failure(
            f"The new stack has no key: create one by `./ops create-secret {stack.settings.environment} --file FILE`, "
            f"or give one of {', '.join(KEYS)} by --set"
        )
    return {"JwtSecretArn": secret["ARN"]}


def deploy_stack(stack, wanted, options, template):
    """Has SAM deploy. Parameters go through a file that only its owner can read: on the command line, others could read secrets, and
    SAM would cut values at spaces."""
    settings = stack.settings.deploy | {
        "parameter_overrides": overrides(wanted),
        "confirm_changeset": not options.yes,
        "no_progressbar": True,
    }
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "samconfig.toml")
        # Each of these values is written in TOML as in JSON.
        lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
        file.write_text("\n".join(["version = 0.1", "[default.deploy.parameters]", *lines, ""]))
        programs.run("sam", "deploy", "--config-file", str(file), "--template-file", str(template))
    # SAM ends well, too, if the operator declines the change set.
    if stack.parameters().get("Release") != wanted["Release"]:
        raise Failure("the change set was not executed")


def change(options):
    """Changes parameters of the deployed stack, without a build: its own template is deployed again."""
    stack = Stack(options.environment)
    before = stack.parameters()
    given = given_parameters(options.parameters, before.keys())
    lines = [f"parameter {name}: {before[name]!r} becomes {value!r}" for name, value in given.items()]
    consent.show("Change", stack.identity, stack.settings, [*lines, "publish every function again with its settings"])
    consent.ask(options)
    update(stack, before, given)
    page.upload(stack)


def update(stack, before, given):
    """Deploys the stack's own template again under a new release, so that the published functions get the new values."""
    changed = given | {"Release": secrets.token_hex(16)} | origin.next_parameter(stack, True)
    parameters = [
        {"ParameterKey": name, "ParameterValue": changed[name]}
        if name in changed
        else {"ParameterKey": name, "UsePreviousValue": True}
        for name in before.keys() | changed.keys()
    ]
    request = {
        "StackName": stack.name,
        "UsePreviousTemplate": True,
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Parameters": sorted(parameters, key=lambda given: given["ParameterKey"]),
    }
    stack.aws("cloudformation", "update-stack", request=request)
    stack.wait("update")
