"""`deploy`, `set`, `page` and `smoke`."""

import json
import pathlib
import re
import tempfile
import tomllib
import unittest

from world import NO_STACK, NOT_FOUND, ROOT, WINDOW, World, stack

PASSED = "test result: ok. 1 passed"
DEPLOYED = "aws cloudformation describe-stacks"
PAGES = ("index.html", "moderate/index.html", "embed/index.html", "replay/index.html")


class Deploy(World):
    def deploy(self, *arguments, given=(), **more):
        """Deploys; SAM's stub has deployed what it was given as soon as it was called."""
        return self.ops("deploy", "dev", "--yes", *arguments, given=list(given), **more)

    def parameters_of_sam(self):
        [sam] = [call for call in self.calls() if call["command"][:2] == ["sam", "deploy"]]
        self.assertEqual((sam["mode"][-2:], sam["folder mode"]), ("44", "0o700"))
        parameters = tomllib.loads(sam["--config-file"])["default"]["deploy"]["parameters"]
        given = dict(text.split("=", 1) for text in parameters["parameter_overrides"])
        return parameters, {name: json.loads(value, strict=False) for name, value in given.items()}

    def test_what_sam_is_given(self):
        pem = "-----BEGIN PUBLIC KEY-----\nMFkw\nEwY=\n-----END PUBLIC KEY-----"
        # The stub cannot know the new release, so the command ends here.
        code, text = self.deploy("--set", "AllowedOrigins=a b\"c\\", "--set", f"JwtPublicKey={pem}", "--set", "LogRetentionDays=14", "--no-smoke")
        self.assertEqual(code, 1, text)
        self.assertIn("the change set was not executed", text)
        settings, parameters = self.parameters_of_sam()
        self.assertEqual(parameters["AllowedOrigins"], 'a b"c\\')
        self.assertEqual(parameters["JwtPublicKey"], pem)
        self.assertEqual(parameters["LogRetentionDays"], "14", "what is set wins over samconfig.toml")
        self.assertEqual(parameters["LiveChatSchedule"], "always", "samconfig.toml's own parameters are there")
        self.assertRegex(parameters["Release"], "^[0-9a-f]{32}$")
        window = parameters["OriginSecrets"].split(",")
        self.assertEqual(window[:2], WINDOW[1:], "the window moves on by one")
        self.assertRegex(window[2], "^[0-9a-f]{32}$")
        self.assertEqual((settings["stack_name"], settings["region"], settings["confirm_changeset"]), ("live-chat-dev", "us-east-1", False))
        for command in self.commands():
            self.assertFalse(any(secret in command for secret in window), "no secret is on a command line")
        self.assertFalse(any(secret in text for secret in window), "and none is printed")

    def test_everything_is_deployed_in_order(self):
        # As if the deployed release were the one that was asked for: SAM's stub writes it.
        sam = self.folder / "bin" / "sam"
        sam.write_text(sam.read_text().replace("def main():", SAM_DEPLOYS + "\n\ndef main():\n    deploys()", 1))
        code, text = self.deploy(given=[[DEPLOYED, stack()], ["cargo test", PASSED]])
        self.assertEqual(code, 0, text)
        order = ["cargo lambda build", "sam build", "sam deploy", "aws s3 sync", "aws s3 sync", *(["aws s3 cp"] * len(PAGES)),
                 "aws cloudfront create-invalidation", "aws cloudfront wait invalidation-completed", "aws s3 sync", "cargo test"]
        found = [beginning for command in self.commands() for beginning in sorted(set(order)) if command.startswith(beginning)]
        self.assertEqual(found, order)
        [smoke] = [call["environment"] for call in self.calls() if call["command"][:2] == ["cargo", "test"]]
        self.assertEqual(smoke["LIVE_CHAT_BASE_URL"], "https://chat.example")
        self.assertEqual(smoke["LIVE_CHAT_TOKEN"].count("."), 2)

    def test_a_new_stack_takes_the_secret_of_its_name(self):
        self.deploy("--prebuilt", "--template", str(ROOT / "template.yaml"), given=[[DEPLOYED, NO_STACK]])
        _, parameters = self.parameters_of_sam()
        self.assertTrue(parameters["JwtSecretArn"].startswith("arn:aws:secretsmanager"))
        self.assertEqual(len(set(parameters["OriginSecrets"].split(","))), 3)

    def test_a_new_stack_without_a_key_is_not_begun(self):
        code, text = self.deploy(given=[[DEPLOYED, NO_STACK], ["aws secretsmanager describe-secret", NOT_FOUND]])
        self.assertEqual((code, self.changing()), (1, []))
        self.assertIn("./ops create-secret dev", text)

    def test_without_a_token_for_the_smoke_test_nothing_is_begun(self):
        keyset = stack(JwtSecretArn="", JwtJwksUrl="https://id.example")
        code, text = self.deploy(given=[[DEPLOYED, keyset]])
        self.assertEqual((code, self.changing()), (1, []))
        self.assertIn("LIVE_CHAT_TOKEN", text)

    def test_a_stack_whose_first_creation_failed_is_to_be_removed_first(self):
        failed = stack()
        failed["Stacks"][0]["StackStatus"] = "ROLLBACK_FAILED"
        code, text = self.deploy(given=[[DEPLOYED, failed]])
        self.assertEqual((code, self.changing()), (1, []))
        self.assertIn("./ops teardown dev --delete-tables", text)

    def test_a_step_that_fails_tells_what_was_done_before(self):
        code, text = self.deploy("--no-smoke", given=[["sam deploy", {"fails": "ROLLBACK"}]])
        self.assertEqual(code, 1)
        self.assertIn("stack failed", text)
        self.assertIn("Done before: build", text)
        self.assertFalse(any("s3 sync" in command for command in self.commands()))

    def test_a_parameter_that_the_template_lacks_is_refused(self):
        for environment in ("deploy", "set"):
            arguments = ["--set", "PostPerSecond=5"] if environment == "deploy" else ["PostPerSecond=5"]
            code, text = self.ops(environment, "dev", "--yes", *arguments)
            self.assertEqual((code, self.changing()), (1, []), environment)
            self.assertIn("PostPerSecond", text)

    def test_what_ops_itself_gives_cannot_be_set_and_is_not_shown(self):
        for name, value in (("OriginSecrets", "n" * 32), ("Release", "0123456789")):
            for arguments in (["deploy", "dev", "--set", f"{name}={value}"], ["set", "dev", f"{name}={value}"]):
                code, text = self.ops(*arguments, "--yes", given=[[DEPLOYED, stack(OriginSecrets="****")]])
                self.assertEqual((code, self.changing()), (1, []), arguments)
                self.assertIn(f"{name} is given by ops", text)
                self.assertNotIn(value, text)

    def test_a_creation_that_was_declined_begins_anew(self):
        # SAM leaves such a stack behind if the operator declines the first change set: it has no functions and no parameters.
        declined = stack()
        declined["Stacks"][0] |= {"StackStatus": "REVIEW_IN_PROGRESS", "Parameters": [], "Outputs": []}
        self.deploy(given=[[DEPLOYED, declined]])
        _, parameters = self.parameters_of_sam()
        self.assertTrue(parameters["JwtSecretArn"].startswith("arn:aws:secretsmanager"))
        self.assertEqual(set(parameters["OriginSecrets"].split(",")) & set(WINDOW), set())

    def test_a_build_that_is_missing_is_told_before_anything_else(self):
        code, text = self.deploy("--prebuilt", "--template", "/nowhere/template.yaml")
        self.assertEqual((code, self.changing()), (1, []))
        self.assertIn("/nowhere/template.yaml", text)

    def test_bad_parameters_are_refused(self):
        for bad in ("LogRetentionDays", "=1", "Log Retention=1", "--x=1"):
            code, text = self.ops("deploy", "dev", "--yes", f"--set={bad}")
            self.assertEqual((code, self.changing()), (1, []), bad)
            self.assertIn("Name=value", text)


# Writes the release that SAM was given into the answers, as the stack would have it.
SAM_DEPLOYS = '''
def deploys():
    if sys.argv[1] != "deploy":
        return
    config = pathlib.Path(sys.argv[sys.argv.index("--config-file") + 1]).read_text()
    release = config.split('Release=\\\\"')[1].split('\\\\"')[0]
    answers = pathlib.Path(os.environ["ANSWERS"])
    answers.write_text(answers.read_text().replace("0" * 32, release))
'''


class Set(World):
    def test_a_parameter_is_changed_with_the_stacks_own_template(self):
        code, text = self.ops("set", "dev", "PostsPerSecond=5000", "--yes")
        self.assertEqual(code, 0, text)
        self.assertIn("'500' becomes '5000'", text)
        [update] = [call for call in self.calls() if "update-stack" in call["command"]]
        request = json.loads(update["--cli-input-json"])
        self.assertEqual(update["mode"], "0o600")
        self.assertTrue(request["UsePreviousTemplate"])
        given = {entry["ParameterKey"]: entry for entry in request["Parameters"]}
        self.assertEqual(given["PostsPerSecond"]["ParameterValue"], "5000")
        self.assertEqual(given["JwtSecretArn"], {"ParameterKey": "JwtSecretArn", "UsePreviousValue": True})
        self.assertNotEqual(given["Release"]["ParameterValue"], "0" * 32)
        self.assertEqual(given["OriginSecrets"]["ParameterValue"].split(",")[:2], WINDOW[1:])

    def test_an_unknown_parameter_changes_nothing(self):
        code, text = self.ops("set", "dev", "PostPerSecond=5000", "--yes")
        self.assertEqual((code, self.changing()), (1, []))
        self.assertIn("PostsPerSecond", text, "the parameters that there are")


class Page(World):
    def uploads(self):
        """Uploads the page; the calls of `aws s3`."""
        code, text = self.ops("page", "dev", "--yes")
        self.assertEqual(code, 0, text)
        return [call for call in self.calls() if call["command"][:2] == ["aws", "s3"]]

    def test_what_a_page_names_is_there_before_it_and_nothing_goes_before_everybody_has_the_new_one(self):
        uploads = [call["command"] for call in self.uploads()]
        bucket = "s3://live-chat-dev-page"
        self.assertEqual([command[4] for command in uploads], [f"{bucket}/assets", bucket, *(f"{bucket}/{name}" for name in PAGES), bucket])
        self.assertEqual(["--delete" in command for command in uploads], [False] * (len(PAGES) + 2) + [True])
        commands = self.commands()
        [waited] = [at for at, command in enumerate(commands) if "invalidation-completed" in command]
        self.assertIn("--delete", commands[waited + 1])

    def test_files_named_after_their_content_are_kept_for_ever_by_browsers_and_in_the_bucket(self):
        caching = {}
        for call in self.uploads():
            command = call["command"]
            caching.setdefault(command[4], set()).add(command[command.index("--cache-control") + 1])
            if command[4] == "s3://live-chat-dev-page":
                self.assertIn(" ".join(f"--exclude {name}" for name in ("assets/*", *PAGES)), " ".join(command), "and the other calls leave them alone")
        bucket = "s3://live-chat-dev-page"
        immutable = "public, max-age=31536000, immutable"
        pages = {f"{bucket}/{name}": {"no-cache"} for name in PAGES}
        self.assertEqual(caching, {f"{bucket}/assets": {immutable}, bucket: {"max-age=300"}} | pages)

    def test_only_what_a_browser_needs_is_uploaded(self):
        named, files, *_ = [call["files"] for call in self.uploads() if "files" in call]
        for page in PAGES:
            self.assertIn(page, files)
            for name in re.findall(r"\b(?:src|href)=\"/([^\"]+)\"", (ROOT / "web/dist" / page).read_text()):
                self.assertIn(name, files)
        self.assertEqual({f"assets/{name}" for name in named}, {name for name in files if name.startswith("assets/")})
        for name in ("client/src/index.js", "embed/v1.js"):
            self.assertIn(name, files)
        folders = {folder for name in files for folder in name.split("/")[:-1]}
        self.assertEqual(folders, {"assets", "client", "embed", "moderate", "replay", "src"})

    def test_each_setting_has_its_place_in_the_page(self):
        from runbook.page import ROOT, with_settings

        html = (ROOT / "web/dist/index.html").read_text()
        self.assertIn('name="live-chat-max-message-length" content="700"', with_settings(html, {"MaxMessageLength": "700"}))
        hosts = "pictures.example,img.example"
        self.assertIn(f'name="live-chat-picture-hosts" content="{hosts}"', with_settings(html, {"PictureHosts": hosts}))
        self.assertIn('name="live-chat-picture-hosts" content=""', with_settings(html, {"PictureHosts": ""}))

    def test_the_page_for_frames_believes_those_who_may_have_it_in_one_and_no_other_page_does(self):
        from runbook.page import ROOT, gather

        origins = "https://app.example,https://b.example"
        with tempfile.TemporaryDirectory() as made:
            folder = pathlib.Path(made, "page")
            gather(folder, {"EmbedOrigins": origins, "ConsoleOrigins": "https://team.example", "MaxMessageLength": "700", "PictureHosts": ""})
            html = {page: (folder / page).read_text() for page in PAGES}
        self.assertIn(f'name="live-chat-hosts" content="{origins}"', html["embed/index.html"])
        self.assertIn('name="live-chat-hosts" content=""', html["index.html"])
        for page in ("index.html", "embed/index.html"):
            self.assertIn('name="live-chat-max-message-length" content="700"', html[page])
        self.assertEqual(html["moderate/index.html"], (ROOT / "web/dist/moderate/index.html").read_text())


class Smoke(World):
    def test_a_prebuilt_test_runs_with_a_given_token_and_without_cargo(self):
        code, text = self.ops(
            "smoke", "dev", "--url", "http://127.0.0.1:1", LIVE_CHAT_TOKEN="a.b.c", LIVE_CHAT_SMOKE=str(self.folder / "bin/cargo"),
            given=[["cargo", PASSED]],
        )
        self.assertEqual(code, 0, text)
        self.assertEqual(self.calls()[-1]["command"], ["cargo", "smoke_the_deployment"])
        self.assertEqual(self.calls()[-1]["environment"]["LIVE_CHAT_BASE_URL"], "http://127.0.0.1:1")
        self.assertNotIn("a.b.c", text)

    def test_a_smoke_test_that_did_not_run_is_no_success(self):
        code, text = self.ops("smoke", "dev", given=[["cargo", "test result: ok. 0 passed"]])
        self.assertEqual(code, 1)
        self.assertIn("did not run", text)


if __name__ == "__main__":
    unittest.main()
