#!/usr/bin/env python3
"""Measures what one warm invocation costs: CPU of a function's process for an event, DynamoDB's own not counted.

    cargo build --release --package gateway && cargo build --release --package functions --bin send-message
    python3 docs/scale/warm.py --runs 5

The function is the release binary behind a Runtime API that this script plays, its tables those of a gateway that runs without
functions. The event is events/send-message.json with a new client_message_id each time: verify, admit, number, transaction.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

from runtime_api import Function

ROOT = pathlib.Path(__file__).parents[2]
SECRET = "a secret for sample events only"
WARMING, MEASURED = 200, 1000


def start_gateway(program, folder):
    """A gateway without functions, and the environment that it wrote for them."""
    arguments = ["--port", "0", "--data", folder, "--engine", "http://127.0.0.1:9"]
    settings = {"JWT_SECRET": SECRET, "LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE": "0", "RUST_LOG": "off"}
    gateway = subprocess.Popen([program, *arguments], env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True)
    for line in gateway.stdout:
        if "Ctrl-C" in line:
            break
    lines = (pathlib.Path(folder) / "functions.env").read_text().splitlines()
    return gateway, {name: value.strip("\"'") for name, value in (line.split("=", 1) for line in lines)}


def run(gateway_program, binary):
    with tempfile.TemporaryDirectory() as folder:
        gateway, environment = start_gateway(gateway_program, os.path.join(folder, "data"))
        try:
            function = Function(binary, environment)
            try:
                event = json.loads((ROOT / "events/send-message.json").read_text())
                for nth in range(WARMING + MEASURED):
                    if nth == WARMING:
                        before = function.cpu_ms()
                    event["body"] = json.dumps({"message": "Hello everyone!", "client_message_id": str(nth)})
                    answer = json.loads(function.invoke(json.dumps(event).encode()))
                    assert answer["statusCode"] == 200, answer
                return (function.cpu_ms() - before) / MEASURED
            finally:
                function.stop()
        finally:
            gateway.terminate()
            gateway.wait()


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--gateway", default=str(ROOT / "target/release/gateway"))
    options.add_argument("--binary", default=str(ROOT / "target/release/send-message"))
    options.add_argument("--runs", type=int, default=5)
    options = options.parse_args()
    runs = [run(options.gateway, options.binary) for _ in range(options.runs)]
    print(f"CPU ms a send: median {statistics.median(runs):.2f}, lowest {min(runs):.2f}, highest {max(runs):.2f}")


main()
