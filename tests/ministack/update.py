"""Whether an update by `./ops` reached the functions, the page and the edge.

Usage: update.py before DEPLOYMENT STATE, and after the update to MaxMessageLength=500: update.py after DEPLOYMENT STATE.
"""

import json
import os
import pathlib
import sys
import urllib.error
import urllib.request

import cloud
import token_of

BASE = os.environ["LIVE_CHAT_BASE_URL"]


def status_of(request):
    """The status of the answer to a request."""
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


def send(deployment, length):
    """The status of a message of so many characters."""
    headers = {"Authorization": f"Bearer {token_of.make(deployment['secret'], 'updater')}", "Content-Type": "application/json"}
    body = json.dumps({"message": "x" * length}).encode()
    return status_of(urllib.request.Request(f"{BASE}/live-chat/send-message", body, headers))


def around_the_edge(deployment):
    """The status of a call to the API itself, with a good token."""
    token = token_of.make(deployment["secret"], "stranger")
    address = f"{cloud.endpoint()}/_aws/execute-api/{deployment['ids']['HttpApi']}/$default/live-chat/status"
    return status_of(urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"}))


def seen(deployment):
    """What a deployment can be told by."""
    ids = deployment["ids"]
    config = cloud.client("lambda").get_function_configuration(FunctionName=ids["WsConnectFunction"])
    with urllib.request.urlopen(f"{BASE}/") as answer:
        page = answer.read().decode()
    return {
        "versions": {
            name: cloud.client("lambda").get_alias(FunctionName=ids[name], Name="live")["FunctionVersion"]
            for name in ids
            if name.endswith("Function") and name not in ("FanOutFunction", "FlushLaterFunction")
        },
        "secrets": config["Environment"]["Variables"]["LIVE_CHAT_ORIGIN_SECRETS"].split(","),
        "page": 'name="live-chat-max-message-length" content="500"' in page,
        "501 characters": send(deployment, 501),
        "500 characters": send(deployment, 500),
        "around the edge": around_the_edge(deployment),
    }


def equal(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: {found!r} instead of {wanted!r}")


def main(when, deployment, state):
    deployment, state = json.loads(pathlib.Path(deployment).read_text()), pathlib.Path(state)
    now = seen(deployment)
    equal("a call around the edge", now["around the edge"], 403)
    equal("a message of 500 characters", now["500 characters"], 200)
    if when == "before":
        equal("a message of 501 characters, before", now["501 characters"], 200)
        equal("the page's limit is 500, before", now["page"], False)
        state.write_text(json.dumps(now))
        return
    before = json.loads(state.read_text())
    equal("a message of 501 characters, after", now["501 characters"], 400)
    equal("the page's limit is 500, after", now["page"], True)
    equal("functions that kept their version", [n for n, v in now["versions"].items() if v == before["versions"][n]], [])
    equal("the window of secrets moved on by one", now["secrets"][:2], before["secrets"][1:])
    print(f"ok  an update by ops reaches {len(now['versions'])} functions, the page and the edge")


if __name__ == "__main__":
    main(*sys.argv[1:])
