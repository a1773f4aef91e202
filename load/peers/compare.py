#!/usr/bin/env python3
"""Measures this chat beside a socket.io server with SQLite on the same machine, and prints both as a table.

    cargo build --profile local
    python3 load/peers/compare.py --runs 5            # all workloads, about 15 minutes
    python3 load/peers/compare.py --runs 5 closed     # those whose name begins so
    python3 load/peers/compare.py --smoke             # one short run of each, with a debug build: does it work?

Each measurement has a server of its own with an empty database. The products take turns, so that a busy minute of the machine meets
both. A run that lost, repeated or disordered anything, or was refused anything, ends the comparison. It needs Node 20 or later with
npm, a C++ compiler for SQLite, and Linux.
"""

import argparse
import base64
import contextlib
import hashlib
import hmac
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from reports import message, report_of, shown  # noqa: E402
SECRET = "a-secret-of-the-comparison-0123456789"
START = 30
STOP = 10


def per_second(report):
    return report["rest"][0]["per_second"]


def joins(report):
    return report["joins"]["viewers"] / report["joins"]["seconds"]


CLOSED = "--senders 10 --until delivered --seconds 3"
# name, unit, arguments of `load`, figure, whether more is better, whether the chat is also measured with batched sockets
WORKLOADS = [
    ("closed loop, 10 senders, 10 viewers", "messages/s", f"--viewers 10 {CLOSED}", message("accepted_per_second"), True),
    ("closed loop, 10 senders, 100 viewers", "messages/s", f"--viewers 100 {CLOSED}", message("accepted_per_second"), True),
    ("deliveries, 500 viewers, 100 senders", "deliveries/s", "--viewers 500 --senders 100 --until delivered --seconds 3", message("delivered_per_second"), True),
    ("CPU of a delivery, 500 viewers", "µs", "--viewers 500 --senders 100 --until delivered --seconds 3", message("cpu_us_per_delivery"), False),
    ("latency, 100 viewers, 50 messages/s, p50", "ms", "--viewers 100 --senders 10 --rate 50 --seconds 5", message("delivery_ms", "p50"), False),
    ("latency, 100 viewers, 50 messages/s, p99", "ms", "--viewers 100 --senders 10 --rate 50 --seconds 5", message("delivery_ms", "p99"), False),
    ("latency, 5,000 viewers, 5 messages/s, p99", "ms", "--viewers 5000 --senders 5 --rate 5 --seconds 10 --settle 3", message("delivery_ms", "p99"), False),
    ("joins of 5,000", "joins/s", "--viewers 5000 --senders 5 --rate 5 --seconds 10 --settle 3", joins, True),
    ("history of 50, 64 callers", "requests/s", "--rest messages?limit=50 --concurrency 64 --seconds 3", per_second, True),
]
FEWER = {"5000": "200", "500": "50", "--seconds 10": "--seconds 1", "--seconds 5": "--seconds 1", "--seconds 3": "--seconds 1"}


def node():
    """The environment of npm, or the reason why the comparison cannot be made."""
    for program in ("node", "npm"):
        if not shutil.which(program):
            sys.exit(f"skipped: {program} is missing, and the peer is a Node server")
    headers = Path(shutil.which("node")).resolve().parent.parent
    with_headers = {"npm_config_nodedir": str(headers)} if (headers / "include/node/node.h").exists() else {}
    return {**os.environ, **with_headers}


def install(environment):
    """The peer's packages, as the lock file lists them. SQLite's binding is compiled if no binary for this Node can be had."""
    lock, stamp = (HERE / "package-lock.json").read_bytes(), HERE / "node_modules/.installed"
    wanted = hashlib.sha256(lock + sys.platform.encode() + subprocess.check_output(["node", "--version"])).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    commands = [["npm", "ci", "--no-audit", "--no-fund"], ["npm", "rebuild", "better-sqlite3", "--ignore-scripts=false"]]
    for command in commands:
        done = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    stamp.write_text(wanted)


def token(subject):
    encode = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")
    part = lambda value: encode(json.dumps(value, separators=(",", ":")).encode())
    signed = part({"alg": "HS256", "typ": "JWT"}) + b"." + part({"sub": subject, "name": subject, "exp": int(time.time()) + 3600})
    return (signed + b"." + encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest())).decode()


def give_up(_signal, _frame):
    raise TimeoutError(f"the server did not listen within {START} s")


signal.signal(signal.SIGALRM, give_up)


@contextlib.contextmanager
def serving(command, environment):
    """Runs a server; yields the address that it prints and its process id."""
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HERE, env={**os.environ, **environment})
    try:
        signal.alarm(START)
        for line in server.stdout:
            found = [word for word in line.split() if word.startswith("http://localhost:")]
            if found:
                break
        else:
            sys.exit(f"{' '.join(command)} ended before it listened")
        signal.alarm(0)
        yield found[0].replace("localhost", "127.0.0.1"), server.pid
    finally:
        signal.alarm(0)
        server.terminate()
        try:
            server.wait(STOP)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def of_chat(program, folder):
    # The limits of a user would stop senders that do the work of many.
    limits = ("MAX_MESSAGES_PER_USER", "HANDSHAKES", "TICKETS", "PAGES")
    environment = {f"LIVE_CHAT_{limit}_PER_MINUTE": "0" for limit in limits}
    return serving([program, "--port", "0", "--data", f"{folder}/data"], {"JWT_SECRET": SECRET, **environment})


def of_peer(_program, folder):
    return serving(["node", "server.mjs", f"{folder}/chat.sqlite"], {"JWT_SECRET": SECRET})


PRODUCTS = {
    "here": (of_chat, ""),
    "here, batched": (of_chat, "--batched 100"),
    "socket.io": (of_peer, "--protocol socket-io"),
}


def measure(program, product, arguments):
    """One run of the load tool against a server of its own."""
    server, options = PRODUCTS[product]
    with tempfile.TemporaryDirectory() as folder:
        tokens = Path(folder, "tokens")
        tokens.write_text("\n".join(token(f"user-{number}") for number in range(5000)))
        with server(program, folder) as (url, pid):
            if "--rest" in arguments:
                call(program, url, pid, tokens, f"{options} --viewers 0 --senders 4 --messages 50".replace("--batched 100", ""))
            return call(program, url, pid, tokens, f"{options} {arguments}")


def call(program, url, pid, tokens, arguments):
    return report_of([program, "load", "--url", url, "--pid", str(pid), "--tokens", str(tokens), *arguments.split(), "--json"])


def products_of(arguments):
    """Batches concern viewers alone."""
    return [name for name in PRODUCTS if "--viewers" in arguments or name != "here, batched"]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("names", nargs="*")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--smoke", action="store_true")
    options.add_argument("--program")
    options = options.parse_args()
    program = str(Path(options.program or ROOT / f"target/{'debug' if options.smoke else 'local'}/gateway").resolve())
    install(node())
    wanted = [list(workload) for workload in WORKLOADS if not options.names or workload[0].startswith(tuple(options.names))]
    runs = 1 if options.smoke else options.runs
    if options.smoke:
        for workload in wanted:
            for more, fewer in FEWER.items():
                workload[2] = workload[2].replace(more, fewer)
    reports = {}
    for nth in range(runs):
        for arguments in dict.fromkeys(workload[2] for workload in wanted):
            for product in products_of(arguments):
                print(f"run {nth + 1}: {product}: {arguments}", file=sys.stderr)
                reports.setdefault((arguments, product), []).append(measure(program, product, arguments))
    if options.smoke:
        print(f"{sum(map(len, reports.values()))} short runs of {len(PRODUCTS)} products lost, repeated and disordered nothing")
        return
    print(f"Medians of {runs} runs on {os.cpu_count()} cores (lowest and highest); {time.strftime('%Y-%m-%d')}\n")
    print(f"| measure | {' | '.join(PRODUCTS)} | here / socket.io |\n| --- | {'---: | ' * len(PRODUCTS)}---: |")
    for name, unit, arguments, figure, more_is_better in wanted:
        values = {product: [figure(report) for report in reports[arguments, product]] for product in products_of(arguments)}
        cells = [f"{shown(statistics.median(found))} ({shown(min(found))} to {shown(max(found))})" if (found := values.get(product)) else "–" for product in PRODUCTS]
        ratio = statistics.median(values["here"]) / statistics.median(values["socket.io"])
        print(f"| {name}, {unit}{'' if more_is_better else ' (less is better)'} | {' | '.join(cells)} | {ratio:.2f} |")


main()
