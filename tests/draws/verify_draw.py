#!/usr/bin/env python3
"""Checks a draw. Written from docs/draws.md alone, with the standard library of Python 3.

Reads one JSON object from standard input: {"draw": the draw as the API shows it, "entrants": all pages of its list, one after the other}.
Prints what is wrong, a line each, and exits with 1 then.
"""

import hashlib
import json
import sys


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def wrong_with(draw: dict, entrants: list) -> list:
    wrong = []
    seed = bytes.fromhex(draw["seed"])
    if len(seed) != 32 or sha256(seed) != draw["commitment"]:
        wrong.append("the seed is not the one that was committed to")
    if len(entrants) != draw["entrants"]:
        wrong.append("the list has not as many entrants as the draw says")
    if any(one >= other for one, other in zip(entrants, entrants[1:])):
        wrong.append("the list is not in ascending order, or has somebody twice")
    if sha256("".join(entrant + "\n" for entrant in entrants).encode("ascii")) != draw["entrants_sha256"]:
        wrong.append("the list is not the one that was frozen")
    order = sorted(entrants, key=lambda entrant: sha256(seed + bytes.fromhex(entrant)))
    expected = order[: draw["winners_wanted"] + draw["redraws"]]
    winners = draw["winners"]
    # A winner who was erased since is null, and cannot be checked.
    right = all(winner is None or sha256(f"{draw['id']}:{winner}".encode()) == entrant for winner, entrant in zip(winners, expected))
    if len(winners) != len(expected) or not right:
        wrong.append("the winners are not the first of the order")
    return wrong


if __name__ == "__main__":
    read = json.load(sys.stdin)
    found = wrong_with(read["draw"], read["entrants"])
    print("\n".join(found) or "The draw is right.")
    sys.exit(1 if found else 0)
