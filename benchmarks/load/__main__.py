"""How long people wait for a page while a ledger of 100,000 lines is stored.

    make load                                     about 10 minutes
    make load ARGS="--seconds 30 --lines 20000"   a short trial

gunicorn with two processes, PostgreSQL, Redis and a Celery worker of its own, as they are deployed,
all on 127.0.0.1. 25 members and 25 directors read with one to three seconds between two pages, 10
managers type into grids of 500 lines; first by themselves, then while ledgers are stored one after
another. Then uploads a minute, of small ledgers of twelve periods, with 1, 2 and 4 workers. Every
page is asked for over a connection of its own, as nginx asks; the people share the processors.
"""

import argparse
import contextlib
import itertools
import json
import os
import sys
import time

from benchmarks.live.council import Ledger, Tree, ledger, write_pack
from benchmarks.live.programs import Worker, processor_groups
from benchmarks.live.site import Site, inside_a_box, own_site
from benchmarks.load.measure import Times, percentile, processor_seconds, used
from benchmarks.load.people import (
    COMING,
    CONFIRMED,
    DRAFT,
    FLOOR,
    SENT,
    SLUG,
    YEAR,
    Bringer,
    Director,
    Floor,
    Manager,
    Member,
    Person,
)

TREE, LARGE_TREE = Tree(groups=4, services=20), Tree(groups=10, services=200)
SMALL_YEARS, SMALL_PERIODS, SMALL = (2033, 2034), range(1, 7), 1_000
MEMBERS, DIRECTORS, MANAGERS = 25, 25, 10
WORKERS = (1, 2, 4)
WARM_UP = 10
FILES = 3
MOST_SECONDS = 0.5
"""What 95 of 100 pages take at most."""

_STATE = "SELECT state, job_id FROM monitoring_upload WHERE id = %s"


def people() -> list[tuple[str, str, list[str]]]:
    """User name, role and part of everybody."""
    found = [("lead", "finance_lead", []), ("member", "scrutiny_member", [])]
    found += [
        (f"director{number}", "director", [LARGE_TREE.group(number % LARGE_TREE.groups)])
        for number in range(DIRECTORS)
    ]
    codes = LARGE_TREE.codes
    return found + [
        (f"manager{number}", "budget_manager", [codes[number * len(codes) // MANAGERS]])
        for number in range(MANAGERS)
    ]


def load(site: Site, lines: int) -> None:
    """The council with its months, a small one's years beside it, and everybody."""
    large = {period: ledger(LARGE_TREE, lines, period) for period in range(1, DRAFT + 1)}
    folders = [write_pack(site.folder / "large", LARGE_TREE, YEAR, large, publish=(1, 2, 3))]
    for year in SMALL_YEARS:
        small = {period: ledger(TREE, SMALL, year + period) for period in SMALL_PERIODS}
        folders.append(write_pack(site.folder / str(year), TREE, year, small, publish=()))
    told = {"packs": list(map(str, folders)), "people": people(), "password": site.password}
    spec = site.folder / "spec.json"
    spec.write_text(json.dumps(told))
    site.command("-m", "benchmarks.live.setting_up", str(spec))
    with contextlib.closing(site.database.connect()) as connection:
        connection.autocommit = True
        connection.cursor().execute("VACUUM ANALYZE")


class Crowd:
    """Everybody who reads and types, logged in."""

    def __init__(self, site: Site) -> None:
        self.site = site
        member = site.browser("member")
        found: list[Person] = [Floor(member, 0)]
        found += [Member(member, number, LARGE_TREE) for number in range(MEMBERS)]
        for number in range(DIRECTORS):
            group = LARGE_TREE.group(number % LARGE_TREE.groups)
            codes = [code for code, above in LARGE_TREE.parents.items() if above == group]
            found.append(Director(site.browser(f"director{number}"), 100 + number, codes))
        for number in range(MANAGERS):
            code = people()[2 + DIRECTORS + number][2][0]
            found.append(Manager(site.browser(f"manager{number}"), 200 + number, code))
        self.people = found
        for person in self.people:
            person.thread.start()

    def measure(self, seconds: float, more: list[Person] = ()) -> Times:
        """What everybody meets for so long; the first seconds are not counted."""
        for person in more:
            person.thread.start()
        time.sleep(WARM_UP)
        times, before = Times(seconds), processor_seconds()
        for person in (*self.people, *more):
            person.times = times
        time.sleep(seconds)
        for person in (*self.people, *more):
            person.times = None
        times.processor = used(before, processor_seconds())
        for person in more:
            person.stop()
        return times

    def stop(self) -> None:
        """Everybody goes home."""
        for person in self.people:
            person.ended.set()
        for person in self.people:
            person.stop()


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


def state_of(site: Site):
    """Ask the database where an upload stands."""

    def state(pk: int) -> tuple[str, int]:
        with contextlib.closing(site.database.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(_STATE, [pk])
            return cursor.fetchone()

    return state


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
    files = itertools.cycle([ledger(LARGE_TREE, arguments.lines, 100 + n) for n in range(FILES)])
    with own_site(workers=1) as site:
        site.start()
        load(site, arguments.lines)
        print("The council is loaded.", flush=True)
        crowd = Crowd(site)
        alone = crowd.measure(arguments.seconds)
        officer = Bringer(
            site.browser("lead", timeout=60), 1, (SLUG, COMING), _next_of(files), state_of(site)
        )
        beside = crowd.measure(arguments.seconds, [officer])
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


def _next_of(files):
    def take(seed: int) -> Ledger:
        return next(files)

    return take


def _tell_errors(*stretches: Times) -> None:
    for times in stretches:
        for kind, errors in times.errors.items():
            print(f"{kind}: {len(errors)} errors, the first: {errors[0]}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make load", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120, help="of each stretch")
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--no-rate", action="store_true", help="leave uploads a minute out")
    arguments = parser.parse_args()
    inside_a_box("benchmarks.load")
    sys.exit(run(arguments))


if __name__ == "__main__":
    main()
