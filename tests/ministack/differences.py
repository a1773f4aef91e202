"""Demonstrates, one by one, where MiniStack differs from AWS: docs/ministack.md says what each means for the deployment. Exits with
an error if a difference is gone, because then a departure can be removed, too.

Usage: differences.py DEPLOYMENT, with MINISTACK_URL in the environment.
"""

import asyncio
import json
import pathlib
import sys
import time

import aiohttp
from botocore.exceptions import ClientError

import cloud
import token_of


def small_stack(resources):
    """Creates a stack of these resources; returns its ids, or the reason for the failure."""
    cloudformation = cloud.client("cloudformation")
    name = f"small-{time.monotonic_ns()}"
    try:
        cloudformation.create_stack(
            StackName=name, TemplateBody=json.dumps({"Resources": resources}), Capabilities=["CAPABILITY_IAM"]
        )
    except ClientError as error:
        return str(error)
    while (stack := cloudformation.describe_stacks(StackName=name)["Stacks"][0])["StackStatus"].endswith("_IN_PROGRESS"):
        time.sleep(0.1)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return "; ".join(event.get("ResourceStatusReason", "") for event in events)
    found = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}


def unknown_types(ids):
    """CloudFormation supports neither route responses nor CodeDeploy."""
    api = {"ApiId": "a", "RouteId": "b", "RouteResponseKey": "$default"}
    said = small_stack({
        "A": {"Type": "AWS::ApiGatewayV2::RouteResponse", "Properties": api},
        "B": {"Type": "AWS::CodeDeploy::Application", "Properties": {}},
        "C": {"Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": {}},
    })
    names = ("AWS::ApiGatewayV2::RouteResponse", "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup")
    return all(name in said.split("Unrecognized resource types")[1] for name in names)


def metric_math(ids):
    """CloudFormation creates no alarm over several metrics."""
    alarm = {
        "Metrics": [{"Id": "a", "Expression": "1 + 1"}],
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 1,
        "EvaluationPeriods": 1,
    }
    return "metric math" in small_stack({"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm}})


def body(ids):
    """An HTTP API's OpenAPI body creates no routes."""
    integration = {"type": "HTTP_PROXY", "httpMethod": "GET", "uri": "http://localhost", "payloadFormatVersion": "1.0"}
    paths = {"/a": {"get": {"x-amazon-apigateway-integration": integration, "responses": {}}}}
    document = {"openapi": "3.0.1", "info": {"title": "a", "version": "1"}, "paths": paths}
    made = small_stack({"A": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": document}}})
    return cloud.client("apigatewayv2").get_routes(ApiId=made["A"])["Items"] == []


def table_settings(ids):
    """CloudFormation turns on neither a table's expiry nor its backups."""
    made = small_stack({"A": {"Type": "AWS::DynamoDB::Table", "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
        "TimeToLiveSpecification": {"AttributeName": "b", "Enabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    }}})
    dynamodb = cloud.client("dynamodb")
    expiry = dynamodb.describe_time_to_live(TableName=made["A"])["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=made["A"])["ContinuousBackupsDescription"]
    status = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    return (expiry["TimeToLiveStatus"], status) == ("DISABLED", "DISABLED")


def boundary(ids):
    """CloudFormation gives a role no permissions boundary."""
    made = small_stack({"A": {"Type": "AWS::IAM::Role", "Properties": {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
        "PermissionsBoundary": ids["FunctionBoundary"],
    }}})
    return "PermissionsBoundary" not in cloud.client("iam").get_role(RoleName=made["A"])["Role"]


def release(ids):
    """SAM's transform gets no parameters, so a new Release publishes no new version."""
    cloudformation = cloud.client("cloudformation")
    names = [entry["ParameterKey"] for entry in cloudformation.describe_stacks(StackName=cloud.STACK)["Stacks"][0]["Parameters"]]
    parameters = [{"ParameterKey": name, "UsePreviousValue": True} for name in names if name != "Release"]
    try:
        cloudformation.update_stack(
            StackName=cloud.STACK,
            UsePreviousTemplate=True,
            Parameters=[*parameters, {"ParameterKey": "Release", "ParameterValue": "0123456789ab"}],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    except ClientError as error:
        return "No updates are to be performed" in str(error)
    while cloudformation.describe_stacks(StackName=cloud.STACK)["Stacks"][0]["StackStatus"].endswith("_IN_PROGRESS"):
        time.sleep(0.1)
    alias = cloud.client("lambda").get_alias(FunctionName=ids["StatusFunction"], Name="live")
    return alias["FunctionVersion"] == "1"


def throttle(ids):
    """A stage has no throttle."""
    stage = cloud.client("apigatewayv2").get_stage(ApiId=ids["SocketApi"], StageName=ids["SocketApiStage"])
    return stage["DefaultRouteSettings"] == {}


def access_logs(ids):
    """APIs write no access logs."""
    groups = (ids["HttpAccessLogs"], ids["SocketAccessLogs"])
    return not any(cloud.client("logs").describe_log_streams(logGroupName=group)["logStreams"] for group in groups)


def metrics(ids):
    """Calls made by APIs, the stream and the schedule are not counted, so no alarm ever goes off."""
    cloudwatch = cloud.client("cloudwatch")
    counted = {metric["Namespace"] for metric in cloudwatch.list_metrics()["Metrics"]}
    called = cloudwatch.list_metrics(Namespace="AWS/Lambda", MetricName="Invocations")["Metrics"]
    names = {dimension["Value"] for metric in called for dimension in metric["Dimensions"]}
    states = {alarm["StateValue"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]}
    # The edge itself invokes ws-connect, and broadcast flush-later: these are calls of Lambda's own API.
    invoked = {ids["WsConnectFunction"], ids["FlushLaterFunction"]}
    return counted <= {"AWS/Lambda"} and names <= invoked and states == {"INSUFFICIENT_DATA"}


def traces(ids):
    """There is no X-Ray."""
    try:
        cloud.client("xray").get_trace_summaries(StartTime=time.time() - 60, EndTime=time.time())
    except ClientError:
        return True
    return False


def transport(ids):
    """A bucket that denies calls without TLS still answers the root user."""
    return cloud.client("s3").get_object(Bucket=ids["PageBucket"], Key="index.html")["ContentLength"] > 0


async def route_response(http, url, ids):
    """A frame is answered even without a route response."""
    route = ids["SocketApiDefaultRoute"].split("/")[1]
    responses = cloud.client("apigatewayv2").get_route_responses(ApiId=ids["SocketApi"], RouteId=route)["Items"]
    async with http.ws_connect(url) as socket:
        await socket.send_str('{"type":"ping"}')
        return responses == [] and await hears(socket, "pong")


async def refusal(http, url, ids):
    """A handshake that the function refuses always gets 403, without a body."""
    try:
        await http.ws_connect(url.split("&")[0])
    except aiohttp.WSServerHandshakeError as error:
        return error.status == 403 and "content-type" not in error.headers
    return False


async def subprotocol(http, url, ids):
    """The subprotocol that the function chose is missing from the response."""
    base, token = url.split("&token=")
    async with http.ws_connect(base, protocols=["bearer", token]) as socket:
        return socket.protocol is None


async def binary(http, url, ids):
    """A binary frame reaches the function as text, and does not close the socket."""
    async with http.ws_connect(url) as socket:
        await socket.send_bytes(b'{"type":"ping"}')
        return await hears(socket, "pong")


async def large(http, url, ids):
    """A frame of any size reaches the function."""
    async with http.ws_connect(url) as socket:
        await socket.send_str(json.dumps({"type": "ping", "more": "x" * 200_000}))
        return await hears(socket, "pong", "error")


async def distribution(http, url, ids):
    """A distribution does not support WebSockets."""
    name = cloud.client("cloudfront").get_distribution(Id=ids["Distribution"])["Distribution"]["DomainName"]
    headers = {"Host": name, "X-Forwarded-Proto": "https"}
    try:
        await http.ws_connect(f"{cloud.endpoint()}/live-chat/ws/1?{url.split('&')[1]}", headers=headers)
    except aiohttp.WSServerHandshakeError as error:
        return error.status == 403
    return False


async def hears(socket, *kinds):
    """Whether the socket gets an event of one of these types before it is closed."""
    async with asyncio.timeout(10):
        async for message in socket:
            if message.type == aiohttp.WSMsgType.TEXT and json.loads(message.data)["type"] in kinds:
                return True
    return False


OF_THE_CLOUD = (
    unknown_types, metric_math, body, table_settings, boundary, release, throttle, access_logs, metrics, traces, transport
)
OF_SOCKETS = (route_response, refusal, subprotocol, binary, large, distribution)


async def main(path):
    deployment = json.loads(pathlib.Path(path).read_text())
    ids, token = deployment["ids"], token_of.make(deployment["secret"], "differences")
    url = f"{cloud.endpoint()}/_aws/execute-api/{ids['SocketApi']}/{deployment['stage']}?session_id=1&token={token}"
    gone = []
    # Sockets connect to the API itself, as the edge does.
    async with aiohttp.ClientSession(headers=cloud.origin_headers(ids["Distribution"])) as http:
        for difference in OF_THE_CLOUD:
            gone += [] if difference(ids) else [difference]
        for difference in OF_SOCKETS:
            gone += [] if await difference(http, url, ids) else [difference]
    for difference in gone:
        print(f"No difference any more: {difference.__doc__}")
    if gone:
        sys.exit(1)
    print(f"ok  {len(OF_THE_CLOUD + OF_SOCKETS)} differences between MiniStack and AWS are as documented")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
