"""`page`: the page's files in the stack's bucket, with the settings that the page shows."""

import pathlib
import re
import shutil
import tempfile

from runbook import consent
from runbook.failure import Failure
from runbook.settings import ROOT
from runbook.stack import Stack

# What only the local gateway serves, what is no part of the page, and what only tests need.
LEFT_OUT = ("docs", "react", "server", "node_modules", "test")
# Settings of the page, each a <meta> in index.html, and the parameter with its value.
SETTINGS = {"live-chat-max-message-length": "MaxMessageLength", "live-chat-picture-hosts": "PictureHosts"}


def page(options):
    """Uploads the page alone."""
    stack = Stack(options.environment)
    consent.show("Page", stack.identity, stack.settings, [f"replace the files of {stack.outputs()['PageBucketName']}"])
    consent.ask(options)
    upload(stack)


def upload(stack):
    """Uploads the page, and waits until CloudFront serves it."""
    outputs, parameters = stack.outputs(), stack.parameters()
    with tempfile.TemporaryDirectory() as folder:
        web = pathlib.Path(folder, "web")
        shutil.copytree(ROOT / "web", web, ignore=shutil.ignore_patterns(*LEFT_OUT))
        index = web / "index.html"
        index.write_text(with_settings(index.read_text(), parameters))
        stack.aws.run(
            ["s3", "sync", str(web), f"s3://{outputs['PageBucketName']}", "--region", stack.settings.region]
            + ["--delete", "--cache-control", "max-age=300", "--only-show-errors"]
        )
    distribution = outputs["DistributionId"]
    made = stack.aws("cloudfront", "create-invalidation", "--distribution-id", distribution, "--paths", "/*")
    stack.aws(
        "cloudfront", "wait", "invalidation-completed", "--distribution-id", distribution, "--id", made["Invalidation"]["Id"]
    )


def with_settings(html, parameters):
    """The page with the stack's settings."""
    for name, parameter in SETTINGS.items():
        # The deployed template may be older than this script.
        if parameter not in parameters:
            continue
        html, changed = re.subn(
            rf'(<meta name="{name}" content=")[^"]*(")', lambda found: f"{found[1]}{parameters[parameter]}{found[2]}", html
        )
        if changed != 1:
            raise Failure(f"index.html has {changed} elements <meta name=\"{name}\">, and should have one")
    return html
