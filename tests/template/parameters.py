"""What CloudFormation does with a set of parameters before it creates anything: patterns, rules and conditions."""

import re

import transformed

REGION = "eu-central-1"
# What a deployment must give besides the defaults.
SECRET = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:live-chat-AbCdEf"
MINIMAL = {"JwtSecretArn": SECRET}


def refusals(region=REGION, **given):
    """Why CloudFormation refuses these parameters; empty if it accepts them."""
    template = transformed.source()
    reasons = [f"there is no parameter {name}" for name in given if name not in template["Parameters"]]
    values = values_of(template, region, given)
    # A rule cannot see it.
    del values["AWS::StackName"]
    for name, parameter in template["Parameters"].items():
        reasons += of_parameter(name, parameter, str(values[name]))
    for name, rule in template.get("Rules", {}).items():
        for assertion in rule["Assertions"] if evaluate(rule.get("RuleCondition", True), values, RULE) else []:
            if not evaluate(assertion["Assert"], values, RULE):
                reasons.append(f"{name}: {assertion['AssertDescription']}")
    return reasons


def holds(condition, region=REGION, **given):
    """Whether a condition of the template holds with these parameters."""
    template = transformed.source()
    return evaluate(template["Conditions"][condition], values_of(template, region, given), CONDITION)


def resolve(value, region=REGION, **given):
    """A property with its `Fn::If`, `Ref` and `Fn::Sub` resolved; None where the property is left out."""
    if isinstance(value, list):
        return [resolved for item in value if (resolved := resolve(item, region, **given)) is not None]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value:
        condition, then, otherwise = value["Fn::If"]
        return resolve(then if holds(condition, region, **given) else otherwise, region, **given)
    if value == {"Ref": "AWS::NoValue"}:
        return None
    values = values_of(transformed.source(), region, given)
    if value.get("Ref") in values or isinstance(value.get("Fn::Sub"), str) and not transformed.references(value):
        return evaluate(value, values, CONDITION)
    return {name: resolve(item, region, **given) for name, item in value.items()}


def values_of(template, region, given):
    defaults = {name: parameter.get("Default", "") for name, parameter in template["Parameters"].items()}
    return (
        defaults
        | given
        | {"AWS::Region": region, "AWS::AccountId": "123456789012", "AWS::Partition": "aws", "AWS::StackName": "stack"}
    )


def of_parameter(name, parameter, value):
    pattern, allowed = parameter.get("AllowedPattern"), parameter.get("AllowedValues")
    if pattern and not re.fullmatch(pattern, value):
        yield f"{name} does not match {pattern}"
    if allowed and value not in map(str, allowed):
        yield f"{name} is none of {allowed}"
    if len(value) > int(parameter.get("MaxLength", len(value))):
        yield f"{name} is too long"
    if parameter["Type"] == "Number":
        number = float(value)
        if not parameter.get("MinValue", number) <= number <= parameter.get("MaxValue", number):
            yield f"{name} is out of its range"


RULE = {
    "Fn::And": lambda *parts: all(parts),
    "Fn::Or": lambda *parts: any(parts),
    "Fn::Not": lambda part: not part,
    "Fn::Equals": lambda left, right: str(left) == str(right),
    "Fn::Contains": lambda several, one: one in several,
}
# A rule supports none of these.
CONDITION = RULE | {
    "Fn::Select": lambda index, parts: parts[index],
    "Fn::Split": lambda mark, text: text.split(mark),
    "Fn::Join": lambda mark, parts: mark.join(parts),
    "Fn::Sub": None,
}


def evaluate(value, values, functions):
    """An expression of intrinsic functions. A KeyError tells of one that is not supported at this place."""
    if isinstance(value, list):
        return [evaluate(item, values, functions) for item in value]
    if not isinstance(value, dict):
        return value
    [(function, arguments)] = value.items()
    if function == "Ref":
        return values[arguments]
    if function == "Fn::Sub" and function in functions:
        return re.sub(r"\$\{([A-Za-z:]+)\}", lambda name: str(values[name[1]]), arguments)
    return functions[function](*evaluate(arguments, values, functions))
