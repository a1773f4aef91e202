#!/usr/bin/env python3
"""Makes the numbers of docs/reliability.md and docs/fuzzing.md, and writes them there.

    python3 docs/reliability.py                      # all parts, about an hour
    python3 docs/reliability.py runs crashes         # some of them
    python3 docs/reliability.py --minutes 3 runs     # a shorter one

Parts: runs, processes, crashes, slices (runs with seeds under faults), fuzz, connects. Each of them fails if a promise is broken,
and then none of its numbers is written.
"""

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RELIABILITY, FUZZING = "docs/reliability.md", "docs/fuzzing.md"
# A part's title in the tables, its arguments, and its share of the minutes.
RUNS = {
    "runs": ("in one process", "--at-once 16", 1),
    "processes": ("functions as processes", "--processes --at-once 3", 1 / 3),
    "crashes": ("gateway killed", "--crashes --at-once 4", 1 / 3),
    "slices": ("room of slices", "--slices --at-once 2", 1 / 3),
}
I = "../tests/tests/integration"
R = "../tests/tests/reliability"
# The promises in the order of the table: the rule of tests/src/history/check.rs, what it judges, and the tests that try it alone.
PROMISES = [
    (
        "an acknowledged message is stored, and every delivery and every read matches the stored message",
        "lost",
        "messages acknowledged",
        f"[`restart`]({I}/restart.rs), [`sends`]({I}/sends.rs), [`model`]({R}/model.rs)",
    ),
    (
        "no message is stored twice; all sends under one `client_message_id` are one message",
        "doubled",
        "acknowledgements",
        f"[`sends`]({I}/sends.rs), [`store`]({I}/store.rs), [`model`]({R}/model.rs)",
    ),
    (
        "first deliveries arrive in order of `seq` on every socket; without a crash or a lost response none is repeated",
        "out of order or repeated",
        "deliveries",
        f"[`broadcast`]({I}/broadcast.rs), [`sends`]({I}/sends.rs)",
    ),
    (
        "a socket that stays open receives every message and every deletion",
        "missed by an open socket",
        "messages × open sockets",
        f"[`broadcast`]({I}/broadcast.rs), [`sockets`]({I}/sockets.rs), [`degraded`]({R}/degraded.rs)",
    ),
    (
        "any other client repairs itself with `resume`, and `last_seq` is never ahead of the truth",
        "not repaired by resume",
        "resumes",
        f"[`sockets`]({I}/sockets.rs), [`restart`]({I}/restart.rs)",
    ),
    (
        "no answer that began after a purge or a clear was acknowledged holds what it covers, or quotes it, and no socket gets it after the frame",
        "shown in spite of a purge",
        "answers after a purge",
        f"[`purge`]({I}/purge.rs), [`paging`]({I}/paging/purged.rs)",
    ),
    (
        "every open socket and every client that resumed hears of each purge and clear",
        "not told of a purge",
        "frames of purges",
        f"[`purge`]({I}/purge/races.rs)",
    ),
    (
        "an acknowledged event of the application is stored once, and every open socket and every client that resumed hears of it, in its place",
        "events wrong",
        "frames of events",
        f"[`events`]({I}/voice/events.rs)",
    ),
    (
        "an acknowledged vote counts once, the tallies of a poll and its result are its votes, and every open socket hears the result last",
        "polls wrong",
        "votes, and frames of polls",
        f"[`polls`]({I}/polls/exact.rs)",
    ),
    (
        "an acknowledged pin stands until it is taken away or its message leaves the room, no answer is older than what was told before it, and every open socket knows the newest pins",
        "pins wrong",
        "pins changed, read or heard",
        f"[`pins`]({I}/voice/pins.rs)",
    ),
    (
        "every answer and every frame tells the same draw: acknowledged, it is there; its seed is the one that was committed to, its list has who had voted, its winners follow from both, and its newest state reaches everybody",
        "draws wrong",
        "draws told",
        f"[`draws`]({I}/draws.rs), [`checked`]({I}/draws/checked.rs), [`entered`]({I}/draws/entered.rs)",
    ),
    (
        "an acknowledged question is listed once while it stands, with its votes; an acknowledged mark holds, and every open socket hears of it",
        "questions wrong",
        "questions told, and marks",
        f"[`questions`]({I}/questions.rs)",
    ),
    (
        "likes of the session and of each message equal their rows at every read; the last value is sent",
        "likes wrong",
        "values read or received",
        f"[`likes`]({I}/likes.rs), [`store`]({I}/store.rs), [`model`]({R}/model.rs)",
    ),
    (
        "an acknowledged reaction counts once, a refused one never; `status` and every open socket tell the last totals",
        "reactions wrong",
        "calls and totals heard",
        f"[`reactions`]({I}/reactions.rs), [`parked`]({R}/parked.rs)",
    ),
    (
        "no user exceeds the rate limit in any 60 s, across all processes",
        "over the rate limit",
        "messages acknowledged",
        f"[`sends`]({I}/sends.rs), [`store`]({I}/store.rs)",
    ),
    (
        "once the timeout is over, the viewers are the users present, and every open socket has the count",
        "viewers wrong",
        "values received",
        f"[`viewers`]({I}/viewers.rs), [`restart`]({I}/restart.rs)",
    ),
    (
        "what a user begins after an acknowledged ban is refused, so is the approval of what waits, and no socket outlasts it",
        "done in spite of a ban",
        "tries of banned users",
        f"[`standing`]({I}/moderation/standing.rs), [`closings`]({I}/closings.rs)",
    ),
    (
        "a held message has one decision at most, which every answer and every frame tells, and nobody is sent its text before",
        "held messages wrong",
        "held messages",
        f"[`held`]({I}/moderation/held.rs), [`races`]({I}/moderation/held/races.rs), [`model`]({I}/moderation/held/model.rs)",
    ),
    (
        "no frame for staff arrives at a viewer's socket",
        "staff's frame at a viewer",
        "frames for staff",
        f"[`notices`]({I}/notices.rs), [`held`]({I}/moderation/held.rs)",
    ),
    (
        "a message is judged by the modes in force, slow mode included, and every open socket hears of them",
        "modes not obeyed",
        "sends under a mode",
        f"[`modes`]({I}/moderation/modes.rs)",
    ),
    (
        "an acknowledged act has one entry in the audit log, each entry is of an act that was asked for, and the tables hold what it says",
        "act and entry apart",
        "entries",
        f"[`acts`]({I}/moderation/acts.rs), [`log`]({I}/moderation/log.rs)",
    ),
    (
        "a notice reaches its audience and nobody else, in order, and without a crash once",
        "notices wrong",
        "notices heard",
        f"[`notices`]({I}/notices.rs)",
    ),
    (
        "no subscriber, socket, presence, lease or unsettled number is left behind",
        "left behind",
        "rows at the end",
        f"[`viewers`]({I}/viewers.rs), [`broadcast`]({I}/broadcast.rs), [`retention`]({R}/retention.rs)",
    ),
    (
        "every response and every frame matches the API documents",
        "not documented",
        "responses and frames",
        f"[`schemas`]({I}/schemas.rs), and every other test",
    ),
]


def call(command, **settings):
    print(f"$ {command}", flush=True)
    done = subprocess.run(command, shell=True, cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True)
    print(done.stdout, flush=True)
    if done.returncode:
        sys.exit(f"failed: {command}")
    return done.stdout


def write(document, part, text):
    """Puts a text between the marks of a part."""
    path = os.path.join(ROOT, document)
    with open(path, encoding="utf-8") as file:
        before = file.read()
    marked = re.compile(rf"(<!-- {part} -->\n).*?(<!-- /{part} -->)", re.DOTALL)
    after, count = marked.subn(lambda found: f"{found[1]}{text.strip()}\n{found[2]}", before)
    if count != 1:
        sys.exit(f"{document} has {count} places for {part}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(after)


def measure_runs(parts, minutes):
    """Runs under faults. The numbers of parts that are not run now are kept beside this file."""
    kept = os.path.join(ROOT, "docs/reliability.json")
    numbers = json.load(open(kept, encoding="utf-8")) if os.path.exists(kept) else {}
    for part in parts:
        _, arguments, share = RUNS[part]
        command = f"cargo run -p tests --bin reliability -- --seed 0 --minutes {max(1, round(minutes * share))} {arguments}".strip()
        with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
            call(f"{command} --json {file.name}")
            numbers[part] = {"command": command, "date": str(datetime.date.today()), **json.load(file)}
        with open(kept, "w", encoding="utf-8") as file:
            json.dump(numbers, file, indent=1, sort_keys=True)
            file.write("\n")
    done = [part for part in RUNS if part in numbers]
    write(RELIABILITY, "promises", promises(numbers, done))
    write(RELIABILITY, "faults", faults(numbers, done))


def table(head, rows, words=1):
    """A table whose first columns are words and whose others are figures."""
    aligned = ["---"] * words + ["---:"] * (len(head) - words)
    return "\n".join("| " + " | ".join(map(str, cells)) + " |" for cells in [head, aligned, *rows])


def promises(numbers, parts):
    def row(name, tests, cells, lost):
        return [name, tests, *cells, lost]

    of = lambda figure: [f"{figure(numbers[part]):,}" for part in parts]
    injected = lambda part: sum(part["faults"].values())
    rows = [row("**runs**", "", of(lambda part: part["runs"]), ""), row("**faults injected**", "", of(injected), "")]
    for promise, rule, unit, tests in PROMISES:
        first, *others = of(lambda part: part["judged"][rule])
        broken = sum(numbers[part]["broken"][rule] for part in parts)
        rows.append(row(f"{promise} (*{rule}*)", tests, [f"{first} {unit}", *others], broken or "nothing"))
    text = table(["promise (*rule*)", "tests that try it alone"] + [RUNS[part][0] for part in parts] + ["lost"], rows, words=2)
    commands = "\n".join(
        f"# {numbers[part]['date']}: {numbers[part]['runs']:,} runs, the slowest took {numbers[part]['slowest_seconds']:.0f} s\n{numbers[part]['command']}"
        for part in parts
    )
    return f"{text}\n\n```sh\n{commands}\n```"


def faults(numbers, parts):
    kinds = sorted({kind for part in parts for kind in numbers[part]["faults"]})
    rows = [[kind] + [f"{numbers[part]['faults'].get(kind, 0):,}" for part in parts] for kind in kinds]
    return table(["fault"] + [RUNS[part][0] for part in parts], rows)


def fuzz():
    seconds = os.environ.get("FUZZ_SECONDS", "120")
    lines = call(".ci/fuzz", FUZZ_SECONDS=seconds).splitlines()
    counts = "\n".join(line for line in lines if line.startswith("|"))
    # A target that breaks fails the call.
    said = f"{datetime.date.today()}, `FUZZ_SECONDS={seconds} .ci/fuzz`: nothing broke."
    write(FUZZING, "executions", f"{counts}\n\n{said}")


def connects():
    said = call("cargo test -p tests --test integration thousands -- --nocapture", LIVE_CHAT_FLOOD_CONNECTS="10000")
    line = next(line for line in said.splitlines() if "10000 connects:" in line)
    write(RELIABILITY, "connects", line[line.index("10000 connects:") :])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=18)
    parser.add_argument("parts", nargs="*", metavar="part")
    arguments = parser.parse_args()
    every_part = [*RUNS, "fuzz", "connects"]
    parts = arguments.parts or every_part
    if unknown := set(parts) - set(every_part):
        parser.error(f"there is no part {unknown}")
    if runs := [part for part in parts if part in RUNS]:
        measure_runs(runs, arguments.minutes)
    if "fuzz" in parts:
        fuzz()
    if "connects" in parts:
        connects()


main()
