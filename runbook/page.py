"""`page`: the page's files in the stack's bucket, with the settings that the page shows."""

import pathlib
import re
import shutil
import tempfile

from runbook import consent
from runbook.failure import Failure
from runbook.settings import ROOT
from runbook.stack import Stack

# Files that are named after their content. Those of earlier deployments stay, for pages that were loaded before: each is some kB.
FINGERPRINTED = "assets"
# What names them.
PAGES = ("index.html", "moderate/index.html", "embed/index.html", "replay/index.html")
# How long a browser keeps the former, the latter, and all else.
FOREVER, ALWAYS_ASKED, MINUTES = "public, max-age=31536000, immutable", "no-cache", "max-age=300"
# The settings of the pages: each is a <meta>, and a parameter has its value.
CHAT = {"live-chat-max-message-length": "MaxMessageLength", "live-chat-picture-hosts": "PictureHosts"}
PICTURES = {"live-chat-picture-hosts": "PictureHosts"}
SETTINGS = {"index.html": CHAT, "embed/index.html": CHAT | {"live-chat-hosts": "EmbedOrigins"}, "replay/index.html": PICTURES}


def page(options):
    """Uploads the page alone."""
    stack = Stack(options.environment)
    consent.show("Page", stack.identity, stack.settings, [f"replace the files of {stack.outputs()['PageBucketName']}"])
    consent.ask(options)
    upload(stack)


def upload(stack):
    """Uploads the page, and waits until CloudFront serves it."""
    outputs = stack.outputs()
    bucket = f"s3://{outputs['PageBucketName']}"

    def s3(command, source, target, caching, *more):
        quietly = ["--region", stack.settings.region, "--only-show-errors"]
        stack.aws.run(["s3", command, source, target, "--cache-control", caching, *more, *quietly])

    with tempfile.TemporaryDirectory() as folder:
        files = pathlib.Path(folder, "page")
        gather(files, stack.parameters())
        others = [part for name in (f"{FINGERPRINTED}/*", *PAGES) for part in ("--exclude", name)]
        # A page goes live after what it names, and what no page names any more goes last: at no time does a load meet a file that is missing.
        s3("sync", str(files / FINGERPRINTED), f"{bucket}/{FINGERPRINTED}", FOREVER)
        s3("sync", str(files), bucket, MINUTES, *others)
        for name in PAGES:
            s3("cp", str(files / name), f"{bucket}/{name}", ALWAYS_ASKED)
        invalidate(stack, outputs["DistributionId"])
        s3("sync", str(files), bucket, MINUTES, *others, "--delete")


def gather(folder, parameters):
    """Puts what a browser needs into a folder: the bundled pages with the stack's settings, and the element and the client for pages of others."""
    web = ROOT / "web"
    shutil.copytree(web / "dist", folder)
    shutil.copytree(web / "client", folder / "client", ignore=shutil.ignore_patterns("node_modules", "test"))
    shutil.copy2(web / "icon.svg", folder)
    for name in SETTINGS:
        page = folder / name
        page.write_text(with_settings(page.read_text(), parameters, name))


def invalidate(stack, distribution):
    made = stack.aws("cloudfront", "create-invalidation", "--distribution-id", distribution, "--paths", "/*")
    stack.aws(
        "cloudfront", "wait", "invalidation-completed", "--distribution-id", distribution, "--id", made["Invalidation"]["Id"]
    )


def with_settings(html, parameters, page="index.html"):
    """A page with the stack's settings."""
    for name, parameter in SETTINGS[page].items():
        # The deployed template may be older than this script.
        if parameter not in parameters:
            continue
        html, changed = re.subn(
            rf'(<meta name="{name}" content=")[^"]*(")', lambda found: f"{found[1]}{parameters[parameter]}{found[2]}", html
        )
        if changed != 1:
            raise Failure(f"{page} has {changed} elements <meta name=\"{name}\">, and should have one")
    return html
