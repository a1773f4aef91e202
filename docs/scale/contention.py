#!/usr/bin/env python3
"""How often votes and reactions conflict on the shards of a poll or a room: a simulation of the code's retries, with a seed.

    python3 docs/scale/contention.py                  # 500 to 4,000 a second; each transaction holds its items for 10 ms
    python3 docs/scale/contention.py --hold-ms 20

A transaction that meets another one on its item is cancelled by DynamoDB, and tried again by the chat (shared/src/platform/dynamo/calls.rs).
Assumed: how long DynamoDB holds an item of a transaction, which AWS does not say. The local database does one thing at a time, so there are no
conflicts to measure in it.
"""

import argparse
import heapq
import random

SHARDS = 16  # keys::REACTION_SHARDS, and SHARDS of polls
RETRIES = 12  # MAX_CONFLICT_RETRIES
SECONDS = 20


def pause(conflicts):
    """Seconds before the next try: `Conflicts::wait`."""
    return (10 << min(conflicts, 6)) * random.random() / 1000


def simulate(rate, hold):
    """One row of the table: Poisson arrivals for SECONDS, each of a user of a random shard."""
    random.seed(rate)
    events, begun, at = [], 0, 0.0
    while (at := at + random.expovariate(rate)) < SECONDS:
        heapq.heappush(events, (at, begun, random.randrange(SHARDS), 0, at))
        begun += 1
    free_at = [0.0] * SHARDS
    tries, failed, times = 0, 0, []
    while events:
        now, nth, shard, conflicts, since = heapq.heappop(events)
        tries += 1
        if free_at[shard] <= now:
            free_at[shard] = now + hold
            times.append(now + hold - since)
        elif conflicts == RETRIES:
            failed += 1
        else:
            # A cancelled transaction takes as long as one that is done.
            heapq.heappush(events, (now + hold + pause(conflicts + 1), nth, shard, conflicts + 1, since))
    times.sort()
    percentile = lambda share: f"{1000 * times[int(share * (len(times) - 1))]:,.0f} ms"
    return [f"{rate:,}", f"{tries / begun:.2f}", f"{100 * failed / begun:.2f} %", percentile(0.5), percentile(0.99)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hold-ms", type=float, default=10)
    parser.add_argument("--rates", type=int, nargs="*", default=[500, 1_000, 1_500, 2_000, 4_000])
    options = parser.parse_args()
    print("| a second | tries | 503 | p50 | p99 |\n| ---: | ---: | ---: | ---: | ---: |")
    for rate in options.rates:
        print("| " + " | ".join(simulate(rate, options.hold_ms / 1000)) + " |")


main()
