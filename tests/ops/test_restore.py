"""`restore`."""

import json
import unittest

from world import NOT_FOUND, World

TIME = "2026-01-31T19:55:00Z"


def rows(first, last):
    return [{"pk": {"S": "messages#1"}, "sk": {"S": f"{number:09}"}} for number in range(first, last)]


def refused(*reasons):
    """The CLI's words for a transaction that was refused."""
    return {"fails": "An error occurred (TransactionCanceledException) when calling the TransactWriteItems operation: Transaction cancelled, "
                     f"please refer cancellation reasons for specific reasons [{', '.join(reasons)}]"}


PAGES = ["aws dynamodb scan", {"in turn": [
    {"Items": rows(0, 250), "LastEvaluatedKey": {"pk": {"S": "messages#1"}, "sk": {"S": "000000249"}}},
    {"Items": rows(250, 260)},
]}]


class Restore(World):
    def restore(self, *given):
        return self.ops("restore", "dev", TIME, "--yes", given=[["aws dynamodb describe-table", NOT_FOUND], PAGES, *given])

    def written(self):
        """The rows of each transaction."""
        calls = [call for call in self.calls() if "transact-write-items" in call["command"]]
        return [[action["Put"] for action in json.loads(call["--cli-input-json"])["TransactItems"]] for call in calls]

    def test_all_rows_are_copied_into_the_stacks_table_and_never_over_newer_ones(self):
        code, text = self.restore()
        self.assertEqual(code, 0, text)
        written = self.written()
        self.assertEqual(sorted(len(part) for part in written), [10, 50, 100, 100])
        puts = [put for part in written for put in part]
        self.assertEqual(sorted(put["Item"]["sk"]["S"] for put in puts), [row["sk"]["S"] for row in rows(0, 260)])
        self.assertEqual({(put["TableName"], put["ConditionExpression"]) for put in puts}, {("live-chat-dev-ChatTable-X", "attribute_not_exists(pk)")})
        self.assertIn("260 rows copied, 0 were there", text)
        [made] = [command for command in self.commands() if "restore-table-to-point-in-time" in command]
        self.assertIn(f"--restore-date-time {TIME}", made)

    def test_a_row_that_is_there_keeps_the_others_from_nothing(self):
        small = ["aws dynamodb scan", {"Items": rows(0, 3)}]
        first = ["aws dynamodb transact-write-items", {"in turn": [refused("None", "ConditionalCheckFailed", "None"), {}]}]
        code, text = self.ops("restore", "dev", TIME, "--yes", given=[["aws dynamodb describe-table", NOT_FOUND], small, first])
        self.assertEqual(code, 0, text)
        self.assertEqual([put["Item"]["sk"]["S"] for put in self.written()[1]], ["000000000", "000000002"])
        self.assertIn("2 rows copied, 1 were there", text)

    def test_a_conflict_is_tried_again_and_an_error_is_told(self):
        small = ["aws dynamodb scan", {"Items": rows(0, 2)}]
        for reasons, code in ((("TransactionConflict", "None"), 0), (("ValidationError", "None"), 1)):
            answers = ["aws dynamodb transact-write-items", {"in turn": [refused(*reasons), {}]}]
            found, text = self.ops("restore", "dev", TIME, "--yes", given=[["aws dynamodb describe-table", NOT_FOUND], small, answers])
            self.assertEqual(found, code, text)

    def test_a_repeated_restore_goes_on_with_the_table_that_it_has(self):
        code, text = self.ops("restore", "dev", TIME, "--yes", given=[["aws dynamodb describe-table", {"Table": {}}], PAGES])
        self.assertEqual(code, 0, text)
        self.assertFalse(any("restore-table" in command for command in self.commands()))

    def test_a_table_that_was_restored_by_hand_is_copied(self):
        code, text = self.ops("restore", "dev", "--from", "old", "--yes", given=[["aws dynamodb describe-table", {"Table": {}}], PAGES])
        self.assertEqual((code, sum(map(len, self.written()))), (0, 260), text)
        for given in (["aws dynamodb describe-table", NOT_FOUND], PAGES):
            arguments = ["--from", "old"] if given is not PAGES else []
            self.assertEqual(self.ops("restore", "dev", *arguments, "--yes", given=[given])[0], 1)
            self.assertEqual(self.changing(), [])

    def test_a_restore_may_take_longer_than_the_cli_waits(self):
        waits = ["aws dynamodb wait table-exists", {"in turn": [{"fails": "Max attempts exceeded"}, {"fails": "Max attempts exceeded"}, {}]}]
        described = ["aws dynamodb describe-table", {"in turn": [NOT_FOUND, {"Table": {"TableStatus": "CREATING"}}]}]
        code, text = self.ops("restore", "dev", TIME, "--yes", given=[described, waits, PAGES])
        self.assertEqual(code, 0, text)
        failed = ["aws dynamodb describe-table", {"in turn": [NOT_FOUND, {"Table": {"TableStatus": "ARCHIVED"}}]}]
        self.assertEqual(self.ops("restore", "dev", TIME, "--yes", given=[failed, waits, PAGES])[0], 1)

    def test_a_time_must_be_in_utc(self):
        for time in ("yesterday", "2026-01-31", "2026-01-31T19:55:00+01:00", "2026-01-31 19:55:00Z"):
            code, text = self.ops("restore", "dev", time, "--yes")
            self.assertEqual((code, self.changing()), (1, []), time)


if __name__ == "__main__":
    unittest.main()
