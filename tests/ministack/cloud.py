"""MiniStack's address, and clients for it. The account and the keys are made up: MiniStack accepts any."""

import os

import boto3
from botocore.config import Config

REGION = "us-east-1"
STACK = "live-chat-dev"


def endpoint():
    """MiniStack's address, from the environment."""
    return os.environ["MINISTACK_URL"]


def client(service):
    """A client of AWS's own SDK, for MiniStack. It does not retry, so that every error is seen."""
    return boto3.client(
        service,
        endpoint_url=endpoint(),
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"max_attempts": 0}, read_timeout=120, s3={"addressing_style": "path"}),
    )


def origin_headers(distribution):
    """The headers that CloudFront adds to requests to the WebSocket API."""
    config = client("cloudfront").get_distribution(Id=distribution)["Distribution"]["DistributionConfig"]
    [origin] = [origin for origin in config["Origins"]["Items"] if origin["Id"] == "socket"]
    return {header["HeaderName"]: header["HeaderValue"] for header in origin["CustomHeaders"].get("Items", [])}
