#!/usr/bin/env python3
"""Measures a function's cold start: from its spawn until it asks the Lambda Runtime API for its first event.

    cargo build --release --package functions --bin send-message
    python3 docs/scale/cold_start.py target/release/send-message --runs 21

Plays the Runtime API on loopback, and reads the process's CPU time from /proc when the first request arrives.
"""

import argparse
import os
import socket
import statistics
import subprocess
import time

ENVIRONMENT = {
    "AWS_LAMBDA_FUNCTION_NAME": "measured",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
    "AWS_LAMBDA_FUNCTION_VERSION": "1",
    "AWS_LAMBDA_LOG_GROUP_NAME": "measured",
    "AWS_LAMBDA_LOG_STREAM_NAME": "measured",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "measured",
    "AWS_SECRET_ACCESS_KEY": "measured",
    "CHAT_TABLE": "chat",
    "CONNECTIONS_TABLE": "connections",
    "JWT_SECRET": "a secret of this measurement",
    "LIVE_CHAT_SCHEDULE": "always",
}


def start(binary):
    """CPU and wall milliseconds until the first request, and the memory in MiB at that moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        begun = time.perf_counter()
        process = subprocess.Popen([binary], env={**ENVIRONMENT, "AWS_LAMBDA_RUNTIME_API": address})
        try:
            with listener.accept()[0] as asking:
                first = asking.recv(4096)
                wall = (time.perf_counter() - begun) * 1000
                assert b"/next" in first, first
                cpu = 0.0
                for thread in os.listdir(f"/proc/{process.pid}/task"):
                    with open(f"/proc/{process.pid}/task/{thread}/schedstat") as stat:
                        cpu += int(stat.read().split()[0]) / 1e6
                with open(f"/proc/{process.pid}/status") as status:
                    memory = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))
        finally:
            process.kill()
            process.wait()
    return cpu, wall, memory


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("binary")
    options.add_argument("--runs", type=int, default=21)
    options = options.parse_args()
    runs = [start(os.path.abspath(options.binary)) for _ in range(options.runs)]
    for name, values in zip(("CPU ms", "wall ms", "memory MiB"), zip(*runs)):
        print(f"{name}: median {statistics.median(values):.1f}, lowest {min(values):.1f}, highest {max(values):.1f}")
    print(f"size: {os.path.getsize(options.binary) / 2**20:.1f} MiB")


main()
