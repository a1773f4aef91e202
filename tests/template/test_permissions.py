"""What roles may do."""

import unittest

import transformed
from checked import Checked


def statements():
    """Each statement of a role's own policies or of a managed one, with the resource that has it."""
    for name, resource in transformed.resources().items():
        properties = resource.get("Properties", {})
        policies = [policy["PolicyDocument"] for policy in properties.get("Policies", []) if "PolicyDocument" in policy]
        if "PolicyDocument" in properties:
            policies.append(properties["PolicyDocument"])
        for document in policies:
            yield from ((name, statement) for statement in document["Statement"])


class AuditLog(Checked):
    def test_no_role_changes_or_deletes_an_entry(self):
        # That a put replaces nothing is a condition of the code: IAM cannot demand it.
        granted = [(name, one) for name, one in statements() if "AuditTable" in str(one.get("Resource")) or one.get("Resource") == "*"]
        may = lambda one: {one["Action"]} if isinstance(one["Action"], str) else set(one["Action"])
        self.check(any("dynamodb:PutItem" in may(one) for _, one in granted), "entries are put")
        allowed = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:ListStreams"}
        for name, one in granted:
            of_tables = {action for action in may(one) if action.startswith("dynamodb:") or action == "*"}
            self.check(of_tables <= allowed, f"{name} does no more to the log than {sorted(of_tables)}")


if __name__ == "__main__":
    unittest.main()
