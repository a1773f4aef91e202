#!/usr/bin/env python3
"""Draws how latency, CPU and memory grow with the sockets, from the JSON files of the load tool.

    python3 -m venv venv && venv/bin/pip install matplotlib
    cargo run --release -- load --start --viewers 100 --batched 100 --senders 10 --rate 5 --seconds 30 --json > 100.json
    venv/bin/python docs/scale/plot.py 10.json 100.json 1000.json 10000.json --to docs/scale

Runs of plain and of batched rooms may be mixed: each command says which it was, and each kind has a curve of its own.
A run that lost, repeated or disordered anything is refused, for its other figures mean nothing.
"""

import argparse
import json
import re
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt


def read(path):
    """One run as its point on each curve."""
    report = json.loads(Path(path).read_text())
    messages, joins = report["messages"], report["joins"]
    if not messages or not joins:
        sys.exit(f"{path}: a run needs viewers and senders")
    faults = {name: messages[name] for name in ("lost", "duplicated", "out_of_order", "unanswered") if messages[name]}
    if faults or report["closed"] or joins["refused"]:
        sys.exit(f"{path}: this run is not clean: {faults} {report['closed']} {joins['refused']}")
    for warning in report["warnings"]:
        print(f"{path}: {warning}", file=sys.stderr)
    batched = re.search(r"--batched[ =](\d+)", report["command"])
    return {
        "kind": f"{batched.group(1) if batched else 0} % batched",
        "viewers": joins["viewers"],
        "p50": messages["delivery_ms"]["p50"],
        "p99": messages["delivery_ms"]["p99"],
        "cpu": messages["cpu_us_per_delivery"],
        "memory": sum(process["peak_mib"] for process in report["processes"]),
    }


def draw(runs, curves, title, unit, file):
    """One picture: each kind of room is a colour, each figure a line."""
    figure, axes = plt.subplots(figsize=(7, 4.2))
    for colour, kind in enumerate(sorted({run["kind"] for run in runs})):
        points = sorted((run for run in runs if run["kind"] == kind), key=lambda run: run["viewers"])
        for curve, style in curves.items():
            xs = [run["viewers"] for run in points if run[curve] is not None]
            ys = [run[curve] for run in points if run[curve] is not None]
            label = kind if len(curves) == 1 else f"{curve}, {kind}"
            axes.plot(xs, ys, style, color=f"C{colour}", marker="o", label=label)
    axes.set(xscale="log", yscale="log", xlabel="sockets", ylabel=unit, title=title)
    axes.grid(True, which="both", alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(file)
    print(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", help="JSON files of the load tool")
    parser.add_argument("--to", type=Path, default=Path("docs/scale"), help="folder for the pictures")
    arguments = parser.parse_args()
    runs = [read(path) for path in arguments.runs]
    draw(runs, {"p50": "--", "p99": "-"}, "From the intended send to each delivery", "ms", arguments.to / "latency.svg")
    draw(runs, {"cpu": "-"}, "CPU of the chat for a delivery", "µs", arguments.to / "cpu.svg")
    draw(runs, {"memory": "-"}, "Memory of all processes of the chat at most", "MiB", arguments.to / "memory.svg")


main()
