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
            # Other names are folders of this repository.
            if name.startswith("node_modules/") and not package.get("link"):
                found += 1
                expect(package.get("integrity", "").startswith("sha512-"), f"{lock}: {name} has no SHA-512 checksum")
    for path in files(".ci/*", ".github/*"):
        expect(not re.search(r"\bnpm (install|i|add)\b", path.read_text()), f"{path}: only `npm ci` keeps to the lock file")
    return found


def python_packages():
    """`.ci/lock` writes each list, complete, from the .in beside it."""
    found = 0
    for path in files(".ci/*.txt"):
        expect(path.with_suffix(".in").exists(), f"{path}: there is no .in that `.ci/lock` makes it from")
        versions = set()
        for requirement in requirements(path):
            found += 1
            line, *hashes = requirement.split(" --hash=")
            version = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[a-z0-9, -]+\])?==([A-Za-z0-9.]+)(?: ; .+)?", line)
            expect(version, f"{path}: {line} is not one version")
            expect(hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), f"{path}: {line} has no SHA-256 checksum")
            versions.add(f"{version[1].lower()}=={version[2]}" if version else line)
        for wanted in asked_for(path.with_suffix(".in")):
            expect(wanted in versions, f"{path} lacks {wanted}; run `.ci/lock`")
    for path in files(".ci/*.in"):
        expect(path.with_suffix(".txt").exists(), f"{path}: run `.ci/lock`")
    return found


def requirements(path):
    """A list's requirements, each on one line."""
    lines = re.sub(r"\s*\\\n\s*", " ", path.read_text()).splitlines()
    return [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]


def asked_for(path):
    for line in requirements(path) if path.exists() else []:
        if line.startswith("-r "):
            yield from asked_for(path.with_name(line.removeprefix("-r ")))
        else:
            expect(re.fullmatch(r"[a-z0-9._-]+==[0-9.]+", line), f"{path}: {line} is not one version")
            yield line


def pip_installs():
    """Every way to install from PyPI checks the bytes, and installs the list alone. A source archive would be built with packages that
    nobody checked."""
    found = 0
    for path in files(".ci/*", ".github/*", "docs/*.md", "*.md", "ops", "tools/*"):
        commands = re.sub(r"\\\n\s*", "", path.read_text(errors="replace")).splitlines()
        for command in commands if path != Path(__file__) else []:
            if re.search(r"\b(pip3?\"?|uv pip|pipx|uvx)\s+(install|download|run)\b", command) and not command.lstrip().startswith("#"):
                found += 1
                for option in ("--require-hashes", "--only-binary :all:", "--no-deps"):
                    expect(option in command, f"{path}: `{command.strip()}` lacks {option}")
    return found


def actions():
    uses = [(path, use) for path in files(".github/*") for use in re.findall(r"uses: *(\S+)", path.read_text())]
    for path, use in uses:
        expect(re.search(r"@[0-9a-f]{40}$", use), f"{path}: {use} is not pinned to a commit")
    return len(uses)


counts = {"crates of ours": crates(), "npm packages": npm_packages(), "Python packages": python_packages(), "commands that install them": pip_installs(), "actions": actions()}
for what, count in counts.items():
    expect(count > 0, f"no {what} were found, so nothing was checked")
if wrong:
    sys.exit("\n".join(wrong))
print("pinned: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
