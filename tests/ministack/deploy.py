"""What a deployment to MiniStack needs beside `./ops`: before it, the zips and the templates with MiniStack's departures; after it, the
parts that MiniStack's CloudFormation leaves out.

Usage: deploy.py prepare BINARIES FOLDER, which writes first.json and second.json: they publish different versions;
deploy.py complete SECRET_FILE DEPLOYMENT, which writes the details that a client needs. Both with MINISTACK_URL in the environment.
"""

import json
import pathlib
import re
import sys
import tempfile
import zipfile

from samtranslator.yaml_helper import yaml_parse

import cloud
import departures

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUCKET = "artefacts"


def prepare(binaries, folder):
    template = yaml_parse((ROOT / "template.yaml").read_text())
    artefacts = upload(template, pathlib.Path(binaries))
    for release in ("first", "second"):
        template = yaml_parse((ROOT / "template.yaml").read_text())
        departures.depart(template, cloud.endpoint(), artefacts, release)
        pathlib.Path(folder, f"{release}.json").write_text(json.dumps(template))


def complete(secret_file, deployment):
    ids = physical_ids()
    make_routes(ids)
    set_boundaries(ids)
    expire_rows(ids)
    print(f"{len(ids)} resources of the stack stand")
    secret = pathlib.Path(secret_file).read_text()
    pathlib.Path(deployment).write_text(json.dumps({"secret": secret, "ids": ids, "stage": ids["SocketApiStage"]}))


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
    for table in (ids["ChatTable"], ids["ConnectionsTable"], ids["AuditTable"]):
        cloud.client("dynamodb").update_time_to_live(TableName=table, TimeToLiveSpecification=expiry)


if __name__ == "__main__":
    {"prepare": prepare, "complete": complete}[sys.argv[1]](*sys.argv[2:])
