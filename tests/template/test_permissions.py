"""What roles may do."""

import unittest

import parameters
import transformed
from checked import Checked

REVIEW = f"arn:aws:lambda:{parameters.REGION}:123456789012:function:review"


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


class Review(Checked):
    def test_who_sends_messages_may_invoke_the_review_function_and_nothing_else(self):
        policies = {
            name: str(role["Properties"].get("ManagedPolicyArns")) for name, role in transformed.of_type("AWS::IAM::Role").items()
        }
        may = sorted(name for name, listed in policies.items() if "ReviewPolicy" in listed)
        self.check(may == ["SendMessageFunctionRole", "WsMessageFunctionRole"], f"two functions have the policy: {may}")
        [statement] = transformed.properties("ReviewPolicy")["PolicyDocument"]["Statement"]
        granted = parameters.resolve(statement, ReviewFunctionArn=REVIEW)
        self.check(granted == {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": REVIEW}, "exactly it")

    def test_the_boundary_names_the_review_function_if_there_is_one(self):
        boundary = lambda **given: str(parameters.resolve(transformed.properties("FunctionBoundary"), **given))
        self.check(f"'{REVIEW}'" in boundary(ReviewFunctionArn=REVIEW), "it may be invoked")
        self.check("ReviewFunctionArn" not in boundary() and "''" not in boundary(), "without one, there is no statement")
        for name in ("ReviewPolicy", "ReviewFailuresAlarm"):
            self.check(transformed.resources()[name].get("Condition") == "HasReviewFunction", f"{name} is there only with one")

    def test_only_the_arn_of_a_function_is_accepted(self):
        refusals = lambda arn: parameters.refusals(**parameters.MINIMAL, ReviewFunctionArn=arn)
        for arn in ("", REVIEW, f"{REVIEW}:live", f"{REVIEW}:$LATEST", REVIEW.replace("arn:aws:", "arn:aws-cn:")):
            self.check(refusals(arn) == [], f"{arn!r} is accepted")
        for arn in ("review", "http://localhost:9000", f"{REVIEW}:", REVIEW.replace(":function:", ":layer:"), f"{REVIEW}\n{REVIEW}", f"{REVIEW}*"):
            self.check(refusals(arn) != [], f"{arn!r} is refused")


if __name__ == "__main__":
    unittest.main()
