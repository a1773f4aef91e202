"""`create-secret` and `rotate-secret`: the HMAC secret that verifies tokens, in Secrets Manager under the stack's name."""

import pathlib

from runbook import consent, deploy
from runbook.failure import Failure
from runbook.stack import Stack
from runbook.steps import Steps

# HS256 needs a key as long as its hash (RFC 7518, section 3.2).
FEWEST_BYTES = 32


def create_secret(options):
    """Creates the stack's secret. `deploy` then finds it by its name."""
    stack = Stack(options.environment)
    secret = read(options.file)
    consent.show("Secret", stack.identity, stack.settings, [f"create the secret {stack.name} from {options.file}"])
    consent.ask(options)
    made = stack.aws("secretsmanager", "create-secret", request={"Name": stack.name, "SecretString": secret})
    print(f"{made['ARN']}\nNext: ./ops deploy {options.environment}")


def rotate_secret(options):
    """Stores a new version. Functions accept the current and the previous one, so a rotation logs nobody out; with `--leaked`, it is
    stored twice, which makes the leaked one neither, and every function starts anew."""
    stack = Stack(options.environment)
    arn = stack.parameters().get("JwtSecretArn")
    if not arn:
        raise Failure(f"{stack.name} has no secret: your identity provider rotates the keys of a key set, `set` a public key")
    secret = read(options.file)
    lines = [f"store {options.file} as the current version of {arn}"]
    if options.leaked:
        lines += ["store it once more, so that the leaked one is no longer the previous version", "start every function anew"]
        lines += ["every token that was signed with an earlier version becomes invalid"]
    consent.show("Rotation", stack.identity, stack.settings, lines)
    if options.leaked:
        consent.ask_for_name(options, stack.name)
    else:
        consent.ask(options)
    steps = Steps()
    # Whether a version was stored must be known, so that a repeated command does not store a third one.
    current = stack.aws("secretsmanager", "get-secret-value", "--secret-id", arn).get("SecretString")
    if current == secret and not options.leaked:
        raise Failure(f"{options.file} is the current version already; nothing was changed")
    for what in ["new version", "new version again"] if options.leaked else ["new version"]:
        with steps.step(what):
            stack.aws("secretsmanager", "put-secret-value", request={"SecretId": arn, "SecretString": secret})
    if options.leaked:
        with steps.step("functions"):
            deploy.update(stack, stack.parameters(), {})
    else:
        print("Wait ten minutes, until every warm function has read it, before you sign with it.")


def read(file):
    """The secret in a file, as it is: tokens must be signed with the same bytes."""
    try:
        secret = pathlib.Path(file).read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{file} cannot be read as text: {error}") from None
    if len(secret.encode()) < FEWEST_BYTES:
        raise Failure(f"The secret in {file} has {len(secret.encode())} bytes; HS256 needs {FEWEST_BYTES} (RFC 7518)")
    if secret != secret.strip():
        print(f"Warning: the secret in {file} begins or ends in white space, perhaps a line break. It counts: tokens must be signed with it.")
    return secret
