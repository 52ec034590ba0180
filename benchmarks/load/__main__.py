"""How long people wait for a page while a ledger of 100,000 lines is stored.

    make load                                     about 10 minutes
    make load ARGS="--seconds 30 --lines 20000"   a short trial
    make load ARGS=--beside                       this build and an earlier one in turn

gunicorn with two processes, PostgreSQL, Redis and a Celery worker of its own, as they are deployed,
all on 127.0.0.1. 25 members and 25 directors read with one to three seconds between two pages, 10
managers type into grids of 500 lines; first by themselves, then while ledgers are stored one after
another. Then uploads a minute, of small ledgers of twelve periods, with 1, 2 and 4 workers. Every
page is asked for over a connection of its own, as nginx asks; the people share the processors.
"""

import argparse
import itertools
import os
import sys
import time

from benchmarks.builds import add_arguments
from benchmarks.live.council import ledger
from benchmarks.live.programs import Worker, processor_groups
from benchmarks.live.site import Site, inside_a_box, own_site
from benchmarks.load.beside import run_beside
from benchmarks.load.crowd import (
    SMALL,
    SMALL_PERIODS,
    SMALL_YEARS,
    TREE,
    WARM_UP,
    Crowd,
    load,
    officer,
    state_of,
)
from benchmarks.load.measure import Times, percentile
from benchmarks.load.people import CONFIRMED, FLOOR, SENT, Bringer

WORKERS = (1, 2, 4)
MOST_SECONDS = 0.5
"""What 95 of 100 pages take at most."""


def told(alone: Times, beside: Times) -> str:
    """The table: a row for each kind of page, without and with the upload."""
    marks = "pages | p50 | p95 | p99 | errors"
    lines = [
        "Milliseconds, without an upload and while ledgers are stored one after another:\n",
        f"| page | {marks} | {marks} |",
        "|---|" + "---:|" * 10,
    ]
    kinds = [kind for kind in beside.seconds if kind not in (FLOOR, SENT, CONFIRMED)]
    for kind in (FLOOR, *sorted(kinds), SENT, CONFIRMED):
        lines.append(f"| {kind} | " + " | ".join(alone.row(kind) + beside.row(kind)) + " |")
    both = alone.row_of_all(FLOOR, SENT) + beside.row_of_all(FLOOR, SENT)
    lines.append("| all pages of the 60 people | " + " | ".join(both) + " |")
    return "\n".join(lines)


def told_beside(name: str, times: Times) -> str:
    """Requests a second, uploads, and where the processor's time went."""
    pages = len(times.all_but()) / times.length
    total = os.cpu_count() * times.length
    parts = sorted(times.processor.items(), key=lambda pair: -pair[1])
    shares = ", ".join(f"{who} {seconds / total:.0%}" for who, seconds in parts if seconds > 1)
    text = f"{name}: {pages:.1f} requests a second; of the processors' time: {shares}."
    if times.uploads:
        checked, stored = zip(*times.uploads, strict=True)
        text += (
            f" {len(times.uploads)} ledgers stored; from sending to checked "
            f"{percentile(list(checked), 50):.1f} s, from confirming to stored "
            f"{percentile(list(stored), 50):.1f} s (p50)."
        )
    return text


def uploads_a_minute(site: Site, workers: int, seconds: float) -> float:
    """With so many workers, of ledgers of 1,000 lines; a person for each of twelve periods."""
    while len(site.workers) < workers:
        more = Worker(len(site.workers) + 1, site.product, site.environment)
        more.start()
        site.workers.append(more)
    time.sleep(WARM_UP)
    places = itertools.product(SMALL_YEARS, SMALL_PERIODS)
    bringers = [
        Bringer(
            site.browser("lead"),
            number,
            (f"{year}-{(year + 1) % 100:02d}", period),
            lambda seed: ledger(TREE, SMALL, seed),
            state_of(site),
        )
        for number, (year, period) in enumerate(places)
    ]
    start = time.monotonic()
    for each in bringers:
        each.thread.start()
    time.sleep(seconds)
    for each in bringers:
        each.ended.set()
    for each in bringers:
        each.stop()
    return sum(each.stored for each in bringers) * 60 / (time.monotonic() - start)


def run(arguments: argparse.Namespace) -> int:
    """The run; its exit status."""
    shares = "as the units say" if processor_groups() else "not given: this run may not"
    before = os.getloadavg()[0]
    print(f"{os.cpu_count()} processors, load before: {before:.1f}; shares {shares}.", flush=True)
    with own_site(workers=1) as site:
        site.start()
        load(site, arguments.lines)
        print("The council is loaded.", flush=True)
        crowd = Crowd(site)
        alone = crowd.measure(arguments.seconds)
        beside = crowd.measure(arguments.seconds, [officer(site, arguments.lines)])
        crowd.stop()
        print(told(alone, beside))
        print()
        print(told_beside("Without an upload", alone))
        print(told_beside("Beside uploads", beside), flush=True)
        _tell_errors(alone, beside)
        if not arguments.no_rate:
            print("\n| workers | uploads a minute |\n|---:|---:|")
            for workers in WORKERS:
                rate = uploads_a_minute(site, workers, arguments.seconds / 4)
                print(f"| {workers} | {rate:.0f} |", flush=True)
    slow = percentile(beside.all_but(FLOOR, SENT), 95) > MOST_SECONDS
    return int(slow or any(alone.errors.values()) or any(beside.errors.values()))


def _tell_errors(*stretches: Times) -> None:
    for times in stretches:
        for kind, errors in times.errors.items():
            print(f"{kind}: {len(errors)} errors, the first: {errors[0]}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make load", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120, help="of each stretch")
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--no-rate", action="store_true", help="leave uploads a minute out")
    parser.add_argument("--beside", action="store_true", help="measure an earlier build in turn")
    add_arguments(parser)
    arguments = parser.parse_args()
    inside_a_box("benchmarks.load")
    sys.exit(run_beside(arguments) if arguments.beside else run(arguments))


if __name__ == "__main__":
    main()
