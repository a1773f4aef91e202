"""Evaluates policies as IAM does, as far as deploy-role.yaml uses its language; anything else is an error.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import re


def like(pattern, text):
    """`*` and `?`, in the same case."""
    parts = {"*": ".*", "?": "."}
    return re.fullmatch("".join(parts.get(letter, re.escape(letter)) for letter in pattern), text, re.DOTALL) is not None


def like_arn(pattern, arn):
    """Part by part, so that a `*` crosses no colon before the last part."""
    one, other = pattern.split(":", 5), arn.split(":", 5)
    return len(one) == len(other) == 6 and all(map(like, one, other))


OPERATORS = {"StringEquals": str.__eq__, "StringLike": like, "ArnEquals": like_arn, "ArnLike": like_arn}


def several(value):
    return value if isinstance(value, list) else [value]


def holds(conditions, context):
    """Whether every condition holds. A key that the request lacks matches nothing; keys are in any case, values are not."""
    context = {key.lower(): value for key, value in context.items()}
    for operator, keys in conditions.items():
        for key, wanted in keys.items():
            value = context.get(key.lower())
            if value is None or not any(OPERATORS[operator](pattern, value) for pattern in several(wanted)):
                return False
    return True


def allows(statements, action, resource=None, **context):
    """Whether a statement allows an action on a resource. None denies, here. Names of actions are in any case."""
    for statement in statements:
        if unknown := statement.keys() - {"Effect", "Action", "Resource", "Condition", "Principal"} or statement["Effect"] != "Allow":
            raise ValueError(f"this evaluator does not know {unknown or statement['Effect']}")
        named = any(like(pattern.lower(), action.lower()) for pattern in several(statement["Action"]))
        on = resource is None or any(pattern == "*" or like_arn(pattern, resource) for pattern in several(statement["Resource"]))
        if named and on and holds(statement.get("Condition", {}), context):
            return True
    return False
