"""Where MiniStack is, and its clients. The account and the keys are invented: MiniStack takes any."""

import os

import boto3
from botocore.config import Config

REGION = "us-east-1"
STACK = "live-chat"


def endpoint():
    """MiniStack's address, from the one who started it."""
    return os.environ["MINISTACK_URL"]


def client(service):
    """A client of AWS's own SDK, pointed at MiniStack. It repeats nothing, so that every error is seen."""
    return boto3.client(
        service,
        endpoint_url=endpoint(),
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"max_attempts": 0}, read_timeout=120, s3={"addressing_style": "path"}),
    )
