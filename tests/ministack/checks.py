"""Walks through the guide's chat on the deployment: REST, sockets, permissions, the schedule. Exits with an error if an expectation
fails.

Usage: checks.py DEPLOYMENT, with MINISTACK_URL and LIVE_CHAT_BASE_URL in the environment.
"""

import asyncio
import hashlib
import json
import os
import pathlib
import secrets
import sys
import time

import aiohttp

import cloud
import token_of

BASE = os.environ["LIVE_CHAT_BASE_URL"]
TEXT = "Grüße, 你好 <b>& 👩‍👩‍👧</b>"
PATIENCE = 15


class User:
    """A user with a token."""

    def __init__(self, http, secret, name, **claims):
        self.http, self.secret, self.token, self.tickets = http, secret, token_of.make(secret, name, **claims), []

    async def call(self, method, path, expected=200, **body):
        """A REST call; its answer as JSON."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.http.request(method, f"{BASE}/live-chat/{path}", headers=headers, json=body or None) as answer:
            text = await answer.text()
            equal(f"{method} {path}", answer.status, expected, text)
            return json.loads(text)

    async def text(self, path):
        """The answer to a GET as text."""
        async with self.http.get(f"{BASE}/live-chat/{path}", headers={"Authorization": f"Bearer {self.token}"}) as answer:
            text = await answer.text()
            equal(f"GET {path}", answer.status, 200, text)
            return text

    async def connect_by_ticket(self):
        ticket = (await self.call("POST", "ticket"))["ticket"]
        self.tickets.append(ticket)
        return Socket(await self.http.ws_connect(f"{BASE}/live-chat/ws/1?ticket={ticket}"))

    async def connect(self, query=""):
        return Socket(await self.http.ws_connect(f"{BASE}/live-chat/ws/1?token={self.token}{query}"))


class Socket:
    """A socket that keeps its events."""

    def __init__(self, socket):
        self.socket, self.heard = socket, []

    async def hear(self, kind, wanted=lambda event: True):
        """Waits for a matching event of this type; earlier events count, too."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    for event in self.heard:
                        if event["type"] == kind and wanted(event):
                            return event
                    event = await self.socket.receive_json()
                    self.heard += event["events"] if event["type"] == "batch" else [event]
        except (TimeoutError, TypeError) as error:
            # aiohttp raises a TypeError if the socket was closed.
            sys.exit(f"waited in vain for {kind} ({type(error).__name__}); heard {self.heard}")

    async def ask(self, frame, kind):
        """Sends a frame; returns the next response of this type."""
        self.heard.clear()
        await self.socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))
        return await self.hear(kind)


def equal(what, found, wanted, more=""):
    if found != wanted:
        sys.exit(f"{what}: {found!r} instead of {wanted!r}. {more}")


def done(what):
    print(f"ok  {what}", flush=True)


async def page(http):
    async with http.get(f"{BASE}/") as answer:
        equal("the page", answer.status, 200)
        equal("its policy", "default-src 'self'" in answer.headers["Content-Security-Policy"], True)
        equal("its text", (await answer.text()).startswith("<!doctype html>"), True)
    for path in ("/embed/", "/embed", "/moderate/"):
        async with http.get(f"{BASE}{path}") as answer:
            equal(path, answer.status, 200)
            equal(f"the policy of {path}", "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], True)
            equal(f"the text of {path}", (await answer.text()).startswith("<!doctype html>"), True)
    async with http.get(f"{BASE}/live-chat/ws/one") as answer:
        equal("a session that is no number", answer.status, 404)
    done("CloudFront serves the page from its bucket, with its headers, and runs the functions for folders and for sockets")


async def refusals(http, ann):
    async with http.get(f"{BASE}/live-chat/status") as answer:
        equal("no token", answer.status, 401)
        equal("its header", answer.headers["WWW-Authenticate"], "Bearer")
    for path, status in (("1?token=no.token", 401), (f"999999?token={ann.token}", 404)):
        try:
            await http.ws_connect(f"{BASE}/live-chat/ws/{path}")
        except aiohttp.WSServerHandshakeError as refusal:
            equal(f"the socket /ws/{path[:6]}", refusal.status, status)
        else:
            sys.exit(f"the socket /ws/{path[:6]} was accepted")
    done("calls and sockets without a good token are refused")


async def chat(ann, bob):
    status = await ann.call("GET", "status")
    equal("the session", (status["is_active"], status["session"]["id"]), (True, 1), status)
    equal("its end", status["session"]["end_time"], "9999-12-31T23:59:59Z")
    done("status: the session of the schedule `always` is open")

    third = await ann.connect_by_ticket()
    await third.ask({"type": "ping"}, "pong")
    await third.socket.close()
    try:
        await ann.http.ws_connect(f"{BASE}/live-chat/ws/1?ticket={ann.tickets[0]}")
    except aiohttp.WSServerHandshakeError as refusal:
        equal("a ticket that is used", refusal.status, 401)
    else:
        sys.exit("a ticket opened two sockets")
    done("a ticket opens one socket")

    first, second = await ann.connect(), await bob.connect("&batch=1")
    sent = await ann.call("POST", "send-message", message=TEXT, client_message_id="a")
    for socket in (first, second):
        event = await socket.hear("new_message")
        equal("the text", (event["message"]["message"], event["message"]["id"]), (TEXT, sent["message_id"]))
    again = await ann.call("POST", "send-message", message=TEXT, client_message_id="a")
    equal("a repeated send", (again["message_id"], again["duplicate"]), (sent["message_id"], True))
    done("a message sent over REST reaches both sockets, once")

    began = time.monotonic()
    ack = await first.ask({"type": "message", "message": "Hello everyone!", "client_message_id": "b"}, "ack")
    equal("the ack", (ack["client_message_id"], ack["message_id"]), ("b", sent["message_id"] + 1))
    answered = time.monotonic() - began
    for socket in (first, second):
        await socket.hear("new_message", lambda event: event["message"]["id"] == ack["message_id"])
    heard = time.monotonic() - began
    done(f"a message sent by a socket: ack after {1000 * answered:.0f} ms, both sockets have it after {1000 * heard:.0f} ms")

    pong = await second.ask({"type": "ping"}, "pong")
    equal("last_seq", pong["last_seq"], 2)
    resumed = await second.ask({"type": "resume", "after": 1}, "resumed")
    equal("what was missed", [message["seq"] for message in resumed["messages"]], [2])
    for frame in ("not JSON", "null", '{"type":"dance"}'):
        equal(frame, (await second.ask(frame, "error"))["code"], "invalid_request")
    done("ping, resume, and an error for what is no frame")

    message = sent["message_id"]
    await bob.call("POST", f"like-message/{message}")
    equal("a second like", (await bob.call("POST", f"like-message/{message}"))["already_liked"], True)
    await first.hear("message_like_update", lambda event: (event["message_id"], event["likes"]) == (message, 1))
    await ann.call("POST", "like")
    await second.hear("session_like_update", lambda event: event["total_likes"] == 1)
    likes = await ann.call("GET", "likes")
    equal("likes", (likes["total_likes"], likes["user_liked"]), (1, True))
    done("likes of a message and of the session are counted once and heard")

    report = await bob.call("POST", f"report-message/{message}", reason="spam")
    repeated = await bob.call("POST", f"report-message/{message}", reason="hate")
    equal("a second report", (repeated["already_reported"], repeated["report_id"]), (True, report["report_id"]))
    done("a message is reported once")

    await bob.call("DELETE", f"messages/{message}", expected=403)
    await ann.call("DELETE", f"messages/{message}")
    await second.hear("message_deleted", lambda event: event["message_id"] == message)
    listed = await bob.call("GET", "messages?limit=50")
    equal("the messages that are left", [entry["id"] for entry in listed["messages"]], [ack["message_id"]])
    done("the author, and nobody else, deletes a message; both sockets hear it")

    await bob.call("POST", "send-message", expected=400, message="   ")
    equal("viewers", (await ann.call("GET", "viewers"))["viewer_count"], 2)
    stats = await ann.call("GET", "stats")
    equal("stats", (stats["total_messages"], stats["recent_messages"], stats["total_likes"]), (2, 2, 1))
    first.heard.clear()
    await second.socket.close()
    await first.hear("viewer_count_update", lambda event: event["viewer_count"] == 1)
    done("viewers are counted; the count drops at once when one leaves")
    return first


async def many(ann, socket):
    """Messages of all senders arrive in the order of their numbers, and none is missing."""
    users = [User(ann.http, ann.secret, f"user{number}") for number in range(4)]
    await asyncio.gather(*(user.call("POST", "send-message", message="x") for user in users for _ in range(5)))
    await socket.hear("new_message", lambda event: event["message"]["seq"] == 22)
    numbers = [event["message"]["seq"] for event in socket.heard if event["type"] == "new_message"]
    equal("the order", numbers, list(range(3, 23)))
    done("20 messages of 4 users at once arrive once and in order")


async def rights(ann, ids):
    """The roles' policies are enforced: the checks above work with these permissions and no others."""
    iam = cloud.client("iam")
    role, policy = ids["StatusFunctionRole"], "forbid"
    forbidden = {"Effect": "Deny", "Action": "dynamodb:Query", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [forbidden]})
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=document)
    await ann.call("GET", "status", expected=503)
    iam.delete_role_policy(RoleName=role, PolicyName=policy)
    await ann.call("GET", "status")
    boundary = iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
    await User(ann.http, ann.secret, "newcomer").call("GET", "status", expected=503)
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=boundary)
    await ann.call("GET", "status")
    done("a call that a role or the boundary does not allow is refused")


async def moderation(mona, carl):
    """A ban closes the user's socket, refuses what follows, and has its entry; a lift ends it."""
    socket = await carl.connect()
    await carl.call("POST", "send-message", message="Soon gone")
    ban = await mona.call("POST", "moderation/actions", action="ban", user_id="carl", delete_messages=True, client_action_id="ban")
    repeated = await mona.call("POST", "moderation/actions", action="ban", user_id="carl", delete_messages=True, client_action_id="ban")
    equal("the repeated ban", repeated, ban)
    standing = await socket.hear("standing_update")
    equal("the standing", standing["standing"]["state"], "banned")
    async with asyncio.timeout(10):
        while not socket.socket.closed:
            await socket.socket.receive()
    headers = {"Authorization": f"Bearer {carl.token}"}
    async with mona.http.post(f"{BASE}/live-chat/send-message", headers=headers, json={"message": "Still there?"}) as answer:
        equal("a message of a banned user", (answer.status, (await answer.json())["code"]), (403, "banned"))
    page = await mona.call("GET", "messages")
    equal("messages of the banned user", [one for one in page["messages"] if one["user_id"] == "carl"], [])
    log = await mona.call("GET", "moderation/actions?user_id=carl")
    equal("the log", log["actions"], [ban])
    await mona.call("POST", "moderation/actions", action="lift", user_id="carl")
    await carl.call("POST", "send-message", message="Thank you")
    done("a ban closes the socket, takes the messages, refuses what follows and is in the log, until it is lifted")


async def rules(mona, dora):
    """Modes and words judge a send, and a message that is held is sent once it is approved."""
    await mona.call("POST", "moderation/actions", action="set_modes", modes={"emoji_only": True})
    refused = await dora.call("POST", "send-message", expected=422, message="words")
    equal("words in a room of emoji", refused["code"], "emoji_only")
    await mona.call("POST", "moderation/actions", action="set_modes", modes={"emoji_only": False, "review_all": True})
    socket = await dora.connect()
    held = await dora.call("POST", "send-message", expected=202, message="May I?", client_message_id="held")
    waiting = await mona.call("GET", "moderation/held")
    equal("what waits", [one["held_id"] for one in waiting["held"]], [held["held_id"]])
    await mona.call("POST", "moderation/actions", action="set_modes", modes={"review_all": False})
    await mona.call("POST", "moderation/actions", action="approve", held_id=held["held_id"])
    approved = await socket.hear("message_approved")
    listed = await mona.call("GET", "messages")
    equal("the approved message", [one["message"] for one in listed["messages"] if one["id"] == approved["message_id"]], ["May I?"])
    await mona.call("PUT", "moderation/terms", terms=[{"term": "rascal", "match": "word", "action": "block"}])
    refused = await dora.call("POST", "send-message", expected=422, message="You r4scal")
    equal("a blocked word", refused["code"], "term_blocked")
    await socket.socket.close()
    done("modes and words refuse a message, and one that is held is sent once it is approved")


async def voice(hans, dora):
    """An announcement stands out and is pinned; everybody hears it, and an event."""
    socket = await dora.connect()
    announced = await hans.call("POST", "announcements", message="We start at nine", color="blue")
    heard = await socket.hear("new_message", lambda event: event["message"]["message_type"] == "announcement")
    equal("the announcement", (heard["message"]["id"], heard["message"]["color"]), (announced["message_id"], "blue"))
    await hans.call("POST", "moderation/actions", action="pin", message_id=announced["message_id"])
    pinned = await socket.hear("pins_update", lambda event: event["pins"])
    equal("the pin", [one["id"] for one in pinned["pins"]], [announced["message_id"]])
    await hans.call("POST", "moderation/actions", action="unpin", message_id=announced["message_id"])
    told = await hans.call("POST", "events", name="goal", attributes={"team": "red"}, client_event_id="goal-1")
    again = await hans.call("POST", "events", name="goal", client_event_id="goal-1")
    equal("the repeated event", (again["seq"], again["duplicate"]), (told["seq"], True))
    event = await socket.hear("event", lambda event: event["name"] == "goal")
    equal("the event", (event["seq"], event["attributes"]), (told["seq"], {"team": "red"}))
    asked = await hans.call("POST", "polls", expected=201, question="Encore?", options=["Yes", "No"], seconds=60)
    poll = asked["poll"]["id"]
    for option in (0, 1):
        await dora.call("POST", f"polls/{poll}/vote", option=option)
    closed = await hans.call("POST", f"polls/{poll}/close", reason="over")
    equal("the result", [one["votes"] for one in closed["poll"]["options"]], [0, 1])
    result = await socket.hear("poll_update", lambda event: event["poll"]["state"] == "ended")
    equal("the result in the room", result["poll"]["total_votes"], 1)
    equal("the list of polls", (await dora.call("GET", "polls"))["polls"][0]["my_vote"], 1)
    drawn = await hans.call("POST", "draws", expected=201, prize="A signed cup", winners=1, among="voters", poll_id=poll)
    equal("the entrants", len((await dora.call("GET", f"draws/{drawn['draw']['id']}/entrants"))["entrants"]), 1)
    revealed = await hans.call("POST", f"draws/{drawn['draw']['id']}/reveal", reason="over")
    equal("the commitment", revealed["draw"]["commitment"], drawn["draw"]["commitment"])
    won = await socket.hear("draw_update", lambda event: event["draw"]["state"] == "revealed")
    equal("the winners", won["draw"]["winners"], revealed["draw"]["winners"])
    await hans.call("POST", f"draws/{drawn['draw']['id']}/redraw", expected=409, reason="nobody is left")
    equal("the list of draws", (await dora.call("GET", "draws"))["draws"][0]["state"], "revealed")
    await socket.socket.close()
    done("a poll is voted in and closed, and a winner is drawn among its voters")
    done("an announcement is heard, and pinned until it is unpinned; an event is heard once")


async def taking_part(mona, dora):
    """Reactions count for the room, a question is voted for and answered."""
    socket = await dora.connect()
    counted = await dora.call("POST", "react", reactions={"🎉": 3})
    equal("what counts", counted["reactions"], {"🎉": 3})
    told = await socket.hear("reactions", lambda event: event["totals"]["🎉"] >= 3)
    equal("the set", list(told["totals"]), ["❤️", "👏", "😂", "🎉", "😮", "🔥"])
    status = await dora.call("GET", "status")
    equal("the totals", status["session"]["reactions"]["🎉"], told["totals"]["🎉"])
    asked = await dora.call("POST", "send-message", message="When?", kind="question")
    await mona.call("POST", f"like-message/{asked['message_id']}")
    await mona.call("POST", f"questions/{asked['message_id']}/answered", answered=True)
    update = await socket.hear("question_update", lambda event: event["message_id"] == asked["message_id"])
    equal("the mark", update["answered"], True)
    listed = await dora.call("GET", "questions?sort=likes")
    equal("the questions", [(one["id"], one["likes"], one["answered"]) for one in listed["questions"]], [(asked["message_id"], 1, True)])
    await socket.socket.close()
    done("reactions count for the room, and a question is voted for and answered")


async def rooms(hans, dora):
    """A host opens a session in another room, changes it and ends it; what is said there stays there."""
    opened = (await hans.call("POST", "sessions", expected=201, name="Backstage", room="stage", client_action_id="open"))["session"]
    repeated = await hans.call("POST", "sessions", expected=201, name="Backstage", room="stage", client_action_id="open")
    equal("the repeated session", repeated["session"]["id"], opened["id"])
    await hans.call("POST", "sessions", expected=409, name="Another one", room="stage")
    sent = await dora.call("POST", "send-message?room=stage", message="Who is here?")
    equal("the message's session", sent["message_id"] // 100_000_000, opened["id"])
    changed = await hans.call("PATCH", f"sessions/{opened['id']}", name="Behind the stage", max_message_length=5)
    equal("the changed session", (changed["session"]["name"], changed["session"]["max_message_length"]), ("Behind the stage", 5))
    await dora.call("POST", "send-message?room=stage", expected=400, message="too long")
    ended = await hans.call("POST", f"sessions/{opened['id']}/end", reason="over")
    equal("the ended session", ended["session"]["state"], "ended")
    await dora.call("POST", "send-message?room=stage", expected=403, message="hello")
    listed = await dora.call("GET", "sessions?room=stage")
    equal("the list", [(one["id"], one["state"]) for one in listed["sessions"]], [(opened["id"], "ended")])
    text = await hans.text(f"sessions/{opened['id']}/export")
    body, _, end = text.rstrip("\n").rpartition("\n")
    told = json.loads(end)
    types = [json.loads(line)["type"] for line in body.split("\n")]
    equal("the export's records", (types[0], types.count("message"), types.count("action")), ("session", 1, 3), text)
    equal("the export's sum", told["sha256"], hashlib.sha256(f"{body}\n".encode()).hexdigest())
    done("a host opens a session in another room, changes it, ends it, and exports it")


async def counters(ids, ann, bob, socket):
    """There are two rooms now: a like that must wait is left to flush-later, and its room hears the last value."""
    async with asyncio.timeout(PATIENCE):
        while not any('"deferred topics flushed"' in line for line in lines_of(ids["FunctionLogs"])):
            await asyncio.gather(*(user.call("POST", "like") for user in (ann, bob)))
            await asyncio.gather(*(user.call("DELETE", "like") for user in (ann, bob)))
    await asyncio.gather(*(user.call("POST", "like") for user in (ann, bob)))
    await socket.hear("session_like_update", lambda event: event["total_likes"] == 2)
    done("a like that must wait is flushed later")


async def rotation(ann):
    """A token of the secret's new version is accepted within the pause between fetches; one of the previous version still is, too."""
    secret = secrets.token_urlsafe(32)
    cloud.client("secretsmanager").put_secret_value(SecretId=cloud.STACK, SecretString=secret)
    headers = {"Authorization": f"Bearer {token_of.make(secret, 'rotated')}"}
    async with asyncio.timeout(60):
        while True:
            async with ann.http.get(f"{BASE}/live-chat/status", headers=headers) as answer:
                if answer.status == 200:
                    break
            await asyncio.sleep(1)
    await ann.call("GET", "status")
    done("the secret is rotated under the running functions")


async def schedule(ids):
    """EventBridge runs housekeep within its minute."""
    async with asyncio.timeout(90):
        while not any('"house kept"' in line for line in lines_of(ids["FunctionLogs"])):
            await asyncio.sleep(1)
    done("the schedule ran housekeep")


def logs(ids, users):
    """No function failed except the one whose permissions were removed, and the logs contain no secrets."""
    lines = lines_of(ids["FunctionLogs"])
    forbidden = f'"function.name":"{ids["StatusFunction"]}"'
    secrets_of = [user.token.split(".")[2] for user in users] + [ticket for user in users for ticket in user.tickets]
    for line in lines:
        equal("a log holds a failure", '"level":"ERROR"' in line and forbidden not in line, False, line)
        told = any(secret in line for secret in [*secrets_of, TEXT])
        equal("a log holds a token or a text", told, False, line)
    for name in (name for name in ids if name.endswith("Function") and name != "FanOutFunction"):
        equal(f"{name} logs", any(f'"function.name":"{ids[name]}"' in line for line in lines), True)
    done(f"{len(lines)} lines of logs tell of no failure and hold neither a token nor a text")


def lines_of(group):
    pages = cloud.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    return [line["message"] for page in pages for line in page["events"]]


async def main(path):
    deployment = json.loads(pathlib.Path(path).read_text())
    ids = deployment["ids"]
    async with aiohttp.ClientSession() as http:
        ann, bob = (User(http, deployment["secret"], name) for name in ("ann", "bob"))
        await page(http)
        await refusals(http, ann)
        socket = await chat(ann, bob)
        await many(ann, socket)
        await moderation(User(http, deployment["secret"], "mona", roles=["moderator"]), User(http, deployment["secret"], "carl"))
        await rules(User(http, deployment["secret"], "hans", roles=["host"]), User(http, deployment["secret"], "dora"))
        await voice(User(http, deployment["secret"], "hans", roles=["host"]), User(http, deployment["secret"], "dora"))
        await taking_part(User(http, deployment["secret"], "mona", roles=["moderator"]), User(http, deployment["secret"], "dora"))
        await rooms(User(http, deployment["secret"], "hans", roles=["host"]), User(http, deployment["secret"], "dora"))
        await counters(ids, ann, bob, socket)
        await rights(ann, ids)
        await rotation(ann)
        await schedule(ids)
        await ann.call("POST", "send-message", message="Still there")
        await socket.hear("new_message", lambda event: event["message"]["message"] == "Still there")
        done("the socket outlived housekeep")
        logs(ids, (ann, bob))
    queue = cloud.client("sqs").get_queue_attributes(QueueUrl=ids["BroadcastDeadLetters"], AttributeNames=["All"])
    equal("dead letters", queue["Attributes"]["ApproximateNumberOfMessages"], "0")
    done("no batch of the stream became a dead letter")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
