"""What the scripts that measure with the load tool share: its JSON reports, which count only if nothing went wrong."""

import json
import subprocess
import sys

PATIENCE = 300


def message(*path):
    """Reads a figure of the messages of a report."""

    def read(report):
        found = report["messages"]
        for name in path:
            found = found[name]
        return found

    return read


def report_of(command):
    """Runs the load tool. A run that lost, repeated or disordered anything, or was refused anything, ends the script."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    report = json.loads(done.stdout)
    messages, joins = report["messages"] or {}, report["joins"] or {}
    faults = {name: messages[name] for name in ("lost", "duplicated", "out_of_order", "unanswered", "refused") if messages.get(name)}
    failed = {call["call"]: call["failed"] for call in report["rest"] if call["failed"]}
    if faults or failed or report["closed"] or joins.get("refused"):
        sys.exit(f"{' '.join(command)}: {faults} {failed} {report['closed']} {joins.get('refused')}")
    return report


def shown(value):
    """A figure of a table."""
    return f"{value:,.2f}" if value < 10 else f"{value:,.0f}"
