#!/usr/bin/env python3
"""Which of AWS's quotas binds a room of a given size, and what the delay is then: arithmetic.

    python3 docs/scale/model.py                                   # 1,000 to 100,000 sockets, 5 messages/s, everybody batched
    python3 docs/scale/model.py --rate 20 --share-batched 50 --posts-per-second 75000

Measured: bytes of a place in its room (the test `event`). Assumed: a post's time in the cloud. Quotas are AWS's defaults, from its documents; the
flag raises the posts to what an account was granted.
"""

import argparse

PLACE_BYTES = 115  # cost/src/units.rs, held to a real run by the test `event`
# What the code decides.
SLICE = 1_000  # sockets of one fan-out invocation
AT_ONCE = 64  # posts that one invocation has under way
POST_SECONDS = 0.010  # a post's way to API Gateway and back, as docs/cost.md assumes
STREAM_SECONDS = (0.1, 0.3)  # from a row to its batch: Lambda polls a shard four times a second
# What AWS allows by default.
REQUESTS = 10_000  # a second, of an account, over REST, frames and posts
SHARE = 0.75  # of them for posts: LIVE_CHAT_POSTS_PER_SECOND
CONNECTS = 500  # new sockets a second
LAMBDAS = 1_000  # invocations at once
PARTITION_READS = 3_000  # read units a second of one partition key
PARTITION_WRITES = 1_000  # write units a second of one partition key: the numbers of a session


def room(sockets, options):
    """One row of the table."""
    posts_allowed = options.posts_per_second or REQUESTS * SHARE
    batched = sockets * options.share_batched / 100
    plain = sockets - batched
    slices = max(1, -(-sockets // SLICE))
    reads = sockets * PLACE_BYTES / 4096
    # A flush cannot be shorter than any of these.
    limits = {
        "posts of the account": batched / posts_allowed,
        "posts of a slice": min(sockets, SLICE) * POST_SECONDS / AT_ONCE,
        "reading the room": reads / PARTITION_READS,
    }
    # Plain sockets take a post for each message: what is left of the posts for them bounds the messages.
    messages = options.rate
    if plain:
        messages = min(messages, posts_allowed / plain)
    flush = max(limits.values())
    if plain and messages:
        flush = max(flush, (batched + plain * messages * flush) / posts_allowed)
    binding = max(limits, key=limits.get)
    delay = STREAM_SECONDS[1] + 1.5 * flush
    return [
        f"{sockets:,}",
        f"{sockets / CONNECTS:,.0f} s",
        f"{slices:,} of {LAMBDAS:,}",
        f"{reads:,.0f}",
        f"{flush:.2f} s ({binding})",
        f"{messages:,.2f}" if messages < options.rate else f"{options.rate:g}",
        f"{delay:.1f} s",
        f"{(batched * min(1 / flush, options.rate) + plain * messages) / SHARE:,.0f}",
    ]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rate", type=float, default=5, help="messages a second")
    options.add_argument("--share-batched", type=float, default=100, help="percent of sockets with batch=1")
    options.add_argument("--posts-per-second", type=float, help="posts that the account may make [7,500]")
    options.add_argument("sockets", nargs="*", type=int, default=[1_000, 10_000, 30_000, 100_000])
    options = options.parse_args()
    head = ["sockets", "joining", "fan-outs at once", "read units per flush", "flush (what binds)", "messages/s", "delivered within", "account's requests/s"]
    print(f"| {' | '.join(head)} |\n|{' ---: |' * len(head)}")
    for sockets in options.sockets:
        print(f"| {' | '.join(room(sockets, options))} |")
    print(f"\nA session takes {PARTITION_WRITES:,} messages a second at the most: each takes the next number of one row.")


main()
