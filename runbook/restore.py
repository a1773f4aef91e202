"""`restore`: rows of an earlier second, back in the chat table. A restore makes a new table, without stream and settings, so its rows are
copied: those that the chat table does not have. What is there is newer, and stays. Users who were erased since do not come back."""

import concurrent.futures
import re

from runbook import consent
from runbook.erased import Erased
from runbook.failure import Failure
from runbook.stack import Stack
from runbook.steps import Steps

# DynamoDB's limits of a transaction: 100 actions. Rows of some hundred bytes stay far below its 4 MB.
ROWS = 100
PAGE = 1000
AT_ONCE = 4
# Reasons for which a row was not written, although nothing is wrong with it.
PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
TRIES = 5
# A restore takes an hour or less, unless the table is huge.
WAITS = 12


def restore(options):
    """Restores the chat table of a point in time (within the last 35 days), and copies what is missing."""
    if (options.time is None) == (options.source is None):
        raise Failure("Give either a time, or a table by --from")
    if options.time and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", options.time):
        raise Failure(f"{options.time!r} is no time in UTC such as 2026-01-31T19:55:00Z")
    stack = Stack(options.environment)
    table = stack.resource("ChatTable")
    restored = options.source or f"{table}-at-{options.time.replace(':', '').replace('-', '')}"
    there = stack.aws.find("ResourceNotFoundException", "dynamodb", "describe-table", "--table-name", restored)
    if options.source and not there:
        raise Failure(f"There is no table {options.source}")
    lines = [f"{'go on with' if there else 'restore'} {restored}", f"copy its rows that {table} does not have"]
    consent.show("Restore", stack.identity, stack.settings, [*lines, f"keep {restored}, until you delete it"])
    consent.ask(options)
    steps = Steps()
    with steps.step("restore"):
        if not there:
            stack.aws(
                "dynamodb", "restore-table-to-point-in-time", "--source-table-name", table, "--target-table-name", restored,
                "--restore-date-time", options.time,
            )
        wait_until_restored(stack.aws, restored)
    with steps.step("copy"):
        copied, present = copy(stack.aws, restored, table)
    print(f"{copied} rows copied, {present} were there. {restored} is yours to delete")


def wait_until_restored(aws, table):
    """Waits for a restore, which takes longer than the CLI waits (25 times 20 seconds)."""
    for _ in range(WAITS):
        try:
            aws("dynamodb", "wait", "table-exists", "--table-name", table)
            return
        except Failure:
            found = aws("dynamodb", "describe-table", "--table-name", table)["Table"]["TableStatus"]
            if found != "CREATING":
                raise
    raise Failure(f"{table} is still being restored")


def copy(aws, source, target):
    """Copies the rows that the target does not have; the numbers of rows copied and of rows that were there."""
    copied = present = 0
    erased = Erased.of(aws, target)
    if erased.erased_ms:
        # Pseudonyms first: rows about a person are known by nothing else.
        for rows in pages(aws, source):
            for row in rows:
                erased.note(row)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for rows in pages(aws, source):
            rows = [left for row in rows if (left := erased.left(row)) is not None]
            parts = [rows[first : first + ROWS] for first in range(0, len(rows), ROWS)]
            for new in pool.map(lambda part: write(aws, target, part), parts):
                copied += new
            present = present + len(rows)
            print(f"{present} rows read, {copied} copied", flush=True)
    return copied, present - copied


def pages(aws, table):
    """The table's rows, page by page."""
    start = {}
    while True:
        page = aws("dynamodb", "scan", request={"TableName": table, "ConsistentRead": True, "Limit": PAGE} | start)
        yield page.get("Items", [])
        if not page.get("LastEvaluatedKey"):
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def write(aws, table, rows):
    """Writes the rows that are missing, in one transaction: the answer to a refused one says which are there. The number written."""
    tries = 0
    while rows:
        actions = [
            {"Put": {"TableName": table, "Item": row, "ConditionExpression": "attribute_not_exists(pk)"}} for row in rows
        ]
        try:
            aws("dynamodb", "transact-write-items", request={"TransactItems": actions})
            return len(rows)
        except Failure as failure:
            reasons = re.search(r"specific reasons \[([^\]]*)\]", str(failure))
            if not reasons:
                raise
            reasons = [reason.strip() for reason in reasons[1].split(",")]
            missing = [row for row, reason in zip(rows, reasons, strict=True) if reason != "ConditionalCheckFailed"]
            if len(missing) == len(rows):
                tries += 1
                if tries == TRIES or not PASSING & set(reasons):
                    raise
            rows = missing
    return 0
