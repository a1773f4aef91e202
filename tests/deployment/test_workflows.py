"""The workflows' shape: what builds has no credentials, what has credentials builds nothing, and everything has the least permissions."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib
import unittest

import yaml
from roles import ROOT

WORKFLOWS = {path.name: yaml.safe_load(path.read_text()) for path in (ROOT / ".github/workflows").glob("*.yml")}
BIN = pathlib.Path(sys.executable).parent
# Programs that run code of ours or of packages.
RUNS_CODE = re.compile(r"\b(cargo|rustc|npm|npx|node|make|sam build|ops build|ops smoke|\./smoke)\b|\./smoke\b")


def jobs():
    return [(f"{name}: {job}", spec) for name, workflow in WORKFLOWS.items() for job, spec in workflow["jobs"].items()]


def has_identity(job):
    return job.get("permissions", {}).get("id-token") == "write"


def commands(job):
    return "\n".join(step.get("run", "") for step in job["steps"])


class Shape(unittest.TestCase):
    def test_actionlint_and_cfn_lint_find_nothing(self):
        for command in (["actionlint", *map(str, (ROOT / ".github/workflows").glob("*.yml"))], ["cfn-lint", str(ROOT / "deploy-role.yaml")]):
            # Without the user's own settings, and without tools that only some machines have.
            options = ["-shellcheck=", "-pyflakes="] if command[0] == "actionlint" else []
            done = subprocess.run([BIN / command[0], *options, *command[1:]], capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_job_with_an_identity_runs_no_code_of_ours(self):
        with_identity = [name for name, job in jobs() if has_identity(job)]
        self.assertEqual(with_identity, ["deploy.yml: deploy"])
        for name, job in jobs():
            if has_identity(job):
                self.assertIsNone(RUNS_CODE.search(commands(job)), name)
                self.assertIn("--prebuilt --no-smoke", commands(job))

    def test_credentials_are_in_one_job_and_after_its_tools(self):
        for name, job in jobs():
            uses = [step.get("uses", "") for step in job["steps"]]
            credentials = [index for index, use in enumerate(uses) if use.startswith("aws-actions/")]
            self.assertEqual(bool(credentials), has_identity(job), name)
            for index in credentials:
                later = job["steps"][index + 1 :]
                self.assertFalse([step for step in later if "uses" in step or "pip" in step["run"]], f"{name}: nothing is installed beside credentials")

    def test_the_smoke_test_has_nothing_but_a_viewers_token(self):
        smoke = WORKFLOWS["deploy.yml"]["jobs"]["smoke"]
        self.assertEqual(smoke["permissions"], {})
        text = yaml.safe_dump(smoke)
        self.assertNotRegex(text, r"AWS|aws-actions|id-token|vars\.")
        self.assertEqual(re.findall(r"secrets\.(\w+)", text), ["SMOKE_TOKEN"])
        self.assertTrue(smoke["environment"].startswith("smoke-"), "no role trusts its environment")
        for name, job in jobs():
            self.assertEqual("secrets." in yaml.safe_dump(job), name == "deploy.yml: smoke", name)

    def test_the_smoke_test_that_the_workflow_names_exists_once(self):
        (name,) = re.findall(r"\./smoke (\w+)", commands(WORKFLOWS["deploy.yml"]["jobs"]["smoke"]))
        tests = re.findall(r"async fn (smoke_\w+)", (ROOT / "tests/tests/integration/smoke.rs").read_text())
        self.assertEqual(len([test for test in tests if name in test]), 1, "the workflow expects that one test passed")

    def test_permissions_are_the_least(self):
        for name, workflow in WORKFLOWS.items():
            self.assertLessEqual(workflow["permissions"].items(), {"contents": "read"}.items(), name)
            for job, spec in workflow["jobs"].items():
                allowed = {"contents": "read"} | ({"id-token": "write"} if (name, job) == ("deploy.yml", "deploy") else {})
                self.assertLessEqual(spec.get("permissions", {}).items(), allowed.items(), f"{name}: {job}")
                self.assertIn("timeout-minutes", spec, f"{name}: {job} is bounded")
                for step in spec["steps"]:
                    if step.get("uses", "").startswith("actions/checkout"):
                        self.assertIs(step["with"]["persist-credentials"], False, f"{name}: {job}")

    def test_no_text_from_outside_becomes_a_command(self):
        for name, job in jobs():
            for step in job["steps"]:
                self.assertNotIn("${{", step.get("run", ""), f"{name}: through the environment, it is no code")

    def test_what_is_deployed_is_what_this_run_built(self):
        for job in ("deploy", "smoke"):
            spec = WORKFLOWS["deploy.yml"]["jobs"][job]
            (download,) = [step["with"] for step in spec["steps"] if "download-artifact" in step.get("uses", "")]
            self.assertEqual(download["artifact-ids"], "${{ needs.build.outputs.artifact }}")
            self.assertEqual(download["digest-mismatch"], "error")
            self.assertIn("build", spec["needs"])

    def test_the_region_is_named_in_one_place(self):
        for path in (ROOT / ".github/workflows").glob("*.yml"):
            self.assertNotRegex(path.read_text(), r"\b[a-z]{2}-[a-z]+-[1-9]\b", f"{path.name}: samconfig.toml names the region")

    def test_the_settings_step_gives_region_and_role(self):
        steps = WORKFLOWS["deploy.yml"]["jobs"]["deploy"]["steps"]
        (step,) = [step for step in steps if step.get("id") == "settings"]
        for environment in ("dev", "prod"):
            with tempfile.TemporaryDirectory() as folder:
                file, output = pathlib.Path(folder, "samconfig.toml"), pathlib.Path(folder, "output")
                file.write_bytes((ROOT / "samconfig.toml").read_bytes())
                before = tomllib.loads(file.read_text())
                role = "arn:aws:iam::123456789012:role/execute-live-chat-dev"
                run = lambda role: subprocess.run(
                    ["bash", "-e", "-c", step["run"]],
                    cwd=folder,
                    env={"PATH": os.environ["PATH"], "CONFIG": environment, "EXECUTION_ROLE": role, "GITHUB_OUTPUT": str(output)},
                    capture_output=True,
                    timeout=60,
                ).returncode
                self.assertNotEqual(run(""), 0, "a variable that is not set ends the job before it has credentials")
                self.assertEqual(run(role), 0)
                after = tomllib.loads(file.read_text())
                self.assertEqual(after[environment]["deploy"]["parameters"].pop("role_arn"), role)
                self.assertEqual(after, before, "nothing else changes")
                self.assertEqual(output.read_text(), f"region={before[environment]['deploy']['parameters']['region']}\n")
