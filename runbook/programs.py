"""Programs other than the AWS CLI, whose output the operator sees."""

import os
import subprocess

from runbook.failure import Failure
from runbook.settings import ROOT


def run(*command, **environment):
    """Runs a program in the repository's root. Raises Failure if it is missing or fails."""
    try:
        done = subprocess.run(command, cwd=ROOT, env=os.environ | {"SAM_CLI_TELEMETRY": "0"} | environment)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not installed") from None
    if done.returncode != 0:
        raise Failure(f"{' '.join(command[:2])} ended with exit code {done.returncode}")
