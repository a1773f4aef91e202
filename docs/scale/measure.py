#!/usr/bin/env python3
"""Measures what docs/scale.md says, several times, and prints the medians as a table.

    cargo build --release
    python3 docs/scale/measure.py --runs 5            # all cases, about a quarter of an hour
    python3 docs/scale/measure.py --runs 5 joins      # those whose name begins so
    python3 docs/scale/measure.py --runs 5 --keep target/scale room    # and keeps each report, for plot.py

Each run starts a gateway of its own with its default database in a temporary folder. A run that lost, repeated or disordered
anything, or was refused anything, ends the measurement: its other figures mean nothing.
"""

import argparse
import json
import os
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "load"))
from reports import message, report_of, shown  # noqa: E402


def rest(call):
    return lambda report: next(found["per_second"] for found in report["rest"] if found["call"] == call)


def memory(report):
    return sum(process["peak_mib"] for process in report["processes"])


REST = "--rest send-message,messages?limit=50,status,stats,like --concurrency 64 --seconds 2"
# name, arguments of `load --start`, unit, figure
CASES = [
    ("rest: send-message", REST, "requests/s", rest("send-message")),
    ("rest: messages?limit=50", REST, "requests/s", rest("messages?limit=50")),
    ("rest: status", REST, "requests/s", rest("status")),
    ("rest: stats", REST, "requests/s", rest("stats")),
    ("rest: like", REST, "requests/s", rest("like")),
    ("closed loop, 10 senders, 10 viewers", "--viewers 10 --senders 10 --until delivered --seconds 3", "messages/s", message("accepted_per_second")),
    ("closed loop, 10 senders, 100 viewers, plain", "--viewers 100 --senders 10 --until delivered --seconds 3", "messages/s", message("accepted_per_second")),
    ("closed loop, 10 senders, 100 viewers, batched", "--viewers 100 --batched 100 --senders 10 --until delivered --seconds 3", "messages/s", message("accepted_per_second")),
    ("deliveries at 500 viewers, plain", "--viewers 500 --senders 10 --until delivered --seconds 3", "deliveries/s", message("delivered_per_second")),
    ("deliveries at 500 viewers, batched", "--viewers 500 --batched 100 --senders 100 --until delivered --seconds 3", "deliveries/s", message("delivered_per_second")),
    ("latency, 100 viewers, 50 messages/s, p99", "--viewers 100 --senders 10 --rate 50 --seconds 5", "ms", message("delivery_ms", "p99")),
    ("latency with polling, 100 viewers, 50 messages/s, p99", "--gateway-arg=--poll --viewers 100 --senders 10 --rate 50 --seconds 5", "ms", message("delivery_ms", "p99")),
    ("joins of 500", "--viewers 500", "s", lambda report: report["joins"]["seconds"]),
    *[
        case
        for sockets in (10, 100, 1000, 10000)
        for arguments in [f"--viewers {sockets} --batched 100 --senders 10 --rate 5 --seconds 20"]
        for case in (
            (f"room of {sockets:,}, batched, 5 messages/s, p99", arguments, "ms", message("delivery_ms", "p99")),
            (f"room of {sockets:,}, CPU of a delivery", arguments, "µs", message("cpu_us_per_delivery")),
            (f"room of {sockets:,}, memory of all processes", arguments, "MiB", memory),
            (f"room of {sockets:,}, joins", arguments, "s", lambda report: report["joins"]["seconds"]),
        )
    ],
]


def run(program, arguments):
    """One run of the load tool."""
    return report_of([program, "load", "--start", *arguments.split(), "--json"])


def keep(folder, reports):
    """Writes, of each command with messages, the run whose latency is the median."""
    os.makedirs(folder, exist_ok=True)
    for arguments, runs in reports.items():
        if all(run["messages"] and run["joins"] for run in runs):
            middle = sorted(runs, key=message("delivery_ms", "p99"))[len(runs) // 2]
            with open(os.path.join(folder, arguments.strip("-").replace(" ", "_") + ".json"), "w") as file:
                json.dump(middle, file, indent=1)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("names", nargs="*")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--keep", help="folder for the median run's JSON of each case")
    options.add_argument("--program", default="target/release/gateway")
    options = options.parse_args()
    wanted = [case for case in CASES if not options.names or case[0].startswith(tuple(options.names))]
    reports, limits = {}, set()
    for nth in range(options.runs):
        for arguments in dict.fromkeys(case[1] for case in wanted):
            print(f"run {nth + 1}: {arguments}", file=sys.stderr)
            report = run(options.program, arguments)
            reports.setdefault(arguments, []).append(report)
            limits.update((arguments, warning.split(":")[0]) for warning in report["warnings"])
    if options.keep:
        keep(options.keep, reports)
    print(f"Medians of {options.runs} runs on {os.cpu_count()} cores (lowest and highest)\n")
    print("| measure | median | lowest | highest | `load --start` with |\n| --- | ---: | ---: | ---: | --- |")
    for name, arguments, unit, figure in wanted:
        values = [figure(report) for report in reports[arguments]]
        cells = [shown(value) for value in (statistics.median(values), min(values), max(values))]
        print(f"| {name} | {cells[0]} {unit} | {cells[1]} | {cells[2]} | `{arguments}` |")
    for arguments, warning in sorted(limits):
        print(f"\n`{arguments}`: {warning}")


main()
