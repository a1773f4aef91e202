"""What a restored backup may not bring back: rows of users who were erased since (docs/contract.md, Erasure).

The chat table knows such users by a keyed hash of their ids alone. So the id in each row is hashed, and compared.
"""

import base64
import hashlib
import hmac

# Partitions with the id of a user at their end, after so many parts.
PARTS = {"waiting": 1, "standing": 1, "pseudonym": 1, "acted": 1, "likes": 2}
KEY = {"pk": {"S": "erasure-key"}, "sk": {"S": "key"}}
# What a message has of its author, and its text.
OF_AUTHOR = {
    "text", "hidden_text", "shadow_text", "deleted_text", "original_text", "user_id", "username", "profile_pic", "badge",
    "author_attributes", "client_message_id", "mentions", "reply_to", "announcement",
}


class Erased:
    """The users who were erased, by what the chat table knows of them."""

    def __init__(self, key, erased_ms):
        self.key, self.erased_ms = key, erased_ms
        # The pseudonyms of these users, as rows of the backup tell them.
        self.pseudonyms = set()

    @staticmethod
    def of(aws, table):
        """Those of a table."""
        found = aws("dynamodb", "get-item", request={"TableName": table, "Key": KEY, "ConsistentRead": True}).get("Item")
        erased_ms, request = {}, {
            "TableName": table, "ConsistentRead": True,
            "KeyConditionExpression": "pk = :erased", "ExpressionAttributeValues": {":erased": {"S": "erased-users"}},
        }
        while found:
            page = aws("dynamodb", "query", request=request)
            erased_ms |= {row["sk"]["S"]: int(row["erased_ms"]["N"]) for row in page.get("Items", [])}
            if not page.get("LastEvaluatedKey"):
                break
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        return Erased(found["key"]["S"].encode() if found else b"", erased_ms)

    def when(self, user_id):
        """When a user was erased, in milliseconds since 1970; None if that never happened."""
        digest = hmac.new(self.key, user_id.encode(), hashlib.sha256).digest()
        return self.erased_ms.get(base64.urlsafe_b64encode(digest).decode().rstrip("="))

    def note(self, row):
        """Notes whose pseudonym a row tells."""
        if row["pk"]["S"].startswith("pseudonym#") and self.when(row["pk"]["S"].partition("#")[2]) is not None:
            self.pseudonyms.add(row["pseudonym"]["S"])

    def left(self, row):
        """What of a row may come back; None if nothing may."""
        if not self.erased_ms:
            return row
        users = [when for user_id in user_ids(row) if (when := self.when(user_id)) is not None]
        is_of_person = row["pk"]["S"].startswith("person#") and row["pk"]["S"].partition("#")[2] in self.pseudonyms
        # A later life of the user stays.
        created = int(row.get("created_ms", {}).get("N", 0))
        if not is_of_person and all(created > when for when in users):
            return self.without_mentions(self.without_draws(row))
        if row["pk"]["S"].startswith("messages#") and "user_id" in row:
            # The number stays, as one that is deleted.
            rest = {name: value for name, value in row.items() if name not in OF_AUTHOR}
            return rest | {"deleted": {"BOOL": True}, "erased": {"BOOL": True}}
        return None

    def without_draws(self, row):
        """A list of entrants or a draw without users who were erased: their places stay. And no act that covers messages of theirs."""
        nobody = {"M": {"user_id": {"S": ""}, "username": {"S": ""}}}
        is_erased = lambda user_id: self.when(user_id) is not None
        left = dict(row)
        for name in ("people", "winners"):
            if "L" in row.get(name, {}):
                left[name] = {"L": [nobody if is_erased(one["M"]["user_id"]["S"]) else one for one in row[name]["L"]]}
        if "L" in row.get("exclude", {}):
            left["exclude"] = {"L": [one for one in row["exclude"]["L"] if not is_erased(one["S"])]}
        of_user = lambda value: value.get("M", {}).get("user_id", {}).get("S")
        return {name: value for name, value in left.items() if not (name.startswith("act#") and of_user(value) and is_erased(of_user(value)))}

    def without_mentions(self, row):
        """A row of somebody else's without mentions of users who were erased."""
        mentions = row.get("mentions", {}).get("L")
        if not mentions:
            return row
        left = [one for one in mentions if self.when(one["S"]) is None]
        rest = {name: value for name, value in row.items() if name != "mentions"}
        return rest | {"mentions": {"L": left}} if left else rest


def user_ids(row):
    """The ids of users whom a row of the chat table is of."""
    pk, sk = row["pk"]["S"], row["sk"]["S"]
    kind, _, rest = pk.partition("#")
    if kind in PARTS:
        yield rest.split("#", PARTS[kind] - 1)[-1]
    if kind == "like":
        # like#session#ID#USER, like#message#ID#USER
        yield rest.split("#", 2)[-1]
    if kind == "poll" and sk.startswith("vote#"):
        yield sk[len("vote#") :]
    if kind == "report" and sk.startswith("by#"):
        yield sk[len("by#") :]
    if "user_id" in row and "S" in row["user_id"]:
        yield row["user_id"]["S"]
    author = row.get("author", {}).get("M", {})
    if "user_id" in author:
        yield author["user_id"]["S"]
    event = row.get("event", {}).get("M", {})
    if "user_id" in event:
        yield event["user_id"]["S"]
