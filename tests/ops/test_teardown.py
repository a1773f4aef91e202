"""`teardown`."""

import json
import unittest

from world import NO_STACK, NOT_FOUND, World, stack

TABLES = [
    "live-chat-dev-ChatTable-1ABC",
    "live-chat-dev-ConnectionsTable-2DEF",
    "live-chat-dev-AuditTable-6PQR",
    "live-chat-dev-ChatTable-1ABC-at-20260131T195500Z",
    "live-chat-prod-ChatTable-3GHI",
    "live-chat-dev-2-ChatTable-4JKL",
    "other-live-chat-dev-ChatTable-5MNO",
]
GONE = [["aws cloudformation describe-stacks", NO_STACK], ["aws dynamodb list-tables", {"TableNames": TABLES}]]


class Teardown(World):
    def teardown(self, *arguments, given=()):
        return self.ops("teardown", "dev", "--confirm", "live-chat-dev", *arguments, given=list(given))

    def test_tables_and_secret_stay(self):
        objects = {"Versions": [{"Key": "index.html", "VersionId": "null"}]}
        code, text = self.teardown(given=[["aws s3api list-object-versions", objects]])
        self.assertEqual(code, 0, text)
        self.assertEqual([command.split(" --")[0] for command in self.changing()],
                         ["aws s3api delete-objects", "aws cloudformation delete-stack"])
        self.assertIn("Left: live-chat-dev-ChatTable-X, live-chat-dev-ConnectionsTable-Y, live-chat-dev-AuditTable-Z, secret live-chat-dev", text)

    def test_the_stacks_own_tables_are_deleted_if_that_is_asked_for(self):
        code, text = self.teardown("--delete-tables", "--delete-secret")
        self.assertEqual(code, 0, text)
        deleted = [command for command in self.commands() if "delete-table" in command]
        self.assertEqual([command.split()[4] for command in deleted], ["live-chat-dev-ChatTable-X", "live-chat-dev-ConnectionsTable-Y", "live-chat-dev-AuditTable-Z"])
        unprotected = [command.split()[4] for command in self.commands() if "--no-deletion-protection-enabled" in command]
        self.assertEqual(unprotected, ["live-chat-dev-ChatTable-X", "live-chat-dev-ConnectionsTable-Y", "live-chat-dev-AuditTable-Z"])
        order = self.commands()
        self.assertLess(order.index(next(c for c in order if "wait stack-delete-complete" in c)), order.index(deleted[0]))

    def test_what_is_left_of_a_stack_is_found_by_its_whole_name(self):
        code, text = self.teardown("--delete-tables", given=GONE)
        self.assertEqual(code, 0, text)
        deleted = [command.split()[4] for command in self.commands() if "delete-table" in command]
        self.assertEqual(deleted, TABLES[:3])

    def test_the_status_of_a_stack_that_is_gone_tells_what_remains(self):
        code, text = self.ops("status", "dev", given=GONE)
        self.assertEqual(code, 0, text)
        self.assertIn(f"tables that remain: {', '.join(TABLES[:3])}\n", text)

    def test_a_stack_that_is_gone_is_no_reason_to_delete_what_was_kept(self):
        code, text = self.teardown(given=[*GONE, ["aws secretsmanager describe-secret", NOT_FOUND]])
        self.assertEqual((code, self.changing()), (1, []))
        self.assertIn("nothing left of live-chat-dev but live-chat-dev-ChatTable-1ABC", text)

    def test_a_stack_that_was_never_whole_is_removed(self):
        # It has no bucket yet, and one of its tables went with the stack.
        half = stack()
        half["Stacks"][0] |= {"StackStatus": "ROLLBACK_FAILED", "Outputs": []}
        no_table = {"fails": "An error occurred (ValidationError): Resource ConnectionsTable does not exist for stack live-chat-dev"}
        resource = "aws cloudformation describe-stack-resource --stack-name live-chat-dev --logical-resource-id ConnectionsTable"
        given = [["aws cloudformation describe-stacks", half], [resource, no_table], ["aws dynamodb delete-table", NOT_FOUND]]
        code, text = self.teardown("--delete-tables", given=given)
        self.assertEqual(code, 0, text)
        order = [command for command in self.commands() if "protection" in command or "delete-stack" in command]
        self.assertEqual([command.split()[2] for command in order], ["update-table", "update-table", "delete-stack"])
        self.assertFalse(any("s3" in command for command in self.commands()))

    def test_the_bucket_is_emptied_of_versions_too(self):
        versions = {"Versions": [{"Key": "a b", "VersionId": f"v{n}"} for n in range(1500)], "DeleteMarkers": [{"Key": "a b", "VersionId": "m"}]}
        code, text = self.teardown(given=[["aws s3api list-object-versions", versions]])
        self.assertEqual(code, 0, text)
        requests = [json.loads(call["--cli-input-json"]) for call in self.calls() if "delete-objects" in call["command"]]
        self.assertEqual([len(request["Delete"]["Objects"]) for request in requests], [1000, 501], "S3 takes 1,000 at most")
        self.assertEqual({request["Bucket"] for request in requests}, {"live-chat-dev-page"})
        self.assertEqual(requests[1]["Delete"]["Objects"][-1], {"Key": "a b", "VersionId": "m"})

    def test_objects_that_stay_stop_the_teardown(self):
        versions = ["aws s3api list-object-versions", {"Versions": [{"Key": "a", "VersionId": "v"}]}]
        refused = ["aws s3api delete-objects", {"Errors": [{"Key": "a", "Code": "AccessDenied"}]}]
        code, text = self.teardown(given=[versions, refused])
        self.assertEqual(code, 1)
        self.assertIn("AccessDenied", text)
        self.assertFalse(any("delete-stack" in command for command in self.commands()))

    def test_a_repeated_teardown_goes_on_without_the_bucket(self):
        gone = {"fails": "An error occurred (NoSuchBucket) when calling the operation: The specified bucket does not exist"}
        code, text = self.teardown(given=[["aws s3", gone]])
        self.assertEqual(code, 0, text)
        self.assertTrue(any("delete-stack" in command for command in self.commands()))

    def test_a_stack_that_cannot_be_deleted_keeps_its_tables(self):
        code, text = self.teardown("--delete-tables", given=[["aws cloudformation wait stack-delete-complete", {"fails": "DELETE_FAILED"}]])
        self.assertEqual(code, 1)
        self.assertIn("Done before: protection of live-chat-dev-ChatTable-X, protection of live-chat-dev-ConnectionsTable-Y, protection of live-chat-dev-AuditTable-Z, bucket", text)
        self.assertFalse(any("delete-table" in command for command in self.commands()))


if __name__ == "__main__":
    unittest.main()
