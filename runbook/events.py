"""`dead-events` and `resend-events`: events that a receiver did not take for a day (docs/webhooks.md)."""

import json
import time

from runbook import consent
from runbook.failure import Failure
from runbook.stack import Stack

PARTITION = "events#dead"
# An event that waits is kept for so long, as the function keeps it.
WAITING_SECONDS = 3 * 24 * 3600


def dead_events(options):
    """Lists the events that a receiver did not take for a day. They are kept for 14 days."""
    stack = Stack(options.environment)
    rows = list(dead(stack))
    for row in rows:
        receiver, _, event = row["sk"]["S"].partition("#")
        kind = json.loads(row["event"]["S"])["type"]
        first = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(row["due_first_ms"]["N"]) / 1000))
        print(f"{first} {kind} {event} to {receiver}: {row['failures']['N']} tries, {row.get('error', {}).get('S', 'none of late')}")
    print(f"{len(rows)} events were given up")


def resend_events(options):
    """Sends the events again that a receiver did not take for a day, from the next minute on and for another day."""
    stack = Stack(options.environment)
    rows = list(dead(stack))
    if not rows:
        raise Failure("There are none")
    consent.show("Send again", stack.identity, stack.settings, [f"let {len(rows)} events wait for their receivers again"])
    consent.ask(options)
    table = stack.resource("ConnectionsTable")
    for row in rows:
        stack.aws("dynamodb", "transact-write-items", request={"TransactItems": revival(table, row, int(time.time() * 1000))})
    print(f"{len(rows)} events wait again")


def dead(stack):
    """The rows of events that were given up."""
    request = {
        "TableName": stack.resource("ConnectionsTable"),
        "KeyConditionExpression": "pk = :dead",
        "ExpressionAttributeValues": {":dead": {"S": PARTITION}},
        "ConsistentRead": True,
    }
    while True:
        page = stack.aws("dynamodb", "query", request=request)
        yield from page.get("Items", [])
        if not page.get("LastEvaluatedKey"):
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def revival(table, row, now_ms):
    """A transaction: the row leaves those that were given up, and waits again (shared/src/features/outward/store.rs)."""
    receiver, _, event = row["sk"]["S"].partition("#")
    key = {"pk": {"S": f"events#{receiver}"}, "sk": {"S": f"{now_ms:015}#{event}"}}
    times = {"due_ms": {"N": str(now_ms)}, "due_first_ms": {"N": str(now_ms)}, "failures": {"N": "0"}}
    expires = {"expires_at": {"N": str(now_ms // 1000 + WAITING_SECONDS)}}
    dead_key = {"pk": row["pk"], "sk": row["sk"]}
    return [
        {"Delete": {"TableName": table, "Key": dead_key, "ConditionExpression": "attribute_exists(pk)"}},
        {"Put": {"TableName": table, "Item": row | key | times | expires}},
    ]
