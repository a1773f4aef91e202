"""Every alarm can go off, and clears when all is well: bounds of its metric per period against its threshold."""

import math
import re

import transformed
from checked import Checked

# How an alarm combines its metrics. Each takes, for each of them, the least and the most per period, and returns the same of the
# expression. A new expression needs its line here.
COMBINED = {
    # Each metric must be able to set off the alarm alone: who fails is one function, seldom several.
    "SUM(METRICS())": lambda bounds: (0, min(most for _, most in bounds.values())),
    "IF(connects >= 20, 100 * failed / connects, 0)": lambda bounds: (0, 100 if bounds["connects"][1] >= 20 else 0),
    "runs - failed": lambda bounds: (bounds["runs"][0] - bounds["failed"][1], bounds["runs"][1]),
}
# CloudWatch: period times evaluation periods, for periods below an hour and for longer ones.
DAY, WEEK = 86_400, 604_800


def alarms():
    return {name: alarm["Properties"] for name, alarm in transformed.of_type("AWS::CloudWatch::Alarm").items()}


def interval(function):
    """The seconds between two runs of a function that only a schedule calls; None for all others."""
    events = transformed.source()["Resources"][function]["Properties"].get("Events", {}).values()
    rates = [re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", event["Properties"]["Schedule"]) for event in events if event["Type"] == "Schedule"]
    if not rates or len(rates) < len(events):
        return None
    [rate] = rates
    return int(rate[1]) * {"minute": 60, "hour": 3600, "day": DAY}[rate[2]]


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
    timeout = transformed.source()["Globals"]["Function"]["Timeout"]
    called = [f for f in functions if any(event["Type"] == "HttpApi" for event in f.get("Properties", {}).get("Events", {}).values() if isinstance(event, dict))]
    return 1000 * min(30, max(function["Properties"].get("Timeout", timeout) for function in called))


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


class Thresholds(Checked):
    def test_every_alarm_can_go_off_and_clear(self):
        for name, alarm in alarms().items():
            least, most = range_of(alarm)
            rising = alarm["ComparisonOperator"].startswith("Greater")
            worst, best = (most, least) if rising else (least, most)
            self.check(breaches(worst, alarm), f"{name} can go off: its value reaches {worst:g} per period, its threshold is {alarm['Threshold']}")
            self.check(not breaches(best, alarm), f"{name} can clear: at {best:g}, with the threshold {alarm['Threshold']}")

    def test_periods_are_ones_that_cloudwatch_accepts(self):
        for name, alarm in alarms().items():
            _, period, _ = watched(alarm)
            periods = alarm["EvaluationPeriods"]
            self.check(period % 60 == 0 and periods * period <= (DAY if period < 3600 else WEEK), f"{name} looks back at most a day")
            self.check(1 <= alarm.get("DatapointsToAlarm", periods) <= periods, f"{name} counts some of its periods")
            self.check(len(watched(alarm)[0]) <= 10, f"{name} has at most ten metrics")

    def test_every_function_that_a_schedule_runs_is_heard_when_it_fails_each_time(self):
        scheduled = [name for name in transformed.of_type("AWS::Lambda::Function") if interval(name)]
        self.check(scheduled == ["HousekeepFunction"], "the scheduled functions were found")
        for function in scheduled:
            of_errors, of_success = self.alarms_on_errors(function), self.alarms_on_success(function)
            self.check(of_errors, f"an alarm counts the errors of {function}")
            self.check(of_success, f"an alarm misses the successes of {function}")

    def alarms_on_errors(self, function):
        """Those that go off if every run of this function fails, and no other function does."""
        found = []
        for name, alarm in alarms().items():
            metrics, period, _ = watched(alarm)
            on = [metric for metric in metrics.values() if metric["MetricName"] == "Errors" and function in transformed.references(metric)]
            if on and alarm["ComparisonOperator"].startswith("Greater") and breaches(runs(function, period), alarm):
                found.append(name)
        return found

    def alarms_on_success(self, function):
        """Those that go off if every run fails, and that are silent if one run of each period succeeds."""
        found = []
        for name, alarm in alarms().items():
            metrics, period, expression = watched(alarm)
            if function not in transformed.references(list(metrics.values())) or not alarm["ComparisonOperator"].startswith("Less"):
                continue
            all_runs = runs(function, period)
            value = lambda failed: eval(expression or "runs", {}, {"runs": all_runs, "failed": failed})
            if breaches(value(all_runs), alarm) and not breaches(value(all_runs - 1), alarm) and alarm["TreatMissingData"] == "breaching":
                found.append(name)
        return found


class Dimensions(Checked):
    def test_the_age_of_the_stream_is_that_of_the_function(self):
        ages = [metric for alarm in alarms().values() for metric in watched(alarm)[0].values() if metric["MetricName"] == "IteratorAge"]
        names = lambda metric: [dimension["Name"] for dimension in metric["Dimensions"]]
        self.check_all(ages, lambda metric: names(metric) == ["FunctionName"], "has no dimension but the function")
        dashboard = transformed.properties("Dashboard")["DashboardBody"]["Fn::Sub"]
        self.check('"IteratorAge", "FunctionName", "${BroadcastFunction}", {' in dashboard, "the dashboard shows the same metric")


class Deployments(Checked):
    def test_alarms_roll_back_unless_one_deploys_while_they_are_red(self):
        rings = {name for name, alarm in alarms().items() if "Errors" in str(alarm) and name.endswith("ErrorsAlarm") and "AWS/Lambda" in str(alarm)}
        for name, group in transformed.of_type("AWS::CodeDeploy::DeploymentGroup").items():
            configuration = group["Properties"]["AlarmConfiguration"]
            condition, red, usual = configuration.get("Fn::If", (None, None, configuration))
            listed = {alarm["Name"]["Ref"] for alarm in usual["Alarms"]}
            self.check(usual["Enabled"] and listed == rings, f"{name} watches all alarms on errors of functions")
            # Empty, and so disabled: SAM writes no `Enabled`.
            self.check((condition, red) == ("DeploysWhileRed", {}), f"{name} watches none while red")
