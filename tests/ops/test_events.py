"""`dead-events` and `resend-events`."""

import json
import time
import unittest

from world import World

EVENT = json.dumps({"type": "session.ended", "session_id": 3})


def row(event="ended-3", error="the answer was 500"):
    return {"pk": {"S": "events#dead"}, "sk": {"S": f"webhook#{event}"}, "event": {"S": EVENT}, "due_ms": {"N": "1767643800000"},
            "due_first_ms": {"N": "1767643800000"}, "failures": {"N": "29"}, "error": {"S": error}, "expires_at": {"N": "1768853400"}}


PAGES = ["aws dynamodb query", {"in turn": [{"Items": [row()], "LastEvaluatedKey": {"pk": {"S": "events#dead"}}}, {"Items": [row("held-3-a#b")]}]}]


class DeadEvents(World):
    def test_all_are_listed_with_why_they_were_not_taken_and_nothing_is_changed(self):
        code, text = self.ops("dead-events", "dev", given=[PAGES])
        self.assertEqual(code, 0, text)
        self.assertIn("2026-01-05T20:10:00Z session.ended ended-3 to webhook: 29 tries, the answer was 500", text)
        self.assertIn("2 events were given up", text)
        self.assertEqual(self.changing(), [])

    def test_each_one_waits_again_in_one_transaction(self):
        code, text = self.ops("resend-events", "dev", "--yes", given=[PAGES])
        self.assertEqual(code, 0, text)
        calls = [json.loads(call["--cli-input-json"])["TransactItems"] for call in self.calls() if "transact-write-items" in call["command"]]
        self.assertEqual(len(calls), 2)
        delete, put = calls[1][0]["Delete"], calls[1][1]["Put"]
        self.assertEqual(delete["Key"], {"pk": {"S": "events#dead"}, "sk": {"S": "webhook#held-3-a#b"}})
        self.assertEqual({one["TableName"] for one in (delete, put)}, {"live-chat-dev-ConnectionsTable-Y"})
        item = put["Item"]
        due, _, event = item["sk"]["S"].partition("#")
        self.assertEqual((item["pk"]["S"], event, item["failures"]["N"], item["event"]["S"]), ("events#webhook", "held-3-a#b", "0", EVENT))
        self.assertEqual((len(due), int(due)), (15, int(item["due_ms"]["N"])))
        self.assertLess(abs(int(due) / 1000 - time.time()), 60)
        self.assertGreater(int(item["expires_at"]["N"]), time.time() + 2 * 24 * 3600)

    def test_nothing_is_sent_without_consent_or_if_there_is_nothing(self):
        code, text = self.ops("resend-events", "dev", given=[PAGES])
        self.assertEqual(code, 1)
        self.assertEqual(self.changing(), [])
        code, text = self.ops("resend-events", "dev", "--yes", given=[["aws dynamodb query", {"Items": []}]])
        self.assertEqual((code, "There are none" in text), (1, True))


if __name__ == "__main__":
    unittest.main()
