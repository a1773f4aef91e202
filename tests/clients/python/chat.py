"""Shared by the tests in this folder: a gateway in a separate process, and a socket that waits for frames."""

import asyncio
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile

from websockets.asyncio.client import connect

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = os.environ.get("LIVE_CHAT_GATEWAY", str(ROOT / "target/debug/gateway"))
LIMIT_S = 20


class Gateway:
    """Starts a gateway on a free port, with data in a temporary folder and without a rate limit."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="live-chat-")
        self.log = open(os.path.join(self.folder.name, "log"), "w+")
        settings = {"PATH": os.environ["PATH"], "LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE": "0", "RUST_LOG": "info,dynoxide=error"}
        command = [PROGRAM, "--port", "0", "--data", self.folder.name]
        self.process = subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.process.stdout:
            if found := re.search(r"http://localhost:(\d+)", line):
                self.address = f"ws://localhost:{found[1]}/live-chat/ws/1"
            # This is the gateway's last line; further output would fill a pipe that is not read.
            if "Ctrl-C" in line:
                return
        self.log.seek(0)
        raise RuntimeError(f"{PROGRAM} did not start: {self.log.read()}")

    def token(self, name):
        """A token of this user, made by the gateway's own command."""
        command = [PROGRAM, "token", "--data", self.folder.name, "--sub", name.lower(), "--name", name]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def end(self):
        """Stops it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(LIMIT_S)

    def stop(self):
        """Stops it if it is running, and removes its data."""
        if self.process.poll() is None:
            self.end()
        self.process.stdout.close()
        # Kept for `.ci/scan-logs`.
        if kept := os.environ.get("LIVE_CHAT_KEPT_LOGS"):
            self.log.seek(0)
            with open(os.path.join(kept, "python.log"), "a") as log:
                log.write(self.log.read())
        self.log.close()
        self.folder.cleanup()


class Socket:
    """A socket of the chat. Use it with `async with`."""

    def __init__(self, address, **options):
        self.opening = connect(address, proxy=None, open_timeout=LIMIT_S, close_timeout=LIMIT_S, **options)
        self.frames = []

    async def __aenter__(self):
        self.ws = await self.opening.__aenter__()
        return self

    async def __aexit__(self, *error):
        await self.opening.__aexit__(*error)

    async def say(self, **frame):
        await self.ws.send(json.dumps(frame))

    async def hear(self):
        """Waits for a frame; the events of a batch count as frames, too."""
        frame = json.loads(await asyncio.wait_for(self.ws.recv(), LIMIT_S))
        self.frames.append(frame)
        self.frames.extend(frame.get("events", []))

    async def until(self, **fields):
        """The first frame, past or future, that has these fields."""
        while True:
            for frame in self.frames:
                if fields.items() <= frame.items():
                    return frame
            await self.hear()

    async def texts(self, count):
        """The texts of the received messages, in order, once this many have arrived."""
        while True:
            texts = [frame["message"]["message"] for frame in self.frames if frame["type"] == "new_message"]
            if len(texts) >= count:
                return texts
            await self.hear()
