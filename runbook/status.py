"""`status`: the stack at a glance."""

from runbook import consent
from runbook.stack import Stack
from runbook.teardown import tables_of


def status(options):
    """Prints the stack's state, its outputs, and its alarms that are red; of a stack that is gone, the tables that remain."""
    stack = Stack(options.environment)
    existing = stack.described()
    if existing is None:
        left = tables_of(stack, existing)
        consent.show("Status", stack.identity, stack.settings, ["there is no stack", f"tables that remain: {', '.join(left) or 'none'}"])
        return
    consent.show("Status", stack.identity, stack.settings, [f"state: {existing['StackStatus']}"])
    for name, value in stack.outputs().items():
        print(f"{name:20} {value}")
    alarms = stack.aws("cloudwatch", "describe-alarms", "--alarm-name-prefix", f"{stack.name}-", "--state-value", "ALARM")
    for alarm in alarms["MetricAlarms"]:
        print(f"ALARM {alarm['AlarmName']}: {alarm.get('AlarmDescription', '').strip()}")
    if not alarms["MetricAlarms"]:
        print("no alarm is red")
