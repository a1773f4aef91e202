"""Programs other than the AWS CLI, whose output the operator sees."""

import os
import subprocess

from runbook.failure import Failure
from runbook.settings import ROOT


def run(*command, **environment):
    """Runs a program in the repository's root. Raises Failure if it is missing or fails."""
    _finished(command, environment)


def output(*command, **environment):
    """As `run`; what the program prints on its standard output is printed at its end, and returned."""
    printed = _finished(command, environment, stdout=subprocess.PIPE, text=True).stdout
    print(printed, end="", flush=True)
    return printed


def _finished(command, environment, **more):
    try:
        done = subprocess.run(command, cwd=ROOT, env=os.environ | {"SAM_CLI_TELEMETRY": "0"} | environment, **more)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not installed") from None
    if done.returncode != 0:
        print(done.stdout or "", end="", flush=True)
        raise Failure(f"{' '.join(command[:2])} ended with exit code {done.returncode}")
    return done
