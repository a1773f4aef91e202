"""Issues tokens as an identity provider would. Usage: token_of.py DEPLOYMENT USER"""

import base64
import hashlib
import hmac
import json
import pathlib
import sys
import time


def make(secret, user, **claims):
    """A token of a user for the next hour, signed with the deployment's secret."""
    head = {"alg": "HS256", "typ": "JWT"}
    body = {"sub": user, "name": user.title(), "exp": int(time.time()) + 3600, **claims}
    signed = ".".join(encode(json.dumps(part).encode()) for part in (head, body))
    return f"{signed}.{encode(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256))}"


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


if __name__ == "__main__":
    print(make(json.loads(pathlib.Path(sys.argv[1]).read_text())["secret"], sys.argv[2]))
