"""Nothing is changed before the operator agrees, and nothing of another stack ever."""

import unittest

from world import World

# Each command that changes something, and whether it destroys.
COMMANDS = {
    ("deploy", "dev"): False,
    ("set", "dev", "PostsPerSecond=1"): False,
    ("page", "dev"): False,
    ("warm", "dev", "--reads", "1", "--writes", "1"): False,
    ("purge-dead-letters", "dev"): False,
    ("resume-broadcast", "dev"): False,
    ("resend-events", "dev"): False,
    ("restore", "dev", "2026-01-31T19:55:00Z"): False,
    ("create-secret", "dev", "--file", "SECRET"): False,
    ("rotate-secret", "dev", "--file", "SECRET"): False,
    ("rotate-secret", "dev", "--file", "SECRET", "--leaked"): True,
    ("teardown", "dev"): True,
    ("teardown", "dev", "--delete-tables", "--delete-secret"): True,
}
MAPPINGS = ["aws lambda list-event-source-mappings", {"EventSourceMappings": [{"UUID": "u", "State": "Disabled"}]}]
EVENTS = ["aws dynamodb query", {"Items": [{"pk": {"S": "events#dead"}, "sk": {"S": "webhook#ended-1"}}]}]
LETTERS = ["aws sqs get-queue-attributes", {"Attributes": {"ApproximateNumberOfMessages": "3"}}]


class Consent(World):
    def run_one(self, command, *more, typed=None):
        secret = self.secret_file("n" * 40)
        arguments = [secret if part == "SECRET" else part for part in command]
        return self.ops(*arguments, *more, typed=typed, given=[MAPPINGS, EVENTS, LETTERS])

    def test_every_command_that_changes_something_is_here(self):
        from runbook.cli import parser

        [commands] = [action.choices for action in parser()._actions if action.choices]
        self.assertEqual(commands.keys() - {name for name, *_ in COMMANDS}, {"build", "dead-events", "smoke", "status"})

    def test_without_a_terminal_nothing_is_changed(self):
        for command in COMMANDS:
            code, text = self.run_one(command)
            self.assertEqual((code, self.changing()), (1, []), command)
            self.assertIn("without a terminal", text, command)

    def test_a_no_changes_nothing(self):
        for command in COMMANDS:
            for no in ("", "live-chat-prod"):
                code, text = self.run_one(command, typed=no)
                self.assertEqual((code, self.changing()), (1, []), (command, no))
                self.assertIn("Nothing was changed".lower(), text.lower(), (command, no))

    def test_a_yes_is_no_consent_to_destruction(self):
        for command in (command for command, destroys in COMMANDS.items() if destroys):
            code, text = self.run_one(command, typed="y")
            self.assertEqual((code, self.changing()), (1, []), command)
            code, _ = self.run_one(command, "--confirm", "live-chat-prod")
            self.assertEqual((code, self.changing()), (1, []), command)

    def test_the_typed_name_is_consent(self):
        for command in (command for command, destroys in COMMANDS.items() if destroys):
            code, text = self.run_one(command, typed="live-chat-dev")
            self.assertEqual(code, 0, (command, text))
            self.assertNotEqual(self.changing(), [], command)

    def test_account_region_and_stack_are_shown_first(self):
        for command in COMMANDS:
            _, text = self.run_one(command)
            for shown in ("live-chat-dev", "us-east-1", "111122223333", "olga"):
                self.assertIn(shown, text, command)

    def test_every_call_names_the_region_and_none_a_secret(self):
        for command, destroys in COMMANDS.items():
            _, text = self.run_one(command, *(["--confirm", "live-chat-dev"] if destroys else ["--yes"]))
            for call in self.commands():
                if call.startswith("aws "):
                    self.assertIn("--region us-east-1", call)
                self.assertNotIn("live-chat-prod", call)
            for said in [*self.commands(), text]:
                self.assertNotIn("n" * 40, said, command)
                self.assertNotIn("s" * 40, said, command)

    def test_a_missing_program_is_named(self):
        code, text = self.ops("status", "dev", PATH="/nowhere")
        self.assertEqual(code, 1)
        self.assertIn("AWS CLI is not installed", text)


if __name__ == "__main__":
    unittest.main()
