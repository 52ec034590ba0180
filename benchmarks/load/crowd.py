"""The council that people read, and the people: made once a site, and measured for a while."""

import contextlib
import itertools
import json
import time

from benchmarks.live.council import Ledger, Tree, ledger, write_pack
from benchmarks.live.site import Site
from benchmarks.load.measure import Times, processor_seconds, used
from benchmarks.load.people import (
    COMING,
    DRAFT,
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
WARM_UP = 10
FILES = 3

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


def officer(site: Site, lines: int) -> Bringer:
    """Somebody who brings ledgers of so many lines, one after another."""
    files = itertools.cycle([ledger(LARGE_TREE, lines, 100 + n) for n in range(FILES)])

    def take(seed: int) -> Ledger:
        return next(files)

    return Bringer(site.browser("lead", timeout=60), 1, (SLUG, COMING), take, state_of(site))


def state_of(site: Site):
    """Ask the database where an upload stands."""

    def state(pk: int) -> tuple[str, int]:
        with contextlib.closing(site.database.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(_STATE, [pk])
            return cursor.fetchone()

    return state
