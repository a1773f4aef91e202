"""A shell in which `./ops` finds the stub instead of the AWS CLI, SAM and cargo."""

import json
import os
import pathlib
import pty
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
STUB = pathlib.Path(__file__).with_name("stub.py")
SECRET_ARN = "arn:aws:secretsmanager:us-east-1:1:secret:live-chat-dev-abc"
WINDOW = ["a" * 32, "b" * 32, "c" * 32]
PARAMETERS = {"JwtSecretArn": SECRET_ARN, "MaxMessageLength": "700", "PostsPerSecond": "500", "Release": "0" * 32}
OUTPUTS = {"SiteUrl": "https://chat.example", "PageBucketName": "live-chat-dev-page", "DistributionId": "E1"}
NO_STACK = {"fails": "An error occurred (ValidationError) when calling DescribeStacks: Stack with id live-chat-dev does not exist"}
NOT_FOUND = {"fails": "An error occurred (ResourceNotFoundException): there is no such thing"}


def stack(**parameters):
    """The answer to describe-stacks."""
    described = {
        "StackName": "live-chat-dev",
        "StackStatus": "UPDATE_COMPLETE",
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in (PARAMETERS | parameters).items()],
        "Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in OUTPUTS.items()],
    }
    return {"Stacks": [described]}


def answers(**described):
    """What a stack that exists answers."""
    resource = "aws cloudformation describe-stack-resource --stack-name live-chat-dev --logical-resource-id "
    return [
        ["aws sts", {"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/olga"}],
        [f"{resource}ChatTable", {"StackResourceDetail": {"PhysicalResourceId": "live-chat-dev-ChatTable-X"}}],
        [f"{resource}ConnectionsTable", {"StackResourceDetail": {"PhysicalResourceId": "live-chat-dev-ConnectionsTable-Y"}}],
        [f"{resource}AuditTable", {"StackResourceDetail": {"PhysicalResourceId": "live-chat-dev-AuditTable-Z"}}],
        [resource, {"StackResourceDetail": {"PhysicalResourceId": "live-chat-dev-thing"}}],
        ["aws cloudformation describe-stacks", stack(**described)],
        ["aws lambda get-function-configuration", {"Environment": {"Variables": {"LIVE_CHAT_ORIGIN_SECRETS": ",".join(WINDOW)}}}],
        ["aws cloudfront create-invalidation", {"Invalidation": {"Id": "I1"}}],
        ["aws secretsmanager describe-secret", {"ARN": SECRET_ARN}],
        ["aws secretsmanager create-secret", {"ARN": SECRET_ARN}],
        ["aws secretsmanager get-secret-value", {"SecretString": "s" * 40}],
    ]


class World(unittest.TestCase):
    """A test of commands."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("aws", "sam", "cargo"):
            program = self.folder / "bin" / name
            program.parent.mkdir(exist_ok=True)
            program.write_text(f"#!{sys.executable} -ES\n{STUB.read_text()}")
            program.chmod(0o755)
        self.record = self.folder / "calls"

    def ops(self, *arguments, given=None, typed=None, **environment):
        """Runs a command; its exit code, and all that it prints. `typed` is typed on a terminal; without it, there is none."""
        self.record.write_text("")
        (self.folder / "answers").write_text(json.dumps([*(given or []), *answers()]))
        environment = {
            "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin",
            "RECORD": str(self.record),
            "ANSWERS": str(self.folder / "answers"),
            "TMPDIR": str(self.folder),
        } | environment
        command = [sys.executable, str(ROOT / "ops"), *arguments]
        if typed is None:
            done = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60
            )
            return done.returncode, done.stdout
        ours, theirs = pty.openpty()
        os.write(ours, f"{typed}\n".encode())
        done = subprocess.run(
            command, env=environment, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60
        )
        os.close(theirs)
        os.close(ours)
        return done.returncode, done.stdout

    def calls(self):
        """All calls, as recorded."""
        return [json.loads(line) for line in self.record.read_text().splitlines()]

    def commands(self):
        """All calls, as one line each."""
        return [" ".join(call["command"]) for call in self.calls()]

    def changing(self):
        """The calls that change something."""
        reads = ("describe", "get-", "list-", "sts", "wait", "scan", "dynamodb query")
        return [text for text in self.commands() if not any(word in text for word in reads)]

    def secret_file(self, secret):
        """A file with a secret."""
        file = self.folder / "secret.txt"
        file.write_bytes(secret.encode())
        return str(file)
