"""Every alarm can go off, and clears when all is well; one hears of a function that fails each time."""

import tomllib

import transformed
from bounds import DAY, alarms, breaches, interval, range_of, runs, watched
from checked import Checked

# CloudWatch looks back over a day at most, or a week if a period is an hour or longer.
WEEK = 604_800
# The value of an alarm that misses something, of the runs of a function and how many of them failed.
SUCCESSES = {None: lambda runs, failed: runs, "runs - failed": lambda runs, failed: runs - failed}


class Thresholds(Checked):
    def test_every_alarm_can_go_off_and_clear(self):
        for name, alarm in alarms().items():
            least, most = range_of(alarm)
            rising = alarm["ComparisonOperator"].startswith("Greater")
            worst, best = (most, least) if rising else (least, most)
            self.check(
                breaches(worst, alarm),
                f"{name} can go off: its value reaches {worst:g} per period, its threshold is {alarm['Threshold']}",
            )
            self.check(
                not breaches(best, alarm), f"{name} can clear: at {best:g}, with the threshold {alarm['Threshold']}"
            )

    def test_periods_are_ones_that_cloudwatch_accepts(self):
        for name, alarm in alarms().items():
            _, period, _ = watched(alarm)
            periods = alarm["EvaluationPeriods"]
            self.check(
                period % 60 == 0 and periods * period <= (DAY if period < 3600 else WEEK),
                f"{name} looks back at most a day",
            )
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
            on = [
                metric
                for metric in metrics.values()
                if metric["MetricName"] == "Errors" and function in transformed.references(metric)
            ]
            if on and alarm["ComparisonOperator"].startswith("Greater") and breaches(runs(function, period), alarm):
                found.append(name)
        return found

    def alarms_on_success(self, function):
        """Those that go off if every run fails, and that are silent if one run of each period succeeds."""
        found = []
        for name, alarm in alarms().items():
            metrics, period, expression = watched(alarm)
            if function not in transformed.references(list(metrics.values())) or not alarm[
                "ComparisonOperator"
            ].startswith("Less"):
                continue
            all_runs = runs(function, period)
            none, one = (SUCCESSES[expression](all_runs, failed) for failed in (all_runs, all_runs - 1))
            if breaches(none, alarm) and not breaches(one, alarm) and alarm["TreatMissingData"] == "breaching":
                found.append(name)
        return found


class Dimensions(Checked):
    def test_the_age_of_the_stream_is_that_of_the_function(self):
        ages = [
            metric
            for alarm in alarms().values()
            for metric in watched(alarm)[0].values()
            if metric["MetricName"] == "IteratorAge"
        ]
        names = lambda metric: [dimension["Name"] for dimension in metric["Dimensions"]]
        self.check_all(ages, lambda metric: names(metric) == ["FunctionName"], "has no dimension but the function")
        dashboard = transformed.properties("Dashboard")["DashboardBody"]["Fn::Sub"]
        self.check(
            '"IteratorAge", "FunctionName", "${BroadcastFunction}", {' in dashboard,
            "the dashboard shows the same metric",
        )


class Deployments(Checked):
    def test_alarms_roll_back_unless_one_deploys_while_they_are_red(self):
        rings = {
            name
            for name, alarm in alarms().items()
            if "Errors" in str(alarm) and name.endswith("ErrorsAlarm") and "AWS/Lambda" in str(alarm)
        }
        for name, group in transformed.of_type("AWS::CodeDeploy::DeploymentGroup").items():
            configuration = group["Properties"]["AlarmConfiguration"]
            condition, red, usual = configuration.get("Fn::If", (None, None, configuration))
            listed = {alarm["Name"]["Ref"] for alarm in usual["Alarms"]}
            self.check(usual["Enabled"] and listed == rings, f"{name} watches all alarms on errors of functions")
            # Empty, and so disabled: SAM writes no `Enabled`.
            self.check((condition, red) == ("DeploysWhileRed", {}), f"{name} watches none while red")

    def test_a_deployment_while_alarms_are_red_is_the_only_one(self):
        stacks = tomllib.loads((transformed.ROOT / "samconfig.toml").read_text())
        del stacks["version"]
        # CloudFormation keeps the value of a parameter that a deployment does not name.
        reset = lambda stack: "DeployWhileRed=false" in stacks[stack]["deploy"]["parameters"]["parameter_overrides"]
        self.check_all(sorted(stacks), reset, "sets the alarms again")
