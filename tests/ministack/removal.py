"""Deletes the stack, except for retained resources. Usage: removal.py DEPLOYMENT, with MINISTACK_URL set."""

import json
import pathlib
import sys
import time

import cloud


def main(path):
    ids = json.loads(pathlib.Path(path).read_text())["ids"]
    cloudformation = cloud.client("cloudformation")
    stack = cloudformation.describe_stacks(StackName=cloud.STACK)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=stack)
    while (status := cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]).endswith("_IN_PROGRESS"):
        time.sleep(0.1)
    tables = set(cloud.client("dynamodb").list_tables()["TableNames"])
    left = {
        "functions": cloud.client("lambda").list_functions()["Functions"],
        "mappings": cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"],
        "APIs": [api for api in cloud.client("apigatewayv2").get_apis()["Items"] if api["ApiId"] in ids.values()],
        "rules": cloud.client("events").list_rules()["Rules"],
        "alarms": cloud.client("cloudwatch").describe_alarms()["MetricAlarms"],
    }
    if status != "DELETE_COMPLETE" or not {ids["ChatTable"], ids["ConnectionsTable"]} <= tables or any(left.values()):
        sys.exit(f"The stack is {status}; tables: {tables}; left: {left}")
    print("ok  the stack is removed, and both tables stay")


if __name__ == "__main__":
    main(sys.argv[1])
