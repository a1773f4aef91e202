"""The command line of `./ops`."""

import argparse
import sys

from runbook import deploy, events, keys, page, restore, smoke, status, tables, teardown
from runbook.failure import Failure


def parser():
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="ops", description="Deploys and operates a stack of samconfig.toml (docs/operations.md).")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name, does, asks=True):
        added = commands.add_parser(name, help=does.__doc__.splitlines()[0], description=does.__doc__)
        added.set_defaults(does=does)
        added.add_argument("environment", help="dev, prod or another environment of samconfig.toml")
        if asks:
            added.add_argument("--yes", action="store_true", help="do not ask")
        return added

    build = commands.add_parser("build", help="builds all functions for Lambda, without any credentials")
    build.set_defaults(does=deploy.build)

    added = command("deploy", deploy.deploy)
    added.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the template")
    added.add_argument("--prebuilt", action="store_true", help="deploy what `ops build` has built")
    added.add_argument("--template", metavar="FILE", help="deploy this template instead of .aws-sam/build/template.yaml")
    added.add_argument("--no-smoke", action="store_true", help="without the smoke test")
    added = command("set", deploy.change)
    added.add_argument("parameters", nargs="+", metavar="NAME=VALUE")
    command("page", page.page)
    added = command("smoke", smoke.smoke, asks=False)
    added.add_argument("--url", help="another address of the same chat")
    command("status", status.status, asks=False)

    added = command("create-secret", keys.create_secret)
    added.add_argument("--file", required=True, help="a file with the secret and nothing else, not even a line break")
    added = command("rotate-secret", keys.rotate_secret)
    added.add_argument("--file", required=True, help="a file with the new secret")
    added.add_argument("--leaked", action="store_true", help="earlier versions become invalid at once, with every token of theirs")
    added.add_argument("--confirm", metavar="STACK", help="the stack's name: instead of typing it (with --leaked)")

    added = command("warm", tables.warm)
    added.add_argument("--reads", type=units, required=True, help="read units a second")
    added.add_argument("--writes", type=units, required=True, help="write units a second")
    command("purge-dead-letters", tables.purge_dead_letters)
    command("resume-broadcast", tables.resume_broadcast)
    command("dead-events", events.dead_events, asks=False)
    command("resend-events", events.resend_events)
    added = command("restore", restore.restore)
    added.add_argument("time", nargs="?", help="in UTC, such as 2026-01-31T19:55:00Z")
    added.add_argument("--from", dest="source", metavar="TABLE", help="a table that is restored already, instead of a time")
    added = command("teardown", teardown.teardown, asks=False)
    added.add_argument("--delete-tables", action="store_true", help="with all messages; they are kept otherwise")
    added.add_argument("--delete-secret", action="store_true", help="the secret of the stack's name; it is kept otherwise")
    added.add_argument("--confirm", metavar="STACK", help="the stack's name: instead of typing it")
    return top


def units(text):
    """A number of capacity units."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def main(arguments):
    """Runs a command; its exit code."""
    options = parser().parse_args(arguments)
    try:
        options.does(options)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        return 130
    return 0
