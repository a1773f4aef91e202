#!/usr/bin/env python3
"""Measures what one call costs a warm `send-message` in CPU, with all that it does: token, session, rate limit, number, row.

    cargo build --release
    cargo build --release --package functions --bins
    python3 docs/scale/warm.py --calls 2000 --runs 5

Starts the local gateway with each function as a process of its own behind the Runtime API, as on Lambda, sends one message
after the other, and reads the processes' CPU time from /proc before and after.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import os
import socket
import statistics
import subprocess
import time

SECRET = "a secret of this measurement"
# Below the default limit of ten a minute.
MESSAGES_OF_A_USER = 5


def token(user):
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    head = part(b'{"alg":"HS256","typ":"JWT"}')
    claims = part(json.dumps({"sub": user, "name": user, "exp": int(time.time()) + 3600}).encode())
    signed = head + b"." + claims
    return (signed + b"." + part(hmac.digest(SECRET.encode(), signed, hashlib.sha256))).decode()


def send(connection, nth, kept):
    user = f"{kept}-{nth // MESSAGES_OF_A_USER}"
    headers = {"Authorization": f"Bearer {token(user)}", "Content-Type": "application/json"}
    connection.request("POST", "/live-chat/send-message", json.dumps({"message": "x" * 50}), headers)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (answer.status, body)


def cpu_ms(gateway):
    """CPU milliseconds of all processes of `send-message` that the gateway started."""
    total = 0.0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                name, rest = stat.read().split("(", 1)[1].rsplit(")", 1)
            if name == "send-message" and int(rest.split()[1]) == gateway:
                for thread in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{thread}/schedstat") as stat:
                        total += int(stat.read().split()[0]) / 1e6
        except FileNotFoundError:
            pass
    return total


def measure(gateway, port, options):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for nth in range(200):
        send(connection, nth, "warm")
    figures = []
    for run in range(options.runs):
        before = cpu_ms(gateway)
        assert before > 0, "send-message runs"
        for nth in range(options.calls):
            send(connection, nth, f"run{run}")
        figures.append((cpu_ms(gateway) - before) / options.calls)
    return figures


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--calls", type=int, default=2000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--program", default="target/release/gateway")
    options = options.parse_args()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [options.program, "--memory", "--engine", "process", "--port", str(port)]
    gateway = subprocess.Popen(command, env={**os.environ, "JWT_SECRET": SECRET}, stdout=subprocess.DEVNULL)
    try:
        # The functions may have to be built first.
        for _ in range(1800):
            try:
                probe = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                probe.request("GET", "/health")
                if probe.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.5)
        figures = measure(gateway.pid, port, options)
    finally:
        gateway.terminate()
        gateway.wait()
    low, high = min(figures), max(figures)
    print(f"CPU of a call: median {statistics.median(figures):.2f} ms, lowest {low:.2f}, highest {high:.2f}")


main()
