"""Calls of the AWS CLI. Each names its region, so that no setting of the machine decides where it goes."""

import json
import os
import pathlib
import subprocess
import tempfile

from runbook.failure import Failure

# The CLI must not open a pager, and must not ask.
ENVIRONMENT = {"AWS_PAGER": "", "AWS_CLI_AUTO_PROMPT": "off"}


class Aws:
    """The AWS CLI, in one region."""

    def __init__(self, region):
        self.region = region

    def __call__(self, service, operation, *arguments, request=None):
        """The answer to one call, as JSON. `request` goes through a file that only its owner can read, never through the command line,
        which other users of the machine can see.

        Raises Failure with the CLI's own words.
        """
        command = [service, operation, *arguments, "--region", self.region, "--output", "json"]
        if request is None:
            return self.parsed(self.run(command))
        # `mkstemp` makes the file for its owner alone.
        handle, name = tempfile.mkstemp(suffix=".json")
        try:
            with open(handle, "w", encoding="utf-8") as file:
                json.dump(request, file)
            return self.parsed(self.run([*command, "--cli-input-json", f"file://{name}"]))
        finally:
            pathlib.Path(name).unlink()

    def find(self, missing, service, operation, *arguments):
        """As a call; None if AWS refuses it with a text that holds `missing`, because there is no such thing."""
        try:
            return self(service, operation, *arguments)
        except Failure as failure:
            if missing in str(failure):
                return None
            raise

    def run(self, arguments):
        """The output of one command."""
        try:
            done = subprocess.run(
                ["aws", *arguments], env=os.environ | ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True
            )
        except FileNotFoundError:
            raise Failure("The AWS CLI is not installed: there is no command `aws`") from None
        if done.returncode != 0:
            raise Failure(f"aws {arguments[0]} {arguments[1]}: {done.stderr.strip() or f'exit code {done.returncode}'}")
        return done.stdout

    @staticmethod
    def parsed(output):
        return json.loads(output) if output.strip() else {}
