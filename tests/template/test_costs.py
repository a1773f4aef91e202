"""The bill: its alarm, who may publish to the topic, and the tag that tells what it is for."""

import parameters
import transformed
from checked import Checked

TAG = "live-chat:stack"
NAME = {"Ref": "AWS::StackName"}
# Types that could be tagged, and why these resources are not.
UNTAGGED = {
    "AWS::Events::Rule": "SAM gives the rule of a schedule no tags; it costs nothing",
    "AWS::Lambda::EventSourceMapping": "SAM gives the mapping of a stream no tags; it costs nothing",
}


def tags_of(resource):
    """A resource's tags, in any of the four forms that types have."""
    values = resource.get("Properties", {})
    body = values.get("Body", {}).get("tags", [])
    if body:
        return {tag["name"]: tag["x-amazon-apigateway-tag-value"] for tag in body}
    tags = values.get("Tags", values.get("ResourceTags", {}))
    return tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags if "Key" in tag}


class Tags(Checked):
    def test_everything_that_can_be_tagged_is(self):
        cannot = set()
        for name, resource in transformed.resources().items():
            kind = resource["Type"]
            if not transformed.is_taggable(kind):
                cannot.add(kind)
            elif kind not in UNTAGGED:
                self.check(tags_of(resource).get(TAG) == NAME, f"{name} has the tag {TAG}")
        print("Types that cannot be tagged:", ", ".join(sorted(cannot)))
        self.check_all(sorted(UNTAGGED), lambda kind: transformed.of_type(kind), "is still in the template")
        for kind in UNTAGGED:
            for name, resource in transformed.of_type(kind).items():
                self.check(TAG not in tags_of(resource), f"{name} has no tag: {UNTAGGED[kind]}")


class Budget(Checked):
    def test_there_is_none_by_default(self):
        self.check(
            not parameters.holds("HasBudget") and parameters.holds("HasBudget", BudgetUSD="50"),
            "only an amount sets a budget",
        )
        self.check(
            transformed.resources().get("Budget", {}).get("Condition") == "HasBudget", "the budget depends on it"
        )
        self.check(parameters.refusals(**parameters.MINIMAL, BudgetUSD="-1"), "a negative amount is refused")

    def test_it_warns_through_the_topic(self):
        budget = transformed.properties("Budget")
        limit = {
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": {"Ref": "BudgetUSD"}, "Unit": "USD"},
        }
        self.check(
            budget.get("Budget") == limit, "it is a month's cost, without a name that a replacement would collide with"
        )
        warnings = budget.get("NotificationsWithSubscribers", [])
        subscribers = [{"SubscriptionType": "SNS", "Address": {"Ref": "AlarmTopic"}}]
        self.check_all(
            warnings, lambda warning: warning["Subscribers"] == subscribers, "goes to the topic of the alarms"
        )
        kinds = {
            (warning["Notification"]["NotificationType"], warning["Notification"]["Threshold"]) for warning in warnings
        }
        self.check(
            kinds == {("ACTUAL", 50), ("ACTUAL", 100), ("FORECASTED", 100)},
            "it warns before and when the amount is spent",
        )
        self.check(
            "AlarmTopicPolicy" in transformed.dependencies("Budget") if budget else False,
            "it may publish before it exists",
        )


class Topic(Checked):
    def test_these_services_of_this_account_publish_and_nobody_else(self):
        statements = transformed.properties("AlarmTopicPolicy").get("PolicyDocument", {}).get("Statement", [])
        services = {statement["Principal"]["Service"] for statement in statements}
        self.check(services == {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}, "alarms and the budget publish")
        for statement in statements:
            shape = (statement["Effect"], statement["Action"], statement["Resource"])
            self.check(shape == ("Allow", "sns:Publish", {"Ref": "AlarmTopic"}), "they publish to this topic")
            account = statement["Condition"]["StringEquals"]
            self.check(account == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}, "they do so for this account")
        self.check(
            "KmsMasterKeyId" not in transformed.properties("AlarmTopic"), "they could not encrypt with the managed key"
        )
