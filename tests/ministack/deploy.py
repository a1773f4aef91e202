"""Deploys template.yaml to MiniStack, with the real binaries. Writes the details that a client needs to a file.

Usage: deploy.py BINARIES DEPLOYMENT, with MINISTACK_URL in the environment.
"""

import json
import mimetypes
import pathlib
import re
import secrets
import sys
import tempfile
import time
import zipfile

from samtranslator.yaml_helper import yaml_parse

import cloud
import departures

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUCKET = "artefacts"


def main(binaries, deployment):
    template = yaml_parse((ROOT / "template.yaml").read_text())
    arn, secret = make_secret()
    artefacts = upload(template, pathlib.Path(binaries))
    departures.depart(template, cloud.endpoint(), artefacts)
    started = time.monotonic()
    make_stack(template, {"LiveChatSchedule": "always", "JwtSecretArn": arn})
    ids = physical_ids()
    make_routes(ids)
    set_boundaries(ids)
    expire_rows(ids)
    upload_page(ids)
    print(f"{len(ids)} resources of the stack stand after {time.monotonic() - started:.1f} s")
    pathlib.Path(deployment).write_text(json.dumps({"secret": secret, "ids": ids, "stage": ids["SocketApiStage"]}))


def make_secret():
    secret = secrets.token_urlsafe(32)
    answer = cloud.client("secretsmanager").create_secret(Name="live-chat-jwt", SecretString=secret)
    return answer["ARN"], secret


def upload(template, binaries):
    """Each binary as `bootstrap` in a zip, uncompressed because it stays on this machine."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    artefacts = {}
    for resource in template["Resources"].values():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        binary = resource["Metadata"]["BuildProperties"]["Binary"]
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr(entry, (binaries / binary).read_bytes())
            file.seek(0)
            s3.put_object(Bucket=BUCKET, Key=f"{binary}.zip", Body=file)
        artefacts[binary] = {"Bucket": BUCKET, "Key": f"{binary}.zip"}
    return artefacts


def make_stack(template, parameters):
    """Deploys as `sam deploy` does, with the template in S3, because it is too long for a call."""
    cloud.client("s3").put_object(Bucket=BUCKET, Key="template.json", Body=json.dumps(template).encode())
    cloudformation = cloud.client("cloudformation")
    cloudformation.create_stack(
        StackName=cloud.STACK,
        TemplateURL=f"{cloud.endpoint()}/{BUCKET}/template.json",
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    while True:
        stack = cloudformation.describe_stacks(StackName=cloud.STACK)["Stacks"][0]
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            break
        time.sleep(0.2)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        events = cloudformation.describe_stack_events(StackName=cloud.STACK)["StackEvents"]
        failed = [
            f"{event['LogicalResourceId']} ({event['ResourceType']}): {event.get('ResourceStatusReason')}"
            for event in reversed(events)
            if event["ResourceStatus"].endswith("FAILED")
        ]
        sys.exit("\n".join([f"The stack is {stack['StackStatus']}", *failed]))


def physical_ids():
    """The physical id of each resource, by its logical id."""
    resources = cloud.client("cloudformation").describe_stack_resources(StackName=cloud.STACK)["StackResources"]
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}


def make_routes(ids):
    """Creates the HTTP API's routes from the OpenAPI body of the transformed template: MiniStack ignores the body."""
    template = cloud.client("cloudformation").get_template(StackName=cloud.STACK, TemplateStage="Processed")["TemplateBody"]
    gateway = cloud.client("apigatewayv2")
    known = {"AWS::Partition": "aws", "AWS::Region": cloud.REGION, **ids}
    for path, methods in template["Resources"]["HttpApi"]["Properties"]["Body"]["paths"].items():
        for method, operation in methods.items():
            wanted = operation["x-amazon-apigateway-integration"]
            uri = re.sub(r"\$\{([^}]+)\}", lambda match: known[match[1]], wanted["uri"]["Fn::Sub"])
            integration = gateway.create_integration(
                ApiId=ids["HttpApi"],
                IntegrationType=wanted["type"].upper(),
                IntegrationMethod=wanted["httpMethod"],
                IntegrationUri=uri,
                PayloadFormatVersion=wanted["payloadFormatVersion"],
            )
            target = f"integrations/{integration['IntegrationId']}"
            gateway.create_route(ApiId=ids["HttpApi"], RouteKey=f"{method.upper()} {path}", Target=target)


def set_boundaries(ids):
    """Sets the boundary of each function's role as in the template: MiniStack's CloudFormation ignores PermissionsBoundary."""
    iam = cloud.client("iam")
    for name, role in ids.items():
        if name.endswith("FunctionRole"):
            iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=ids["FunctionBoundary"])


def expire_rows(ids):
    """Turns on the expiry of rows as in the template: MiniStack's CloudFormation ignores TimeToLiveSpecification."""
    expiry = {"AttributeName": "expires_at", "Enabled": True}
    for table in (ids["ChatTable"], ids["ConnectionsTable"]):
        cloud.client("dynamodb").update_time_to_live(TableName=table, TimeToLiveSpecification=expiry)


def upload_page(ids):
    """The page's files, as the deploy workflow puts them into the bucket."""
    web = ROOT / "web"
    for path in web.rglob("*"):
        name = path.relative_to(web)
        # Without the client's tests and the pages of the API documents, which only the local gateway serves.
        if path.is_dir() or "node_modules" in name.parts or name.parts[:2] == ("client", "test") or name.parts[0] == "docs":
            continue
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        cloud.client("s3").put_object(
            Bucket=ids["PageBucket"], Key=name.as_posix(), Body=path.read_bytes(), ContentType=kind
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
