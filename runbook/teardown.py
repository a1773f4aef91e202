"""`teardown`: the end of a stack."""

from runbook import consent
from runbook.failure import Failure
from runbook.stack import Stack
from runbook.steps import Steps

TABLES = ("ChatTable", "ConnectionsTable", "AuditTable")
# S3's limit of one call.
OBJECTS = 1000
GONE = "ResourceNotFoundException"


def teardown(options):
    """Deletes the stack. Tables and secret are kept, unless the operator asks for their end, too. Every name comes from the stack itself
    or begins with its name: another stack's tables cannot be meant."""
    stack = Stack(options.environment)
    existing = stack.described()
    tables = tables_of(stack, existing)
    secret = stack.aws.find(GONE, "secretsmanager", "describe-secret", "--secret-id", stack.name)
    bucket = stack.outputs().get("PageBucketName") if existing else None
    if not (existing or (options.delete_tables and tables) or (options.delete_secret and secret)):
        raise Failure(f"There is nothing left of {stack.name}" + (f" but {', '.join(tables)}" if tables else ""))
    kept = [*tables] * (not options.delete_tables) + [f"secret {stack.name}"] * bool(secret and not options.delete_secret)
    lines = ["delete the stack, and empty its bucket"] if existing else []
    lines += [f"delete the table {table} WITH ALL ITS ROWS" for table in tables if options.delete_tables]
    lines += [f"delete the secret {stack.name}, recoverable for 30 days"] if secret and options.delete_secret else []
    lines += [f"keep {', '.join(kept)}"] if kept else []
    consent.show("Tear-down", stack.identity, stack.settings, lines)
    consent.ask_for_name(options, stack.name)
    steps = Steps()
    if options.delete_tables:
        # Before the stack: if its first creation failed, CloudFormation deletes the tables itself.
        for table in tables:
            with steps.step(f"protection of {table}"):
                unprotect(stack, table)
    if bucket:
        with steps.step("bucket"):
            empty(stack, bucket)
    if existing:
        with steps.step("stack"):
            stack.aws("cloudformation", "delete-stack", "--stack-name", stack.name)
            stack.wait("delete")
    if options.delete_tables:
        for table in tables:
            with steps.step(f"table {table}"):
                delete_table(stack, table)
    if secret and options.delete_secret:
        with steps.step("secret"):
            stack.aws("secretsmanager", "delete-secret", "--secret-id", secret["ARN"], "--recovery-window-in-days", "30")
    print(f"Left: {', '.join(kept) or 'nothing'}; the account keeps API Gateway's log role, which other APIs may use")


def tables_of(stack, existing):
    """The stack's tables: those of its resources, or of its name if the stack is gone."""
    if existing:
        return [table for table in map(stack.resource_if_any, TABLES) if table]
    names = stack.aws("dynamodb", "list-tables")["TableNames"]
    # CloudFormation names a table after its stack, its logical id, and something random without a hyphen.
    beginnings = [f"{stack.name}-{table}-" for table in TABLES]
    return [name for name in names for start in beginnings if name.startswith(start) and "-" not in name.removeprefix(start)]


def empty(stack, bucket):
    """Deletes every object, and its versions if somebody has switched them on. The bucket may be gone since an earlier attempt."""
    found = stack.aws.find("NoSuchBucket", "s3api", "list-object-versions", "--bucket", bucket)
    if found is None:
        return
    listed = found.get("Versions", []) + found.get("DeleteMarkers", [])
    objects = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in listed]
    for first in range(0, len(objects), OBJECTS):
        request = {"Bucket": bucket, "Delete": {"Objects": objects[first : first + OBJECTS], "Quiet": True}}
        # The call succeeds even if S3 refuses to delete some of them.
        if errors := stack.aws("s3api", "delete-objects", request=request).get("Errors"):
            raise Failure(f"{len(errors)} objects of {bucket} remain, the first is {errors[0]['Key']}: {errors[0]['Code']}")


def unprotect(stack, table):
    """Lifts the protection of one table."""
    if stack.aws.find(GONE, "dynamodb", "update-table", "--table-name", table, "--no-deletion-protection-enabled") is not None:
        stack.aws("dynamodb", "wait", "table-exists", "--table-name", table)


def delete_table(stack, table):
    """Deletes one table, which may be gone with its stack."""
    if stack.aws.find(GONE, "dynamodb", "delete-table", "--table-name", table) is not None:
        stack.aws("dynamodb", "wait", "table-not-exists", "--table-name", table)
