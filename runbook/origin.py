"""The secrets by which functions know the edge (docs/security.md). There are three: the previous one, the one that CloudFront sends, and the
next one. A deployment moves on by one. So what CloudFront sends is always known to the functions, whichever of both changes first, and
the same is true when a deployment is rolled back."""

import secrets

VARIABLE = "LIVE_CHAT_ORIGIN_SECRETS"


def fresh():
    """A new secret: 128 bits, as 32 letters and digits."""
    return secrets.token_hex(16)


def moved_on(window):
    """The window of the next deployment. Without one, or with one that was set by hand, it begins anew."""
    if len(window) != 3:
        return [fresh(), fresh(), fresh()]
    return [*window[1:], fresh()]


def window_of(stack):
    """The present window, as the functions have it. They are asked, because CloudFormation shows no parameter that is a secret."""
    function = stack.aws("lambda", "get-function-configuration", "--function-name", stack.resource("WsConnectFunction"))
    text = function.get("Environment", {}).get("Variables", {}).get(VARIABLE, "")
    return text.split(",") if text else []


def next_parameter(stack, exists):
    """The parameter OriginSecrets of the next deployment."""
    return {"OriginSecrets": ",".join(moved_on(window_of(stack) if exists else []))}
