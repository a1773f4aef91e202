"""What a command is about to do, and the operator's consent. Nothing is changed before it."""

import sys

from runbook.failure import Failure


def show(what, identity, settings, lines):
    """Prints where a command acts and what it does there."""
    print(f"{what}: stack {settings.stack}, region {settings.region}, account {identity['Account']} as {identity['Arn']}")
    for line in lines:
        print(f"  - {line}")
    sys.stdout.flush()


def ask(options):
    """Asks whether to go on. `--yes` answers it."""
    if not options.yes and answer("Go on? [y/N] ", "--yes").lower() not in ("y", "yes"):
        raise Failure("Stopped: nothing was changed")


def ask_for_name(options, stack):
    """Asks for the stack's name, before something is destroyed. `--yes` does not answer that; `--confirm NAME` does."""
    if options.confirm is not None:
        typed = options.confirm
    else:
        typed = answer(f"Type the stack's name, {stack}, to go on: ", f"--confirm {stack}")
    if typed != stack:
        raise Failure(f"Stopped: {typed!r} is not {stack!r}. Nothing was changed")


def answer(question, instead):
    """What the operator types. Without a terminal there is nobody to ask."""
    if not sys.stdin.isatty():
        raise Failure(f"Stopped: nobody can be asked without a terminal. Nothing was changed; {instead} gives the answer")
    return input(question).strip()
