"""`create-secret` and `rotate-secret`."""

import json
import unittest

from world import SECRET_ARN, World, stack


class Keys(World):
    def stored(self):
        """The requests that stored a secret."""
        return [json.loads(call["--cli-input-json"]) for call in self.calls() if "--cli-input-json" in call["command"] and "secretsmanager" in call["command"]]

    def test_a_secret_is_stored_as_it_is(self):
        for secret in ("x" * 32, "ü" * 16, "x" * 40 + "\n", " " + "x" * 40):
            code, text = self.ops("create-secret", "dev", "--yes", "--file", self.secret_file(secret))
            self.assertEqual((code, self.stored()), (0, [{"Name": "live-chat-dev", "SecretString": secret}]))
            self.assertEqual("white space" in text, secret != secret.strip(), secret)

    def test_a_short_or_unreadable_secret_is_refused(self):
        for file in (self.secret_file("x" * 31), "/nowhere/at-all"):
            code, text = self.ops("create-secret", "dev", "--yes", "--file", file)
            self.assertEqual((code, self.changing()), (1, []), text)
        (self.folder / "binary").write_bytes(b"\xff" * 40)
        self.assertEqual(self.ops("create-secret", "dev", "--yes", "--file", str(self.folder / "binary"))[0], 1)

    def test_a_rotation_stores_one_version(self):
        code, text = self.ops("rotate-secret", "dev", "--yes", "--file", self.secret_file("n" * 40))
        self.assertEqual((code, self.stored()), (0, [{"SecretId": SECRET_ARN, "SecretString": "n" * 40}]))
        self.assertIn("ten minutes", text)

    def test_a_repeated_rotation_does_not_push_the_previous_version_out(self):
        code, text = self.ops("rotate-secret", "dev", "--yes", "--file", self.secret_file("s" * 40))
        self.assertEqual((code, self.changing()), (1, []))
        self.assertIn("current version already", text)

    def test_a_leaked_secret_is_stored_twice_and_every_function_starts_anew(self):
        code, text = self.ops("rotate-secret", "dev", "--leaked", "--confirm", "live-chat-dev", "--file", self.secret_file("n" * 40))
        self.assertEqual(code, 0, text)
        self.assertEqual(len(self.stored()), 2)
        self.assertIn("update-stack", self.changing()[-1])

    def test_a_stack_with_a_key_set_has_no_secret(self):
        keyset = [["aws cloudformation describe-stacks", stack(JwtSecretArn="")]]
        code, text = self.ops("rotate-secret", "dev", "--yes", "--file", self.secret_file("n" * 40), given=keyset)
        self.assertEqual((code, self.changing()), (1, []))
        self.assertIn("identity provider", text)


if __name__ == "__main__":
    unittest.main()
