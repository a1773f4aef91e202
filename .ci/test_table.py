"""Shared by .ci/fidelity and .ci/rfc6455: generates a document from a run of tests, or fails if the document differs."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def results(binary: str, prefix: str) -> list[tuple[str, str, str]]:
    """The tests of a binary of the gateway whose names have this prefix: module, name and result of each. They are run, unless
    LIVE_CHAT_TESTS_LOG names the output of a preceding `cargo test --workspace`."""
    log = os.environ.get("LIVE_CHAT_TESTS_LOG")
    # With the package `tests`, dependencies have the same features as in the whole workspace.
    command = ["cargo", "test", "--package", "gateway", "--package", "tests", "--test", binary, "--locked", f"::{prefix}"]
    run = lambda: subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    output = Path(log).read_text() if log else run()
    return re.findall(rf"^test (\w+)::({prefix}\w+) \.\.\. (\w+)$", output, re.M)


def comments(binary: str) -> dict[str, str]:
    """The comments of each test of a binary: those before it and in it."""
    found = {}
    test = re.compile(r"((?:^///[^\n]*\n)*)^#\[tokio::test\]\nasync fn (\w+)(.*?)^\}$", re.M | re.S)
    for file in (ROOT / "gateway" / "tests" / binary).glob("*.rs"):
        for before, name, body in test.findall(file.read_text()):
            inside = [line.strip() for line in body.splitlines() if line.strip().startswith("//")]
            found[name] = "\n".join([*before.splitlines(), *inside])
    return found


def keep(document: str, text: str, script: str) -> bool:
    """Writes the document, or, with --check, returns whether it has this text."""
    path = ROOT / "docs" / document
    if "--check" not in sys.argv:
        path.write_text(text)
    elif not path.exists() or path.read_text() != text:
        print(f"docs/{document} is not what the run says: run {script}", file=sys.stderr)
        return False
    return True
