"""Whether `./ops teardown` left what it should. Usage: removal.py kept|deleted DEPLOYMENT, with MINISTACK_URL set."""

import json
import pathlib
import sys

import cloud


def main(tables, deployment):
    ids = json.loads(pathlib.Path(deployment).read_text())["ids"]
    stacks = cloud.client("cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE", "UPDATE_COMPLETE"])["StackSummaries"]
    there = set(cloud.client("dynamodb").list_tables()["TableNames"])
    left = {
        "stacks": [stack["StackName"] for stack in stacks if stack["StackName"] == cloud.STACK],
        "functions": cloud.client("lambda").list_functions()["Functions"],
        "mappings": cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"],
        "APIs": [api for api in cloud.client("apigatewayv2").get_apis()["Items"] if api["ApiId"] in ids.values()],
        "rules": cloud.client("events").list_rules()["Rules"],
        "alarms": cloud.client("cloudwatch").describe_alarms()["MetricAlarms"],
        "buckets": [found["Name"] for found in cloud.client("s3").list_buckets()["Buckets"] if found["Name"] == ids["PageBucket"]],
    }
    own = {ids["ChatTable"], ids["ConnectionsTable"], ids["AuditTable"]}
    wanted = own if tables == "kept" else set()
    if there & own != wanted or any(left.values()):
        sys.exit(f"tables: {there}, wanted of them: {wanted}; left: {left}")
    print(f"ok  the stack is removed, and its tables are {tables}")


if __name__ == "__main__":
    main(*sys.argv[1:])
