"""Deploys template.yaml to MiniStack, with the real binaries. Writes what a client needs to know to a file.

Usage: deploy.py BINARIES DEPLOYMENT, with MINISTACK_URL in the environment.
"""

import json
import pathlib
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
    stack = make_stack(template, {"LiveChatSchedule": "always", "JwtSecretArn": arn})
    print(f"The stack stands after {time.monotonic() - started:.1f} s")
    print(json.dumps(stack, indent=1, default=str))


def make_secret():
    secret = secrets.token_urlsafe(32)
    answer = cloud.client("secretsmanager").create_secret(Name="live-chat-jwt", SecretString=secret)
    return answer["ARN"], secret


def upload(template, binaries):
    """Each binary as `bootstrap` in a zip, not compressed: it stays on this machine."""
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
    """As `sam deploy` does it, the template by way of S3, for it is too long for a call."""
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
    return stack


if __name__ == "__main__":
    main(*sys.argv[1:])
