"""Every download has a pinned version, every npm package a checksum, and none of our crates may contain unsafe code."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
wrong = []


def expect(fact, sentence):
    if not fact:
        wrong.append(sentence)


def files(*patterns):
    """The repository's own files that match a pattern."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in listed.stdout.splitlines()]


def crates():
    """`unsafe_code = "forbid"` cannot be overridden within a crate, so it is enough that each crate has the lint."""
    manifests = files("*Cargo.toml")
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())
    expect(workspace["workspace"]["lints"]["rust"]["unsafe_code"] == "forbid", "the workspace does not forbid unsafe code")
    for path in manifests:
        manifest = tomllib.loads(path.read_text())
        if "package" not in manifest:
            continue
        lints = manifest.get("lints", {})
        forbids = lints.get("workspace") is True or lints.get("rust", {}).get("unsafe_code") == "forbid"
        expect(forbids, f"{path}: the crate does not forbid unsafe code")
    return len(manifests) - 1


def npm_packages():
    found = 0
    for path in files("*package.json"):
        lock = path.with_name("package-lock.json")
        expect(lock.exists(), f"{path} has no lock file beside it")
        packages = json.loads(lock.read_text())["packages"] if lock.exists() else {}
        for name, package in packages.items():
            if name and not package.get("link"):
                found += 1
                expect(package.get("integrity", "").startswith("sha512-"), f"{lock}: {name} has no SHA-512 checksum")
    for path in files(".ci/*", ".github/*"):
        expect(not re.search(r"\bnpm (install|i|add)\b", path.read_text()), f"{path}: only `npm ci` keeps to the lock file")
    return found


def python_packages():
    found = 0
    for path in files(".ci/*.txt"):
        for line in path.read_text().split():
            found += 1
            expect(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9.]+", line), f"{path}: {line} is not one version")
    return found


def actions():
    uses = [(path, use) for path in files(".github/*") for use in re.findall(r"uses: *(\S+)", path.read_text())]
    for path, use in uses:
        expect(re.search(r"@[0-9a-f]{40}$", use), f"{path}: {use} is not pinned to a commit")
    return len(uses)


counts = {"crates of ours": crates(), "npm packages": npm_packages(), "Python packages": python_packages(), "actions": actions()}
for what, count in counts.items():
    expect(count > 0, f"no {what} were found, so nothing was checked")
if wrong:
    sys.exit("\n".join(wrong))
print("pinned: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
