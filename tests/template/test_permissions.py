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
        reads = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}
        allowed = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"} | reads
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


WEBHOOK = f"arn:aws:secretsmanager:{parameters.REGION}:123456789012:secret:webhook-AbCdEf"
BUS = f"arn:aws:events:{parameters.REGION}:123456789012:event-bus/chat"
HOOK = {"WebhookUrl": "https://app.example/events", "WebhookSecretArn": WEBHOOK}


class Outward(Checked):
    def test_the_function_its_mappings_and_its_alarms_are_there_only_with_a_receiver(self):
        parts = [name for name in transformed.resources() if name.startswith(("Outward", "Events"))]
        self.check(len(parts) >= 10, f"its parts were found: {parts}")
        of = lambda name: transformed.resources()[name].get("Condition")
        self.check_all(parts, lambda name: of(name) == "SendsEvents", "stands under the condition")
        for given, wanted in (({}, False), ({"EventBus": "chat"}, True), (HOOK, True), ({"EventTexts": "true"}, False)):
            self.check(parameters.holds("SendsEvents", **given) == wanted, f"{given} sends: {wanted}")

    def test_it_alone_may_send_to_the_bus_and_read_the_secret(self):
        for policy in ("EventBusPolicy", "WebhookSecretPolicy"):
            may = [name for name, role in transformed.of_type("AWS::IAM::Role").items() if policy in str(role["Properties"].get("ManagedPolicyArns"))]
            self.check(may == ["OutwardFunctionRole"], f"one function has {policy}: {may}")
        resource = lambda bus: parameters.resolve(transformed.properties("EventBusPolicy"), EventBus=bus)["PolicyDocument"]["Statement"][0]["Resource"]
        self.check(resource("chat") == BUS == resource(BUS), "a name and an ARN are the same bus")

    def test_the_boundary_names_what_is_given(self):
        boundary = lambda **given: str(parameters.resolve(transformed.properties("FunctionBoundary"), **given))
        self.check(f"'{BUS}'" in boundary(EventBus="chat") and f"'{WEBHOOK}'" in boundary(**HOOK), "they may be used")
        self.check("PutEvents" not in boundary() and "OutwardDeadLetters" not in boundary(), "without them, there is no statement")
        elsewhere = WEBHOOK.replace(parameters.REGION, "us-west-2")
        self.check("The stack is in" in boundary(**HOOK | {"WebhookSecretArn": elsewhere}), "a secret of another region is refused")

    def test_what_is_no_receiver_is_refused(self):
        refusals = lambda **given: parameters.refusals(**parameters.MINIMAL, **given)
        for given in (HOOK, {"EventBus": "chat"}, {"EventBus": BUS}):
            self.check(refusals(**given) == [], f"{given} is accepted")
        for given in (
            {"WebhookUrl": "https://app.example"}, {"WebhookSecretArn": WEBHOOK}, HOOK | {"WebhookUrl": "http://app.example"},
            HOOK | {"WebhookUrl": "https://a:b@app.example"}, {"EventBus": "a b"}, {"EventBus": BUS.replace(":events:", ":sqs:")},
        ):
            self.check(refusals(**given) != [], f"{given} is refused")
