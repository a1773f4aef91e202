"""Creation, deletion and recovery: what is created first, what stays, and which names a stack may have."""

import transformed
from checked import Checked

# Types to which CloudFormation gives names, `<stack>-<logical id>-<random characters>`, cut to the longest that the
# service takes: the property with the name, if it is given, and that length.
LONGEST = {
    "AWS::Budgets::Budget": ("BudgetName", 100),
    "AWS::CloudFront::Function": ("Name", 64),
    "AWS::CloudFront::OriginAccessControl": ("OriginAccessControlConfig", 64),
    "AWS::CloudFront::ResponseHeadersPolicy": ("ResponseHeadersPolicyConfig", 128),
    "AWS::CloudWatch::Alarm": ("AlarmName", 255),
    "AWS::CloudWatch::Dashboard": ("DashboardName", 255),
    "AWS::CodeDeploy::Application": ("ApplicationName", 100),
    "AWS::CodeDeploy::DeploymentGroup": ("DeploymentGroupName", 100),
    "AWS::DynamoDB::Table": ("TableName", 255),
    "AWS::Events::Rule": ("Name", 64),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", 128),
    "AWS::IAM::Role": ("RoleName", 64),
    "AWS::Lambda::Function": ("FunctionName", 64),
    "AWS::Logs::LogGroup": ("LogGroupName", 512),
    "AWS::S3::Bucket": ("BucketName", 63),
    "AWS::SNS::Topic": ("TopicName", 256),
    "AWS::SQS::Queue": ("QueueName", 80),
    "AWS::WAFv2::WebACL": ("Name", 128),
}
# Types whose resources have an id of their service's making, or the name that the template gives them.
WITH_IDS = (
    "AWS::ApiGateway::Account AWS::ApiGatewayV2::Api AWS::ApiGatewayV2::Integration AWS::ApiGatewayV2::Route "
    "AWS::ApiGatewayV2::RouteResponse AWS::ApiGatewayV2::Stage AWS::CloudFront::Distribution AWS::Lambda::Alias "
    "AWS::Lambda::EventInvokeConfig "
    "AWS::Lambda::EventSourceMapping AWS::Lambda::Permission AWS::Lambda::Version AWS::S3::BucketPolicy AWS::SNS::Subscription "
    "AWS::SNS::TopicPolicy"
).split()
RANDOM = 12
TABLES = ("ChatTable", "ConnectionsTable", "AuditTable")
# Kept even if the first creation fails; the template says why.
KEPT = {"ApiGatewayAccount", "ApiGatewayAccountRole"}


class Creation(Checked):
    def test_every_region_with_functions_at_the_edge_has_all_that_is_created(self):
        # CloudFormation refuses a type that a region lacks, unless a condition leaves its resource out.
        always = {resource["Type"] for resource in transformed.resources().values() if "Condition" not in resource}
        offered = {region: transformed.types_in(region) for region in transformed.REGIONS}
        usable = [
            region
            for region, types in offered.items()
            if {"AWS::CloudFront::Function", "AWS::ApiGatewayV2::Api"} <= types
        ]
        self.check_all(
            usable, lambda region: always <= offered[region], "has every type that stands under no condition"
        )

    def test_a_stage_waits_for_all_of_its_api(self):
        for name, stage in transformed.of_type("AWS::ApiGatewayV2::Stage").items():
            api = stage["Properties"]["ApiId"]
            waits = transformed.dependencies(name)
            parts = [
                part
                for part, resource in transformed.resources().items()
                if resource["Type"].startswith("AWS::ApiGatewayV2::")
                and part != name
                and resource["Properties"].get("ApiId") == api
            ]
            for part in parts:
                self.check(part in waits, f"{name} waits for {part}")
            self.check(stage["Properties"]["AutoDeploy"], f"{name} deploys what changes later")
        self.check(
            "DefaultRouteResponse" in transformed.dependencies("SocketApiStage"),
            "the sockets' stage has its route response",
        )
        self.check("ApiGatewayAccount" in transformed.dependencies("SocketApiStage"), "the sockets' stage can log")

    def test_no_change_is_lost_before_the_mapping_reads(self):
        mappings = transformed.of_type("AWS::Lambda::EventSourceMapping")
        position = lambda name: mappings[name]["Properties"]["StartingPosition"]
        self.check_all(
            sorted(mappings), lambda name: position(name) == "TRIM_HORIZON", "reads the stream from its beginning"
        )


class Deletion(Checked):
    def test_what_is_kept_is_not_kept_of_a_creation_that_failed(self):
        # SAM retains versions of functions; they go with their function.
        kept = (
            lambda resource: "Retain" in resource.get("DeletionPolicy", "")
            and resource["Type"] != "AWS::Lambda::Version"
        )
        retained = {name: resource for name, resource in transformed.resources().items() if kept(resource)}
        self.check(set(retained) == KEPT | set(TABLES), f"these are retained: {sorted(retained)}")
        for name in retained:
            wanted = "Retain" if name in KEPT else "RetainExceptOnCreate"
            self.check(retained[name]["DeletionPolicy"] == wanted, f"{name} has the policy {wanted}")
            self.check(retained[name]["UpdateReplacePolicy"] == "Retain", f"{name} is kept when it is replaced")

    def test_backups_are_of_what_lasts(self):
        enabled = lambda table: transformed.properties(table)["PointInTimeRecoverySpecification"][
            "PointInTimeRecoveryEnabled"
        ]
        self.check(enabled("ChatTable") is True, "messages can be restored")
        self.check(enabled("AuditTable") is True, "the log can be restored")
        self.check(enabled("ConnectionsTable") is False, "sockets that are gone are not paid for")


def besides_the_stack(given):
    """How much of a name that the template gives is not the stack's own."""
    text = given.get("Fn::Sub") or given["Name"]["Fn::Sub"]
    return len(text.replace("${AWS::Region}", "ap-southeast-1").replace("${AWS::StackName}", ""))


class StackName(Checked):
    def test_the_longest_name_that_cuts_no_other(self):
        free = {}
        kinds = {resource["Type"] for resource in transformed.resources().values()} - set(WITH_IDS)
        for kind in kinds:
            self.check(kind in LONGEST, f"the longest name of {kind} is known")
            path, longest = LONGEST.get(kind, ("", 0))
            for name, resource in transformed.of_type(kind).items():
                given = resource["Properties"].get(path)
                free[name] = longest - (len(f"--{name}") + RANDOM if given is None else besides_the_stack(given))
        tightest = min(free, key=free.get)
        self.check(
            free[tightest] == 25, f"a stack's name has at most 25 characters: {tightest} leaves {free[tightest]}"
        )
        self.check_all(
            ["live-chat-dev", "live-chat-prod"], lambda stack: len(stack) <= free[tightest], "is short enough"
        )

    def test_what_broadcast_invokes_by_name_is_not_retried(self):
        configs = [config["Properties"] for config in transformed.of_type("AWS::Lambda::EventInvokeConfig").values()]
        of_flush_later = [config for config in configs if config["FunctionName"] == {"Ref": "FlushLaterFunction"}]
        asked = {"Qualifier": "$LATEST", "MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
        self.check([config | asked for config in of_flush_later] == of_flush_later != [], "flush-later has no retries")

    def test_permissions_depend_on_no_name_that_could_be_cut(self):
        text = str(transformed.properties("FunctionBoundary"))
        self.check("${AWS::StackName}-*" not in text, "the boundary has no pattern of generated names")
        for resource, name in (("FanOutFunction", "fan-out"), ("FlushLaterFunction", "flush-later")):
            full_name = f"${{AWS::StackName}}-{name}"
            self.check(f"function:{full_name}'" in text, f"the boundary names {name}")
            self.check(
                transformed.properties(resource).get("FunctionName") == {"Fn::Sub": full_name}, f"{name} has that name"
            )
