"""`smoke`: the smoke test of a deployment, as a user of its own."""

import base64
import dataclasses
import hashlib
import hmac
import json
import os
import time

from runbook import programs
from runbook.failure import Failure
from runbook.stack import Stack

SECONDS = 900


@dataclasses.dataclass
class TokenSource:
    """Where the smoke test's token comes from."""

    name: str
    token: object


def smoke(options):
    """Runs the smoke test against the deployed chat, or the one at `--url`."""
    stack = Stack(options.environment)
    existing = stack.existing()
    source = token_source(stack, existing, stack.parameters())
    print(f"Smoke test of {options.url or stack.outputs()['SiteUrl']} with {source.name}", flush=True)
    run(options.url or stack.outputs()["SiteUrl"], source.token())


def token_source(stack, existing, parameters):
    """The token of LIVE_CHAT_TOKEN, or one signed with the stack's secret."""
    if os.environ.get("LIVE_CHAT_TOKEN"):
        return TokenSource("the token of LIVE_CHAT_TOKEN", lambda: os.environ["LIVE_CHAT_TOKEN"])
    if existing is not None:
        parameters = stack.parameters() | parameters
    arn = parameters.get("JwtSecretArn")
    if not arn:
        raise Failure("The smoke test needs a token of your identity provider in LIVE_CHAT_TOKEN; --no-smoke leaves it out")

    def token():
        return make_token(stack.aws("secretsmanager", "get-secret-value", "--secret-id", arn)["SecretString"], parameters)

    return TokenSource("a token signed with the stack's secret", token)


def make_token(secret, parameters):
    """A token for some minutes (HS256, RFC 7519)."""
    claims = {"sub": "smoke-test", "name": "Smoke test", "exp": int(time.time()) + SECONDS}
    claims |= {claim: parameters[name] for claim, name in (("iss", "JwtIssuer"), ("aud", "JwtAudience")) if parameters.get(name)}
    signed = ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{signed}.{encoded(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256))}"


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def run(url, token):
    """Runs the test at an address. LIVE_CHAT_SMOKE names a built test binary; without it, cargo builds one."""
    binary = os.environ.get("LIVE_CHAT_SMOKE")
    command = [binary] if binary else ["cargo", "test", "--package", "tests", "--test", "integration", "--locked"]
    printed = programs.output(*command, "smoke_the_deployment", LIVE_CHAT_BASE_URL=url, LIVE_CHAT_TOKEN=token)
    # A name that matches no test would pass, too.
    if "test result: ok. 1 passed" not in printed:
        raise Failure("the smoke test did not run: nothing says that one test passed")
