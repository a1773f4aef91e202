"""Checks in addition to schemathesis's: rules that docs/openapi.yaml cannot express.

Each check also examines the run as a whole, so that none of them passes for lack of cases.
"""

import unicodedata
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
import schemathesis

IDS_PER_SESSION = 100_000_000
OPEN_SESSION = 1
PAGES = "GET /live-chat/messages"
SEND = "POST /live-chat/send-message"
DELETION = "DELETE /live-chat/messages/{message_id}"

# Documented responses that one open session without a rate limit cannot give, or for which no generated request is long enough.
# Other tests cover them.
UNSEEN = {"403", "413", "429", "431", "500", "503"}
# Nobody can guess the id of an action. No mode and no list of terms judges the messages of these runs.
UNSEEN_AT = {"GET /live-chat/moderation/actions/{action_id}": {"200"}}
UNSEEN_AT |= {f"POST /live-chat/{call}": {"202", "422"} for call in ("send-message", "announcements")}
# API Gateway answers so where there is no route, and these routes are there.
# No room has a next session into which another one would reach.
UNSEEN_AT["PATCH /live-chat/sessions/{session_id}"] = {"409"}
UNSEEN_AT |= {f"{call} /live-chat/moderation/terms": {"404"} for call in ("GET", "PUT")} | {"POST /live-chat/moderation/terms/test": {"404"}}
# The message in the document's examples belongs to another user.
SEEN_ALL_THE_SAME = {DELETION: {"403"}}


def is_known(response, case):
    """Whether the request has the operation's own method; schemathesis also tries all others."""
    return response.request.method == case.operation.method.upper()


def fits(case):
    """Whether the request matches the document."""
    return case.meta is not None and case.meta.generation.mode.is_positive


@schemathesis.hook
def map_case(context, case):
    """Takes out one of two parameters that exclude each other, where all are given: together they would invalidate every call."""
    if fits(case):
        for one, other in (("session_id", "room"), ("before", "after")):
            if {one, other} <= set(case.query or {}) and (other == "room" or "limit" in case.query):
                del case.query[other]
    return case


@schemathesis.hook
def before_add_examples(context, examples):
    """The same for the document's examples, which `map_case` does not see."""
    for case in examples:
        map_case(context, case)


@schemathesis.hook
def filter_case(context, case):
    """Leaves out a path that is made of a null in an earlier response: schemathesis holds what it takes from there to the schema, except null."""
    return not fits(case) or not {None, "null"} & set((case.path_parameters or {}).values())


@schemathesis.check
class UnknownMethod:
    """A method that a path does not have gets API Gateway's own 404, and reaches no function."""

    def __init__(self):
        self.tried = set()

    def after_response(self, ctx, response, case):
        if is_known(response, case):
            return
        method = response.request.method
        self.tried.add(method)
        answer = (response.status_code, response.headers["content-type"], response.json())
        assert answer == (404, ["application/json"], {"message": "Not Found"}), f"{method} gets {answer}"

    def after_run(self, ctx):
        assert len(self.tried) >= 6, f"Only {sorted(self.tried)} were tried"


@schemathesis.check
class RefusedPages:
    """Of the requests for pages that match the schema, exactly those with two anchors, or one of another session, are refused."""

    def __init__(self):
        self.seen = set()

    def after_response(self, ctx, response, case):
        if case.operation.label != PAGES or not fits(case) or response.status_code not in (200, 400):
            return
        query = parse_qs(urlsplit(response.request.url).query)
        anchors = [int(query[name][-1]) for name in ("before", "after") if name in query]
        elsewhere = [anchor for anchor in anchors if anchor // IDS_PER_SESSION != OPEN_SESSION]
        expected = 400 if len(anchors) == 2 or elsewhere else 200
        self.seen.add((expected, len(anchors)))
        assert response.status_code == expected, f"{query} gets {response.status_code}, not {expected}"

    def after_run(self, ctx):
        assert self.seen == {(200, 0), (200, 1), (400, 1), (400, 2)}, f"Only {sorted(self.seen)} were seen"


def is_usable(mention):
    """Whether an id has at most 255 bytes and no control or format characters, which JSON Schema cannot say."""
    text = str(mention)
    # A few invisible characters are of other categories: here, whether they are refused does not matter.
    return len(text.encode("utf-8", "surrogatepass")) <= 255 and not any(unicodedata.category(c) in ("Cc", "Cf") for c in text)


@schemathesis.check
class RefusedMentions:
    """A send that matches the schema is refused as invalid for its mentions alone: unusable ids, or more than five."""

    def __init__(self):
        self.refused = 0
        self.sent = 0

    def after_response(self, ctx, response, case):
        if case.operation.label != SEND or not fits(case) or response.status_code not in (200, 400):
            return
        mentions = case.body.get("mentions") or [] if isinstance(case.body, dict) else []
        is_fine = len(set(map(str, mentions))) <= 5 and all(map(is_usable, mentions))
        self.sent += response.status_code == 200
        self.refused += response.status_code == 400
        if response.status_code == 400:
            assert response.json()["detail"].startswith("mentions is a list") and mentions, f"{response.json()}"
        else:
            assert is_fine, f"{mentions} were taken"

    def after_run(self, ctx):
        assert self.sent > 50, f"Only {self.sent} messages were sent"


@schemathesis.check
class DocumentedAnswers:
    """Every documented status of every call was seen, except those that cannot occur here."""

    def __init__(self):
        self.documented = {}
        self.seen = {}

    def after_response(self, ctx, response, case):
        if is_known(response, case):
            label = case.operation.label
            self.documented[label] = {str(status) for status, _ in case.operation.responses.items()}
            self.seen.setdefault(label, set()).add(str(response.status_code))

    def after_run(self, ctx):
        wanted = {label: statuses - UNSEEN - UNSEEN_AT.get(label, set()) | SEEN_ALL_THE_SAME.get(label, set()) for label, statuses in self.documented.items()}
        missing = {label: sorted(statuses - self.seen[label]) for label, statuses in wanted.items()}
        missing = {label: statuses for label, statuses in missing.items() if statuses}
        assert not missing, f"These were never answered: {missing}"


@schemathesis.check
class Deleted:
    """A deleted message is on no page, and can be neither deleted again nor liked, nor can its likes be taken back.

    This check asks for each of these itself: whether generated requests meet a deleted message depends on chance.
    """

    def __init__(self):
        self.deleted = set()

    def after_response(self, ctx, response, case):
        if not is_known(response, case) or response.status_code != 200:
            return
        if case.operation.label == PAGES:
            shown = {message["id"] for message in response.json()["messages"]}
            assert not shown & self.deleted, f"{shown & self.deleted} are deleted"
        if case.operation.label == DELETION:
            message_id = int(case.path_parameters["message_id"])
            assert message_id not in self.deleted, f"{message_id} was deleted twice"
            self.deleted.add(message_id)
            for method, route in (("DELETE", "messages"), ("POST", "like-message"), ("DELETE", "like-message")):
                url = urljoin(response.request.url, f"/live-chat/{route}/{message_id}")
                again = requests.request(method, url, headers={"Authorization": response.request.headers["Authorization"]}, timeout=10)
                assert again.status_code == 404, f"{method} {url} gets {again.status_code}, though the message is deleted"

    def after_run(self, ctx):
        assert self.deleted, "No message was deleted"
