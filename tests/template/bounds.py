"""What the value of an alarm can be per period, at least and at most."""

import math
import re

import transformed

# How an alarm combines its metrics. Each takes, for each of them, the least and the most per period, and returns the same of the
# expression. A new expression needs its line here.
COMBINED = {
    # Each metric must be able to set off the alarm alone: who fails is one function, seldom several.
    "SUM(METRICS())": lambda bounds: (0, min(most for _, most in bounds.values())),
    "IF(connects >= 20, 100 * failed / connects, 0)": lambda bounds: (0, 100 if bounds["connects"][1] >= 20 else 0),
    "runs - failed": lambda bounds: (bounds["runs"][0] - bounds["failed"][1], bounds["runs"][1]),
}
DAY = 86_400


def alarms():
    return {name: alarm["Properties"] for name, alarm in transformed.of_type("AWS::CloudWatch::Alarm").items()}


def events_of(function):
    """What calls a function, as the template says it."""
    events = function.get("Properties", {}).get("Events", {})
    return list(events.values())


def interval(function):
    """The seconds between two runs of a function that only a schedule calls; None for all others."""
    events = events_of(transformed.source()["Resources"][function])
    if not events or any(event["Type"] != "Schedule" for event in events):
        return None
    [event] = events
    number, unit = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", event["Properties"]["Schedule"]).groups()
    return int(number) * {"minute": 60, "hour": 3600, "day": DAY}[unit]


def runs(function, period):
    """The most runs of a function per period. Requests and the stream are not bounded."""
    every = interval(function)
    if every is None:
        return math.inf
    retries = transformed.source()["Resources"][function]["Properties"]["EventInvokeConfig"]["MaximumRetryAttempts"]
    return period / every * (1 + retries)


def longest_call():
    """The longest response of the HTTP API in milliseconds: a function's timeout, or the API's own thirty seconds."""
    functions = transformed.source()["Resources"].values()
    called = [function for function in functions if any(event["Type"] == "HttpApi" for event in events_of(function))]
    usual = transformed.source()["Globals"]["Function"]["Timeout"]
    return 1000 * min(30, max(function["Properties"].get("Timeout", usual) for function in called))


def bounds(metric, period):
    """The least and the most that a metric can be per period."""
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
    function = dimensions.get("FunctionName", {}).get("Ref")
    name = f"{metric['Namespace']} {metric['MetricName']}"
    if name in ("AWS/Lambda Errors", "AWS/Lambda Throttles", "AWS/Lambda Invocations"):
        return 0, runs(function, period)
    if name == "AWS/Lambda IteratorAge":
        # An older record is not passed on.
        event = transformed.properties(f"{function}Stream")
        return 0, 1000 * event["MaximumRecordAgeInSeconds"]
    limits = transformed.source()["Parameters"]
    known = {
        "AWS/ApiGateway 5xx": limits["HttpRateLimit"]["Default"] * period,
        "AWS/ApiGateway Latency": longest_call(),
        "AWS/ApiGateway ConnectCount": limits["SocketRateLimit"]["Default"] * period,
        "AWS/ApiGateway IntegrationError": limits["SocketRateLimit"]["Default"] * period,
        "AWS/ApiGateway ExecutionError": limits["SocketRateLimit"]["Default"] * period,
        # As long as a room is large, a queue is not emptied, or a table is used.
        "LiveChat RowToSocketDelay": math.inf,
        # Each message may be one.
        "LiveChat ReviewFailures": math.inf,
        # Each event may be one.
        "LiveChat EventsNotTaken": math.inf,
        "LiveChat EventsDead": math.inf,
        "AWS/SQS ApproximateNumberOfMessagesVisible": math.inf,
        "AWS/DynamoDB ReadThrottleEvents": math.inf,
        "AWS/DynamoDB WriteThrottleEvents": math.inf,
        "AWS/DynamoDB SystemErrors": math.inf,
    }
    return 0, known[name]


def watched(alarm):
    """An alarm's metrics by id, with their period, and its expression."""
    if "Metrics" not in alarm:
        return {"only": alarm}, alarm["Period"], None
    stats = {metric["Id"]: metric["MetricStat"] for metric in alarm["Metrics"] if "MetricStat" in metric}
    [expression] = [metric["Expression"] for metric in alarm["Metrics"] if "Expression" in metric]
    [period] = {stat["Period"] for stat in stats.values()}
    return {name: stat["Metric"] for name, stat in stats.items()}, period, expression


def range_of(alarm):
    """The least and the most that an alarm's value can be per period."""
    metrics, period, expression = watched(alarm)
    each = {name: bounds(metric, period) for name, metric in metrics.items()}
    return each["only"] if expression is None else COMBINED[expression](each)


def breaches(value, alarm):
    compare = {
        "GreaterThanThreshold": value > alarm["Threshold"],
        "GreaterThanOrEqualToThreshold": value >= alarm["Threshold"],
        "LessThanThreshold": value < alarm["Threshold"],
        "LessThanOrEqualToThreshold": value <= alarm["Threshold"],
    }
    return compare[alarm["ComparisonOperator"]]
