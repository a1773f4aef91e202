#!/usr/bin/env python3
"""Measures whether two rooms slow each other.

    cargo build --profile local
    python3 docs/scale/two_rooms.py --runs 5

On one gateway, in turns: one room of 500 viewers that gets all messages, and two such rooms that get half of them each, at the same time.
So the total rate, and what is delivered, are the same. Messages come at random times: in even distances, those of one room would never
meet, and those of two would. Viewers leave six seconds after their room's last message, so that no room is measured while another one
empties. Prints the medians over the runs of the p99 from the send to the viewer, and ends with 1 if that of two rooms (the mean of both)
is more than 1.2 times that of the one room alone.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "load"))
from reports import message, report_of  # noqa: E402

LIMIT = 1.2
SETTINGS = {
    "JWT_SECRET": "a secret of this measurement",
    **{f"LIVE_CHAT_{limit}_PER_MINUTE": "0" for limit in ("MAX_MESSAGES_PER_USER", "HANDSHAKES", "TICKETS", "PAGES")},
}


@contextlib.contextmanager
def serving(program, folder):
    """Runs a gateway; yields its address."""
    command = [program, "--port", "0", "--data", os.path.join(folder, "data")]
    gateway = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        for line in gateway.stdout:
            found = [word for word in line.split() if word.startswith("http://localhost:")]
            if found:
                yield found[0].replace("localhost", "127.0.0.1")
                return
        sys.exit(f"{' '.join(command)} ended before it listened")
    finally:
        gateway.terminate()
        gateway.wait()


def open_room(url, token, room):
    body = json.dumps({"name": room, "room": room}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{url}/live-chat/sessions", body, headers), timeout=10):
        pass


def p99(program, url, room, options, rate):
    load = f"--viewers {options.viewers} --senders 10 --rate {rate} --random-times --seconds {options.seconds} --settle 6 --leave"
    return message("delivery_ms", "p99")(report_of([program, "load", "--url", url, "--room", room, *load.split(), "--json"]))


def run(program, options):
    """The p99 of one room alone, and the mean of those of two, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder, serving(program, folder) as url:
        token = subprocess.run([program, "token", "--sub", "host", "--role", "host"], capture_output=True, text=True, check=True).stdout.strip()
        rooms = ["first", "second"]
        for room in rooms:
            open_room(url, token, room)
        alone = p99(program, url, rooms[0], options, options.rate)
        with ThreadPoolExecutor(len(rooms)) as both:
            together = statistics.mean(both.map(lambda room: p99(program, url, room, options, options.rate / len(rooms)), rooms))
        return alone, together


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--program", default="target/local/gateway")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--viewers", type=int, default=500, help="of each room")
    options.add_argument("--rate", type=float, default=20, help="messages a second in all")
    options.add_argument("--seconds", type=int, default=30)
    options = options.parse_args()
    os.environ.update(SETTINGS)
    runs = []
    for nth in range(options.runs):
        runs.append(run(options.program, options))
        print(f"run {nth + 1}: {runs[-1][0]:.0f} ms alone, {runs[-1][1]:.0f} ms of two", file=sys.stderr)
    alone, together = (statistics.median(figures) for figures in zip(*runs))
    print(f"p99 of a delivery, {options.viewers} viewers a room, {options.rate:g} messages/s in all, medians of {options.runs} runs:")
    print(f"one room alone {alone:.0f} ms, two rooms {together:.0f} ms, ratio {together / alone:.2f}")
    sys.exit(together > alone * LIMIT)


if __name__ == "__main__":
    main()
