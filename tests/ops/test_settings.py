"""Names and parameters, without a call."""

import pathlib
import tempfile
import unittest

from runbook.failure import Failure
from runbook.origin import moved_on
from runbook.settings import Settings, check_name, overrides, parameter


class SettingsTest(unittest.TestCase):
    def test_names_that_would_be_refused_or_cut_are_refused(self):
        check_name("live-chat-production", "us-east-1")
        check_name("l" * 25, "us-east-1")
        for stack in ("1live", "live_chat", "live chat", "", "liveé", "l" * 26):
            with self.assertRaises(Failure, msg=stack):
                check_name(stack, "us-east-1")
        # A longer region leaves less for the stack.
        with self.assertRaises(Failure):
            check_name("l" * 25, "a-region-with-a-name-of-thirty-")

    def test_each_value_is_read_as_it_was_written(self):
        for value in ("", "a", "a b", 'a"b', "a\\b", "a=b", "-----BEGIN\nX\n-----END", '"', "\\", "'"):
            [text] = overrides({"Name": value})
            self.assertEqual(parameter(text), ("Name", value))

    def test_every_environment_of_the_repository_is_usable(self):
        for environment in ("dev", "prod"):
            self.assertEqual(Settings(environment).stack, f"live-chat-{environment}")
        with self.assertRaisesRegex(Failure, "dev, prod"):
            Settings("stage")

    def test_the_window_of_secrets_moves_on_by_one_or_begins_anew(self):
        self.assertEqual(moved_on(["a", "b", "c"])[:2], ["b", "c"])
        for odd in ([], ["a"], ["a", "b"], ["a", "b", "c", "d"]):
            window = moved_on(odd)
            self.assertEqual((len(set(window)), set(window) & set(odd)), (3, set()))


class Runbook(unittest.TestCase):
    def test_the_operators_document_has_commands_of_ops_only_and_each_parses(self):
        import re
        import shlex

        from runbook.cli import parser

        document = (pathlib.Path(__file__).resolve().parents[2] / "docs/operations.md").read_text()
        blocks = "\n".join(re.findall(r"```sh\n(.*?)```", document, flags=re.DOTALL))
        inline = re.findall(r"`(\./ops [^`]*)`", document)
        lines = [line for line in blocks.replace("\\\n", " ").splitlines() if line.strip()]
        self.assertEqual([line for line in lines + inline if re.search(r"\b(aws|sam) [a-z]", line)], [])
        self.assertEqual(re.findall(r"`(?:aws|sam) [a-z].*", document), [])
        commands = [line for line in lines if line.startswith("./ops")] + inline
        self.assertGreater(len(commands), 10)
        for line in commands:
            words = [word for word in shlex.split(line, comments=True)][1:]
            with self.subTest(line):
                parser().parse_args(words)


if __name__ == "__main__":
    unittest.main()
