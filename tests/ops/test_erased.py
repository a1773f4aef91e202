"""`restore` does not bring back users who were erased since."""

import base64
import hashlib
import hmac
import json
import unittest

from world import NOT_FOUND, World

KEY = "a key of the chat"
ERASED_MS = 1_767_643_800_000


def hashed(user_id):
    return base64.urlsafe_b64encode(hmac.new(KEY.encode(), user_id.encode(), hashlib.sha256).digest()).decode().rstrip("=")


def text(value):
    return {"S": value}


def message(seq, user_id, created_ms, **more):
    return {"pk": text("messages#1"), "sk": text(f"{seq:08}"), "user_id": text(user_id), "username": text(f"Name of {user_id}"),
            "text": text("zanzibar"), "created_ms": {"N": str(created_ms)}, "seq": {"N": str(seq)}} | more


ROWS = [
    message(1, "xerxes", ERASED_MS - 1),
    message(2, "ann", ERASED_MS - 1, mentions={"L": [text("xerxes"), text("bob")]}),
    message(3, "ann", ERASED_MS - 1, mentions={"L": [text("xerxes")]}),
    message(4, "xerxes", ERASED_MS + 1),
    {"pk": text("like#session#1#xerxes"), "sk": text("like")},
    {"pk": text("like#message#100000001#xerxes"), "sk": text("like")},
    {"pk": text("likes#1#xerxes"), "sk": text("00000001")},
    {"pk": text("standing#xerxes"), "sk": text("standing")},
    {"pk": text("person#abc"), "sk": text("act#1"), "reason": text("zanzibar")},
    {"pk": text("pseudonym#xerxes"), "sk": text("pseudonym"), "pseudonym": text("abc")},
    {"pk": text("report#100000002"), "sk": text("by#xerxes"), "comment": text("zanzibar")},
    {"pk": text("resolved#1"), "sk": text("h"), "author": {"M": {"user_id": text("xerxes")}}},
    {"pk": text("messages#1"), "sk": text("00000009"), "event": {"M": {"type": text("user_purged"), "user_id": text("xerxes")}}},
    {"pk": text("like#session#1#ann"), "sk": text("like")},
]


class Erased(World):
    def restored(self, *erased):
        """The rows that a restore writes, by their keys."""
        given = [
            ["aws dynamodb describe-table", NOT_FOUND],
            ["aws dynamodb scan", {"Items": ROWS}],
            ["aws dynamodb get-item", {"Item": {"key": text(KEY)}} if erased else {}],
            ["aws dynamodb query", {"Items": [{"sk": text(hashed(one)), "erased_ms": {"N": str(ERASED_MS)}} for one in erased]}],
        ]
        code, said = self.ops("restore", "dev", "2026-01-31T19:55:00Z", "--yes", given=given)
        self.assertEqual(code, 0, said)
        calls = [call for call in self.calls() if "transact-write-items" in call["command"]]
        puts = [action["Put"]["Item"] for call in calls for action in json.loads(call["--cli-input-json"])["TransactItems"]]
        return {f"{row['pk']['S']} {row['sk']['S']}": row for row in puts}

    def test_nothing_of_an_erased_user_comes_back_but_what_is_of_a_later_life(self):
        rows = self.restored("xerxes")
        wanted = {"messages#1 00000001", "messages#1 00000002", "messages#1 00000003", "messages#1 00000004", "like#session#1#ann like"}
        self.assertEqual(set(rows), wanted)
        self.assertEqual(
            rows["messages#1 00000001"],
            {"pk": text("messages#1"), "sk": text("00000001"), "created_ms": {"N": str(ERASED_MS - 1)}, "seq": {"N": "1"},
             "deleted": {"BOOL": True}, "erased": {"BOOL": True}},
        )
        self.assertEqual(rows["messages#1 00000002"]["mentions"], {"L": [text("bob")]})
        self.assertNotIn("mentions", rows["messages#1 00000003"])
        self.assertEqual(rows["messages#1 00000004"], ROWS[3])

    def test_without_erasures_every_row_comes_back_as_it_was(self):
        self.assertEqual(list(self.restored().values()), ROWS)


if __name__ == "__main__":
    unittest.main()
