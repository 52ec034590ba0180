"""Break a site at random moments, and prove that nothing was lost, stored twice or torn.

    make faults                                200 uploads, 10 to 15 minutes
    make faults ARGS="--uploads 20"            a short trial
    make faults ARGS="--only 'broker killed'"  one kind of fault

A PostgreSQL, a Redis, gunicorn with two processes and two Celery workers of its own, all on
127.0.0.1. As root everything runs in namespaces of its own, and the disks that run full are small
ones in memory; as anybody else no disk runs full.
"""

import argparse
import contextlib
import os
import random
import sys
import time
from collections import Counter, defaultdict

from benchmarks.faults.books import KINDS
from benchmarks.faults.injections import INJECTIONS, NEED_SMALL_DISKS
from benchmarks.faults.run import OFFICERS, Round, Run
from benchmarks.live.site import inside_a_box, own_site

SMALL_DISKS = {"database": "700m", "temporary": "8m"}
COLUMNS = {
    "stored": ("stored",),
    "refused rightly": ("refused",),
    "published, reopened": ("published", "reopened"),
    "run again": ("run again",),
    "errors answered": ("server error", "no answer"),
    "pages read": ("read",),
    "not read": ("not read",),
}
"""By heading, the operations that are counted under it."""


def plan(uploads: int, seed: int, kinds: list[str]) -> list[str]:
    """Which injection each round has: every kind as often, in an order of the seed's."""
    rounds = -(-uploads // OFFICERS)
    order = kinds * (-(-rounds // len(kinds)))
    head = order[:rounds]
    random.Random(seed).shuffle(head)
    return head


def kinds_of(only: list[str]) -> list[str]:
    """The injections of this run, those that were asked for or all that are possible here."""
    possible = list(INJECTIONS)
    if os.geteuid() != 0:
        possible = [name for name in possible if name not in NEED_SMALL_DISKS]
        print("Left out, as only root can make a small disk:", ", ".join(NEED_SMALL_DISKS))
    if unknown := set(only) - set(possible):
        raise SystemExit(f"There is no fault {unknown}; there are: {', '.join(possible)}")
    return only or possible


def told(rounds: list[Round]) -> str:
    """The table: a row for each kind of fault, and all together."""
    by_name: dict[str, list[Round]] = defaultdict(list)
    for each in rounds:
        by_name[each.name].append(each)
    head = ["fault", "rounds", "injected", *COLUMNS, *KINDS, "longest round, s"]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    lines += [_row(name, by_name[name]) for name in INJECTIONS if name in by_name]
    return "\n".join([*lines, _row("all", rounds)])


def _row(name: str, rounds: list[Round]) -> str:
    done, found = Counter(), Counter()
    for each in rounds:
        done.update(each.operations)
        found.update(finding.kind for finding in each.findings)
    counts = [len(rounds), sum(each.injected for each in rounds)]
    counts += [sum(done[what] for what in under) for under in COLUMNS.values()]
    cells = [*counts, *(found[kind] for kind in KINDS), round(max(r.seconds for r in rounds))]
    return f"| {name} | " + " | ".join(f"{cell:,}" for cell in cells) + " |"


def run(arguments: argparse.Namespace) -> int:
    """The run; its exit status."""
    kinds = kinds_of(arguments.only)
    wanted = plan(arguments.uploads, arguments.seed, kinds)
    disks = SMALL_DISKS if os.geteuid() == 0 else None
    until, rounds = time.monotonic() + arguments.minutes * 60, []
    with own_site(workers=2, small_disks=disks) as site:
        one = Run(site, arguments.seed)
        with contextlib.closing(one):
            for number, name in enumerate(wanted, 1):
                if time.monotonic() > until:
                    print(f"Ended after {arguments.minutes} minutes, {number - 1} rounds.")
                    break
                rounds.append(one.round(name))
                _tell(number, len(wanted), rounds[-1])
        starts = ", ".join(f"{each.name} {each.starts}" for each in site.programs)
    print(f"\nSeed {arguments.seed}. Started: {starts}.\n\n{told(rounds)}")
    whole = len(rounds) == len(wanted) and not any(each.findings for each in rounds)
    return 0 if whole else 1


def _tell(number: int, of: int, each: Round) -> None:
    done = ", ".join(f"{count} {what}" for what, count in sorted(each.operations.items()) if count)
    told_of = f"{number}/{of} {each.name}, {each.injected} times, {each.seconds:.0f} s"
    print(f"{told_of}: {done}", flush=True)
    for finding in each.findings:
        print(f"    {finding.kind}: {finding.what}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__.splitlines()[0])
    parser.add_argument("--uploads", type=int, default=200)
    parser.add_argument("--seed", type=int, default=2031)
    parser.add_argument("--only", action="append", default=[], metavar="FAULT")
    parser.add_argument("--minutes", type=int, default=20, help="never longer than this")
    arguments = parser.parse_args()
    inside_a_box("benchmarks.faults")
    sys.exit(run(arguments))


if __name__ == "__main__":
    main()
