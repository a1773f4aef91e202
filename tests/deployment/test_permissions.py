"""What the roles may do: all that CloudFormation needs for the template's resources, on this stack's names, and little more."""

import copy
import json
import logging
import os
import pathlib
import unittest

import iam
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from roles import ACCOUNT, ROOT, Stack
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
logging.getLogger("samtranslator").setLevel(logging.ERROR)
PATH = pathlib.Path(os.environ.get("LIVE_CHAT_TEMPLATE", ROOT / "template.yaml"))

# Types that part of the template may have only in some deployments are covered, too.
ALSO = {"AWS::Budgets::Budget", "AWS::SNS::TopicPolicy", "AWS::WAFv2::WebACL", "AWS::ApiGateway::Account"}
# Permissions that handlers list for properties which this stack never sets. None of them is granted.
NOT_NEEDED = {
    "kms:*": "keys are AWS's own",
    "kinesis:*": "tables stream to Lambda alone",
    "ec2:*": "functions are in no VPC",
    "elasticfilesystem:*": "functions mount nothing",
    "s3files:*": "functions mount nothing",
    "s3tables:*": "the bucket has no metadata tables",
    "firehose:*": "logs are delivered to no stream",
    "payments:*": "no paid rule groups",
    "billing:*": "the budget is of the account's own bill",
    "dynamodb:*Item": "rows are the functions' alone",
    "dynamodb:Query": "rows are the functions' alone",
    "dynamodb:Scan": "rows are the functions' alone",
    "dynamodb:*Replica": "tables have no replicas",
    "dynamodb:ImportTable": "tables begin empty",
    "dynamodb:*bleKinesisStreamingDestination": "tables stream to Lambda alone",
    "dynamodb:UpdateKinesisStreamingDestination": "tables stream to Lambda alone",
    "logs:CreateLogStream": "streams are the functions' alone",
    "logs:PutLogEvents": "lines are the functions' alone",
    "logs:AssociateKmsKey": "keys are AWS's own",
    "logs:DisassociateKmsKey": "keys are AWS's own",
    "logs:PutBearerTokenAuthentication": "groups have no tokens",
    "logs:PutIndexPolicy": "groups have no indexes",
    "logs:PutLogGroupDeletionProtection": "groups are not protected",
    "s3:*Object*": "files are the workflow's alone",
    "s3:REST.PUT.OBJECT": "there is no such permission",
    "s3:*MetadataTable*": "the bucket has no metadata tables",
    "s3:UpdateBucketMetadata*": "the bucket has no metadata tables",
    "iam:*UserPolicy": "policies are for roles",
    "iam:*GroupPolicy": "policies are for roles",
    "iam:DeleteRolePermissionsBoundary": "a function's role keeps its boundary",
    "lambda:*ProvisionedConcurrencyConfig": "functions start on demand",
    "lambda:*CodeSigningConfig": "code is not signed",
    "lambda:*FunctionScalingConfig": "functions have no capacity provider",
    "lambda:PassCapacityProvider": "functions have no capacity provider",
    "lambda:AssociateRuntimeAlias": "there is no such permission",
    "cloudfront:CreateDistributionWithTags": "there is no such permission: it is CreateDistribution",
    "cloudfront:*ConnectionGroup": "the distribution has no tenants",
    "cloudfront:UpdateDistributionWithStagingConfig": "the distribution has no staging copy",
    "apigateway:*agResource": "there is no such permission: it is PUT and DELETE on /tags",
    "codedeploy:RegisterOnPremisesInstance": "deployments are of functions",
}
# A permission may also be one of those that are never granted, but is needed for one type.
NEEDED_FOR = {("AWS::Lambda::Function", "s3:GetObject"), ("AWS::Lambda::Function", "s3:GetObjectVersion")}


def of(service, resource, region="eu-central-1", account=ACCOUNT):
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def role(name):
    return of("iam", f"role/{name}", "")


def types():
    template = copy.deepcopy(yaml_parse(PATH.read_text()))
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    defaults = {name: str(parameter.get("Default", "")) for name, parameter in template["Parameters"].items()}
    managed = type("NoManagedPolicies", (), {"load": lambda self: {}})()
    return {resource["Type"] for resource in transform(template, defaults, managed)["Resources"].values()}


def needed(kind):
    """The permissions of a type's handlers, by its schema, which AWS publishes and cfn-lint ships."""
    handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema.get("handlers", {})
    return {permission for name in ("create", "read", "update", "delete") for permission in handlers.get(name, {}).get("permissions", [])}


def granted(permission):
    """Whether the execution role may do it to anything at all."""
    actions = [action for statement in Stack().statements("ExecutionRole") for action in iam.several(statement["Action"])]
    return any(iam.like(action.lower(), permission.lower()) for action in actions)


class Execution(unittest.TestCase):
    def setUp(self):
        self.statements = Stack().statements("ExecutionRole")

    def may(self, action, resource, **context):
        return iam.allows(self.statements, action, resource, **context)

    def test_every_type_has_the_permissions_of_its_handlers(self):
        found, used = types() | ALSO, set()
        self.assertGreater(len(found), 25)
        for kind in sorted(found):
            with self.subTest(kind):
                permissions = needed(kind)
                self.assertTrue(permissions, "the type's schema lists permissions")
                for permission in sorted(permissions):
                    excused = [] if (kind, permission) in NEEDED_FOR else [p for p in NOT_NEEDED if iam.like(p.lower(), permission.lower())]
                    used.update(excused)
                    self.assertTrue(excused or granted(permission), f"{permission} is neither granted nor excused")
        self.assertEqual(set(NOT_NEEDED) - used, set(), "no excuse is stale")

    def test_roles_of_functions_need_the_boundary(self):
        boundary = of("iam", "policy/live-chat-dev-FunctionBoundary-AbC", "")
        other = of("iam", "policy/live-chat-dev-JwtSecretPolicy-AbC", "")
        function = role("live-chat-dev-StatusFunctionRole-AbC")
        for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary"):
            self.assertTrue(self.may(action, function, **{"iam:PermissionsBoundary": boundary}), action)
            for wrong in ({}, {"iam:PermissionsBoundary": other}, {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}):
                self.assertFalse(self.may(action, function, **wrong), f"{action} with {wrong}")
        self.assertFalse(self.may("iam:DeleteRolePermissionsBoundary", function))

    def test_the_two_other_roles_have_aws_policies_only(self):
        for name in ("CodeDeployServiceRole", "ApiGatewayAccountRole"):
            service = role(f"live-chat-dev-{name}-AbC")
            self.assertTrue(self.may("iam:CreateRole", service))
            self.assertFalse(self.may("iam:PutRolePolicy", service))
            policy = lambda arn: self.may("iam:AttachRolePolicy", service, **{"iam:PolicyARN": arn})
            self.assertTrue(policy("arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda"))
            self.assertFalse(policy("arn:aws:iam::aws:policy/AdministratorAccess"))
            self.assertFalse(policy(of("iam", "policy/live-chat-dev-Mine", "")))

    def test_roles_are_passed_to_three_services(self):
        passed = lambda name, service: self.may("iam:PassRole", role(name), **{"iam:PassedToService": f"{service}.amazonaws.com"})
        for service in ("lambda", "codedeploy", "apigateway"):
            self.assertTrue(passed("live-chat-dev-StatusFunctionRole-AbC", service))
            self.assertFalse(passed("admin", service))
        for service in ("ec2", "cloudformation", "ecs-tasks", "glue"):
            self.assertFalse(passed("live-chat-dev-StatusFunctionRole-AbC", service))

    def test_other_stacks_and_the_roles_themselves_are_out_of_reach(self):
        for stack, allowed in (("live-chat-dev", True), ("live-chat-prod", False), ("live-chat-deva", False), ("execute-live-chat-dev", False)):
            with self.subTest(stack):
                self.assertEqual(self.may("dynamodb:DeleteTable", of("dynamodb", f"table/{stack}-ChatTable-AbC")), allowed)
                self.assertEqual(self.may("lambda:UpdateFunctionCode", of("lambda", f"function:{stack}-StatusFunction-AbC")), allowed)
                self.assertEqual(self.may("iam:UpdateAssumeRolePolicy", role(f"{stack}-StatusFunctionRole-AbC")), allowed)
                self.assertEqual(self.may("s3:DeleteBucketPolicy", f"arn:aws:s3:::{stack}-pagebucket-abc"), allowed)
                self.assertEqual(self.may("sqs:DeleteQueue", of("sqs", f"{stack}-BroadcastDeadLetters-AbC")), allowed)
        for name in ("deploy-live-chat-dev", "execute-live-chat-dev", "admin"):
            for action in ("iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:DeleteRole"):
                self.assertFalse(self.may(action, role(name), **{"iam:PermissionsBoundary": of("iam", "policy/live-chat-dev-FunctionBoundary-A", "")}))

    def test_it_reads_no_row_no_file_of_the_page_and_no_secret(self):
        for action in ("dynamodb:GetItem", "dynamodb:Scan", "secretsmanager:GetSecretValue", "lambda:InvokeFunction", "logs:GetLogEvents", "kms:Decrypt", "sts:AssumeRole"):
            self.assertFalse(granted(action), action)
        self.assertFalse(self.may("s3:GetObject", "arn:aws:s3:::live-chat-dev-pagebucket-abc/index.html"))

    def test_the_template_can_be_deployed_without_a_bucket(self):
        self.assertLess((ROOT / "deploy-role.yaml").stat().st_size, 51_200, "CloudFormation takes longer templates from S3 only")

    def test_policies_are_as_small_as_iam_wants_them(self):
        stack = Stack(StackName="live-chat-of-a-rather-long-name")
        for name, resource in stack.template["Resources"].items():
            if resource["Type"] == "AWS::IAM::ManagedPolicy":
                size = len(json.dumps(stack.properties(name)["PolicyDocument"], separators=(",", ":")))
                self.assertLess(size, 6144, f"{name}: IAM takes 6,144 characters")


class Deploy(unittest.TestCase):
    def setUp(self):
        self.statements = Stack().statements("DeployRole")

    def may(self, action, resource, **context):
        return iam.allows(self.statements, action, resource, **context)

    def test_it_changes_this_stack_and_only_through_the_other_role(self):
        stack = of("cloudformation", "stack/live-chat-dev/1-2-3")
        execution = {"cloudformation:RoleArn": role("execute-live-chat-dev")}
        self.assertTrue(self.may("cloudformation:CreateChangeSet", stack, **execution))
        self.assertFalse(self.may("cloudformation:CreateChangeSet", stack))
        self.assertFalse(self.may("cloudformation:CreateChangeSet", stack, **{"cloudformation:RoleArn": role("admin")}))
        self.assertTrue(self.may("cloudformation:ExecuteChangeSet", stack))
        for other in ("live-chat-prod", "live-chat-dev-2", "deploy-live-chat-dev", "aws-sam-cli-managed-default"):
            for action in ("cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"):
                self.assertFalse(self.may(action, of("cloudformation", f"stack/{other}/1-2-3"), **execution), other)
        for action in ("cloudformation:DeleteStack", "cloudformation:UpdateStack", "cloudformation:SetStackPolicy"):
            self.assertFalse(self.may(action, stack, **execution), action)

    def test_it_touches_no_resource_of_the_stack_but_the_page(self):
        for statement in self.statements:
            for action in iam.several(statement["Action"]):
                self.assertNotIn("*", action)
        services = {action.split(":")[0] for statement in self.statements for action in iam.several(statement["Action"])}
        self.assertEqual(services, {"cloudformation", "iam", "s3", "cloudfront", "lambda", "cloudwatch"})
        self.assertTrue(self.may("s3:PutObject", "arn:aws:s3:::live-chat-dev-pagebucket-abc/index.html"))
        self.assertFalse(self.may("s3:PutObject", "arn:aws:s3:::live-chat-prod-pagebucket-abc/index.html"))
        own = {"aws:ResourceAccount": ACCOUNT}
        self.assertTrue(self.may("s3:PutObject", "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-a/live-chat-dev/code", **own))
        self.assertFalse(self.may("s3:PutObject", "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-a/live-chat-prod/code", **own))
        tag = lambda stack: {"aws:ResourceTag/live-chat:stack": stack}
        self.assertTrue(self.may("cloudfront:CreateInvalidation", of("cloudfront", "distribution/E1", ""), **tag("live-chat-dev")))
        self.assertFalse(self.may("cloudfront:CreateInvalidation", of("cloudfront", "distribution/E1", ""), **tag("live-chat-prod")))

    def test_it_passes_one_role_to_cloudformation(self):
        passed = lambda name, service: self.may("iam:PassRole", role(name), **{"iam:PassedToService": service})
        self.assertTrue(passed("execute-live-chat-dev", "cloudformation.amazonaws.com"))
        self.assertFalse(passed("execute-live-chat-dev", "lambda.amazonaws.com"))
        self.assertFalse(passed("execute-live-chat-prod", "cloudformation.amazonaws.com"))
