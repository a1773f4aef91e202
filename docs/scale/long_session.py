#!/usr/bin/env python3
"""Measures whether a message after a hundred thousand others in its session takes longer than one after five hundred.

    cargo build --release
    python3 docs/scale/long_session.py

One sender sends the next message when its viewer has the one before: median time to the answer, and to the viewer, at either
length, in turns over several sessions. Between the two, 64 callers fill the session. Ends with 1 if a ratio is above 1.5.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

SHORT, LONG, MEASURED = 500, 100_000, 300
SETTINGS = {"JWT_SECRET": "a secret of this measurement", "LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE": "0", "LIVE_CHAT_PAGES_PER_MINUTE": "0"}


def load(program, url, *arguments):
    """The report of one run of the load tool."""
    command = [program, "load", "--url", url, *arguments, "--json"]
    done = subprocess.run(command, env={**os.environ, **SETTINGS}, capture_output=True, text=True, timeout=900)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def latency(program, url):
    """Median milliseconds to the answer and to the viewer."""
    arguments = ["--viewers", "1", "--senders", "1", "--until", "delivered", "--messages", str(MEASURED)]
    messages = load(program, url, *arguments)["messages"]
    if messages["lost"] or messages["duplicated"] or messages["out_of_order"]:
        sys.exit(f"this run is not clean: {messages}")
    return messages["acceptance_ms"]["p50"], messages["delivery_ms"]["p50"]


def fill(program, url, up_to):
    token = subprocess.run([program, "token", "--sub", "counter"], env={**os.environ, **SETTINGS}, capture_output=True, text=True)
    stats = subprocess.run(
        ["curl", "-sf", "-H", f"Authorization: Bearer {token.stdout.strip()}", f"{url}/live-chat/stats"],
        capture_output=True, text=True, check=True,
    )
    missing = up_to - json.loads(stats.stdout)["total_messages"]
    report = load(program, url, "--rest", "send-message", "--concurrency", "64", "--requests", str(missing))
    if report["rest"][0]["failed"]:
        sys.exit(f"messages were refused: {report['rest']}")


def run(program):
    with tempfile.TemporaryDirectory() as folder:
        arguments = [program, "--port", "0", "--data", os.path.join(folder, "data")]
        gateway = subprocess.Popen(arguments, env={**os.environ, **SETTINGS}, stdout=subprocess.PIPE, text=True)
        try:
            for line in gateway.stdout:
                if "http://localhost:" in line:
                    url = next(word for word in line.split() if word.startswith("http://localhost:"))
                    break
            url = url.replace("localhost", "127.0.0.1")
            fill(program, url, SHORT)
            short = latency(program, url)
            fill(program, url, LONG)
            return short, latency(program, url)
        finally:
            gateway.terminate()
            gateway.wait()


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--program", default="target/release/gateway")
    options.add_argument("--runs", type=int, default=1)
    options = options.parse_args()
    runs = [run(options.program) for _ in range(options.runs)]
    worst = 0
    for name, which in (("to the answer", 0), ("to the viewer", 1)):
        short, long = (statistics.median(pair[length][which] for pair in runs) for length in (0, 1))
        worst = max(worst, long / short)
        print(f"{name}: {short:.2f} ms after {SHORT} messages, {long:.2f} ms after {LONG:,}, ratio {long / short:.2f}")
    sys.exit(worst > 1.5)


if __name__ == "__main__":
    main()
