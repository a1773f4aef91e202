"""`warm`, `purge-dead-letters` and `resume-broadcast`: what an operator does to single resources."""

from runbook import consent
from runbook.failure import Failure
from runbook.stack import Stack


def warm(options):
    """Prepares the chat table for so many units a second, before a big event."""
    stack = Stack(options.environment)
    table = stack.resource("ChatTable")
    units = f"ReadUnitsPerSecond={options.reads},WriteUnitsPerSecond={options.writes}"
    consent.show("Warm", stack.identity, stack.settings, [f"prepare {table} for {units}, which is billed once"])
    consent.ask(options)
    stack.aws("dynamodb", "update-table", "--table-name", table, "--warm-throughput", units)


def purge_dead_letters(options):
    """Empties the queue of dead letters. They hold no rows: only positions in a stream that has been read past them."""
    stack = Stack(options.environment)
    queue = stack.resource("BroadcastDeadLetters")
    found = stack.aws("sqs", "get-queue-attributes", "--queue-url", queue, "--attribute-names", "ApproximateNumberOfMessages")
    letters = found["Attributes"]["ApproximateNumberOfMessages"]
    consent.show("Purge", stack.identity, stack.settings, [f"delete {letters} dead letters; the table still holds every message"])
    consent.ask(options)
    stack.aws("sqs", "purge-queue", "--queue-url", queue)


def resume_broadcast(options):
    """Switches the broadcast's event source mapping on again."""
    stack = Stack(options.environment)
    function = stack.resource("BroadcastFunction")
    mappings = stack.aws("lambda", "list-event-source-mappings", "--function-name", f"{function}:live")["EventSourceMappings"]
    if not mappings:
        raise Failure(f"{function}:live has no event source mapping: deploy again")
    for mapping in mappings:
        print(f"mapping {mapping['UUID']} is {mapping['State']}")
    consent.show("Resume", stack.identity, stack.settings, ["enable every mapping of the broadcast"])
    consent.ask(options)
    for mapping in mappings:
        stack.aws("lambda", "update-event-source-mapping", "--uuid", mapping["UUID"], "--enabled")
