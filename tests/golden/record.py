#!/usr/bin/env python3
"""Records rows.json: every kind of row that a gateway stores, as it stores it, in DynamoDB's own JSON.

    tests/golden/record.py COMMIT target/debug/gateway-under-test [tests/golden/rows.json]

It drives a gateway through a short evening and reads its tables at some moments. It works with any gateway with a movable clock
(`cargo build --package tests --bins`), of any commit, and needs only Python's standard library. README.md explains the rows' purpose.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

TABLES = {"chat": "live-chat-chat", "connections": "live-chat-connections"}
MINUTE = 60_000
HOUR = 60 * MINUTE


class Gateway:
    """A gateway in a separate process, on a folder that outlives it."""

    def __init__(self, program: str, folder: Path):
        self.program, self.folder, self.moved, self.process = program, folder, 0, None

    def start(self, *options: str, **settings: str):
        (self.folder / "clock").write_text(str(self.moved))
        environment = {
            "PATH": os.environ["PATH"],
            "JWT_SECRET": "the secret of the golden rows",
            "LIVE_CHAT_TEST_CLOCK": str(self.folder / "clock"),
            "RUST_LOG": "error",
            **settings,
        }
        command = [self.program, "--port", "0", "--data", str(self.folder / "data"), *options]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split("http://localhost:")[1].split()[0])

    def kill(self):
        """Stops it as a power cut would, without any clean-up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def tables(self) -> dict[str, list]:
        """All rows, ordered by their keys."""
        file = sqlite3.connect(f"file:{self.folder}/data/dynamodb.sqlite?mode=ro", uri=True)
        try:
            read = lambda table: [json.loads(item) for item, in file.execute(f'SELECT item_json FROM "{table}" ORDER BY pk, sk')]
            return {name: read(table) for name, table in TABLES.items()}
        finally:
            file.close()

    def until(self, what: str, holds):
        """Waits until a condition holds for the tables."""
        for _ in range(600):
            tables = self.tables()
            if holds(tables):
                return tables
            time.sleep(0.05)
        sys.exit(f"waited in vain for {what}; the cursor is {cursor(tables)}")


class User:
    def __init__(self, gateway: Gateway, sub: str, **claims):
        self.gateway = gateway
        now = int(time.time())
        parts = {"alg": "HS256", "typ": "JWT"}, {"sub": sub, "iat": now, "exp": 4_102_444_800, **claims}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        signature = hmac.new(b"the secret of the golden rows", signed.encode(), hashlib.sha256).digest()
        self.token = f"{signed}.{base64url(signature)}"

    def call(self, method: str, path: str, body=None, expect=200):
        request = urllib.request.Request(f"http://127.0.0.1:{self.gateway.port}/live-chat/{path}", method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if body:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request) as answer:
            assert answer.status == expect, answer.status
            return json.loads(answer.read() or "null")

    def send(self, text: str, key: str | None = None):
        return self.call("POST", "send-message", {"message": text, **({"client_message_id": key} if key else {})})

    def connect(self, session: int, query: str = "", ticket: str | None = None):
        """A socket of which only the handshake and unread frames are needed."""
        link = socket.create_connection(("127.0.0.1", self.gateway.port))
        admission = f"ticket={ticket}" if ticket else f"token={self.token}"
        link.sendall(
            f"GET /live-chat/ws/{session}?{admission}{query} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}\r\n\r\n".encode()
        )
        status = link.recv(4096).split(b" ", 2)[1]
        assert status == b"101", status
        return link


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def frame(value) -> bytes:
    """A short text frame with a mask of zeros."""
    text = json.dumps(value).encode()
    assert len(text) < 126
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text


def find(rows: list, pk: str, sk: str | None = None):
    return next((row for row in rows if row["pk"]["S"] == pk and sk in (None, row["sk"]["S"])), None)


def cursor(tables: dict, session: int = 1) -> dict:
    return find(tables["connections"], f"cursor#{session}") or {}


def has_told(tables: dict, seq: int, session: int = 1) -> bool:
    return int(cursor(tables, session).get("seq", {"N": "0"})["N"]) >= seq and "lease_owner" not in cursor(tables, session)


def places(tables: dict) -> list:
    return [row for row in tables["connections"] if row["pk"]["S"].startswith("room#")]


def record(gateway: Gateway) -> list[dict]:
    moments = []

    def keep(name: str, what: str, holds):
        tables = gateway.until(what, holds)
        moments.append({"moment": name, "now_ms": int(time.time() * 1000) + gateway.moved, **tables})

    # The draw is within this hour, so the window is open for at least two more hours.
    daily = {"LIVE_CHAT_SCHEDULE": "daily", "DRAW_TIMEZONE": "UTC", "DRAW_TIME_HOUR": time.strftime("%H", time.gmtime())}
    daily |= {"LIVE_CHAT_PRE_DRAW_HOURS": "1", "LIVE_CHAT_POST_DRAW_HOURS": "3"}
    # The same send many times at once, without a rate limit, which would recognise them: one stores the message, and the numbers that
    # the others allocated meanwhile become void.
    gateway.start(**daily, LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE="0")
    twins = User(gateway, "twins", name="Twins")
    is_void = lambda tables: any("void" in row for row in tables["chat"])
    for key in range(100):
        sends = [threading.Thread(target=twins.send, args=("One of twins", f"twin-{key}")) for _ in range(4)]
        for send in sends:
            send.start()
        for send in sends:
            send.join()
        if is_void(gateway.tables()):
            break
    last = int(find(gateway.until("a void", is_void)["chat"], "session#1", "session")["seq"]["N"])
    gateway.until("the broadcast's end", lambda tables: has_told(tables, last))
    gateway.kill()

    gateway.start(**daily)
    ann = User(gateway, "ann", name="Ann", picture="https://example.org/ann.png", badge="gold", roles=["host"])
    bob = User(gateway, "bob")
    mod = User(gateway, "mod", name="Mod", roles=["moderator"])
    links = [ann.connect(1), bob.connect(1, "&batch=1")]
    tickets = {user: (mod if user == "mod" else User(gateway, user)).call("POST", "ticket")["ticket"] for user in ("mod", "late")}
    links.append(mod.connect(1, ticket=tickets["mod"]))
    first = ann.send("The first, without a key")["message_id"]
    bob.send("The second, with a key", "key-2")
    third = ann.send("The third is deleted", "key-3")["message_id"]
    mod.call("DELETE", f"messages/{third}")
    bob.call("POST", f"like-message/{first}")
    bob.call("POST", "like")
    User(gateway, "carol").call("GET", "status")
    keep("open", "the broadcast's end", lambda tables: has_told(tables, last + 3))
    # The tickets are valid for half a minute, at a gateway that ends with this script.
    moments[0]["tickets"] = tickets

    # `@connections` accepts one post per second from now on, so most subscriber rows record their sockets' positions, and the changes
    # to messages that these have. Then ann floods.
    gateway.kill()
    gateway.start("--management-requests-per-second", "1", **daily)
    links = [user.connect(1) for user in (ann, bob, mod)]
    ann.send("Not everybody gets this")
    is_behind = lambda tables: any("behind" in row for row in places(tables)) and "lease_owner" in cursor(tables)
    gateway.until("a note of those who are behind", is_behind)
    mod.call("POST", f"like-message/{first}")
    for _ in range(75):
        links[0].sendall(frame({"type": "ping"}))
    is_close = lambda row: row["sk"]["S"].startswith("close#")
    gateway.until("a request to close", lambda tables: any(map(is_close, tables["chat"])))
    has_changed = lambda row: row.get("behind_changed", {"L": []})["L"]
    keep("some are behind", "a note of what changed", lambda tables: any(map(has_changed, places(tables))))
    gateway.kill()

    # The room was silent for eight minutes, so housekeeping wakes the broadcast.
    gateway.moved = 8 * MINUTE
    gateway.start(**daily)
    is_woken = lambda tables: (find(tables["chat"], "bell#1", "ring") or {}).get("repeat_viewers") == {"BOOL": True}
    keep("silent", "the bell", is_woken)
    gateway.kill()

    # The window is over. The cursor gets its expiry in a second run. The next session never ends and never expires.
    gateway.moved = 5 * HOUR
    gateway.start(**daily)
    gateway.until("the end", lambda tables: cursor(tables).get("finished") == {"BOOL": True} and "lease_owner" not in cursor(tables))
    gateway.kill()
    gateway.start(LIVE_CHAT_SCHEDULE="always", LIVE_CHAT_RETENTION_DAYS="0")
    gateway.until("the cursor's expiry", lambda tables: "expires_at" in cursor(tables))
    links.append(ann.connect(2))
    ann.send("A message that is kept for ever")
    keep("after the end", "the broadcast's end", lambda tables: has_told(tables, 1, 2))
    gateway.kill()
    return moments


def main(commit: str, program: str, output: str = str(Path(__file__).with_name("rows.json"))):
    with tempfile.TemporaryDirectory() as folder:
        gateway = Gateway(program, Path(folder))
        try:
            moments = record(gateway)
        finally:
            if gateway.process and gateway.process.poll() is None:
                gateway.kill()
    # One row per line, so that diffs are readable.
    lines = lambda rows: ",\n".join("      " + json.dumps(row, sort_keys=True, ensure_ascii=False) for row in rows)
    parts = [
        f'    {{"moment": {json.dumps(moment["moment"])}, "now_ms": {moment["now_ms"]}, "tickets": {json.dumps(moment.get("tickets", {}))},\n'
        + ",\n".join(f'     "{table}": [\n{lines(moment[table])}\n     ]' for table in TABLES)
        + "}"
        for moment in moments
    ]
    Path(output).write_text(f'{{"commit": {json.dumps(commit)}, "moments": [\n' + ",\n".join(parts) + "\n]}\n")
    print(", ".join(f"{moment['moment']}: {sum(len(moment[table]) for table in TABLES)} rows" for moment in moments))


main(*sys.argv[1:])
