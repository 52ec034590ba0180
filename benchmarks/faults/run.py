"""One run: rounds in which four people work while one thing breaks, each followed by a check."""

import contextlib
import itertools
import json
import random
import shutil
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.books import LOST, WRONG, Books, Finding, Place, Reading, judge
from benchmarks.faults.injections import INJECTIONS, Scene, calm, prepare
from benchmarks.faults.officers import LINES, Officer
from benchmarks.faults.readers import STATEMENT, Reader
from benchmarks.faults.readings import read
from benchmarks.live.council import Tree, ledger, write_pack
from benchmarks.live.programs import eventually
from benchmarks.live.site import Site

TREE = Tree(groups=4, services=20)
YEARS = (2031, 2032)
PERIODS = range(1, 7)
READERS = ("officer", "member")
PEOPLE = (
    ("lead", "finance_lead", ()),
    ("officer", "finance_officer", ()),
    ("member", "scrutiny_member", ()),
)
OFFICERS = 4
SETTLES_WITHIN = 60
"""Seconds in which the last recompute has caught up."""


@dataclass(frozen=True)
class Round:
    """What a round was: operations by kind, what was found, how long it took."""

    name: str
    injected: int
    operations: Counter
    findings: list[Finding]
    seconds: float


class Run:
    """The site, the people, the books."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.random = site, random.Random(seed)
        self.clock = site.folder / "clock"
        self._make_the_clock_movable()
        first = {}
        for place in itertools.product(YEARS, PERIODS):
            first[place] = ledger(TREE, self.random.randint(*LINES), self.random.getrandbits(48))
        site.start()
        self._load(first)
        self.books = Books(first)
        places = [list(first)[number::OFFICERS] for number in range(OFFICERS)]
        seeds = [self.random.getrandbits(48) for _ in places]
        self.officers = [
            Officer(site, self.books, TREE, own, each)
            for own, each in zip(places, seeds, strict=True)
        ]
        self.readers = [Reader(site, self.books, name, list(first)) for name in READERS]
        self.scene = Scene(site, self.random, self.officers, self.clock)
        self.before = {row.pk for row in self._read().uploads}
        self.pool = ThreadPoolExecutor(OFFICERS)

    def _make_the_clock_movable(self) -> None:
        hook = self.site.folder / "clock-hook"
        hook.mkdir()
        shutil.copy(Path(__file__).with_name("shifted_clock.py"), hook / "sitecustomize.py")
        self.clock.write_text("0")
        for program in (self.site.web, *self.site.workers):
            program.environment = program.environment | {
                "PYTHONPATH": str(hook),
                "BENCHMARK_CLOCK": str(self.clock),
            }

    def _load(self, first: dict[Place, object]) -> None:
        packs = []
        for year in YEARS:
            ledgers = {period: each for (start, period), each in first.items() if start == year}
            folder = self.site.folder / f"pack-{year}"
            packs.append(str(write_pack(folder, TREE, year, ledgers, publish=PERIODS)))
        spec = self.site.folder / "spec.json"
        told = {"packs": packs, "people": PEOPLE, "password": self.site.password}
        spec.write_text(json.dumps(told))
        self.site.command("-m", "benchmarks.live.setting_up", str(spec))

    def _read(self) -> Reading:
        with contextlib.closing(self.site.database.connect()) as connection:
            return read(connection)

    def round(self, name: str) -> Round:
        """Everybody brings one file while this one thing breaks; then all is checked."""
        prepare(self.scene)
        start, before, found = time.monotonic(), Counter(self.books.operations), len(self.findings)
        at_work = [self.pool.submit(_bring_one, officer) for officer in self.officers]
        INJECTIONS[name](self.scene)
        self._wait_for(at_work)
        self._check()
        operations = Counter(self.books.operations)
        operations.subtract(before)
        injected = self.scene.hits or operations["sent twice"]
        calm(self.scene)
        return Round(name, injected, operations, self.findings[found:], time.monotonic() - start)

    @property
    def findings(self) -> list[Finding]:
        """All that was found so far."""
        return self.books.findings

    def _wait_for(self, at_work: list[Future]) -> None:
        while wait_for(at_work, timeout=0.2).not_done:
            self.site.look_after()
        for each in at_work:
            each.result()

    def _check(self) -> None:
        """What is found once is not found again in each later round."""
        settled = eventually(self._has_settled, SETTLES_WITHIN)
        if not settled:
            self.books.find(LOST, "jobs or figures are left behind")
        reading = self._read()
        known = {finding.what for finding in self.findings}
        found = judge(self.books, reading, self.before) + self._misread(reading)
        self.findings.extend(finding for finding in found if finding.what not in known)

    def _has_settled(self) -> bool:
        self.site.look_after()
        behind = (
            "SELECT count(*) FROM monitoring_period p JOIN monitoring_financialyear y "
            "ON y.id = p.year_id WHERE p.state = 'open' AND p.batch_id IS NOT NULL "
            "AND p.figures_revision IS DISTINCT FROM y.revision"
        )
        jobs = "SELECT count(*) FROM council_finance_job WHERE state IN ('queued', 'running')"
        return all(self.scene.rows(sql) == [(0,)] for sql in (behind, jobs))

    def _misread(self, reading: Reading) -> list[Finding]:
        """Published statements that a reader had, and that are not what was published."""
        found = []
        for reader in self.readers:
            for key, seen in reader.published.items():
                report = reading.reports.get(key)
                if report is None or seen != {report.found[STATEMENT]}:
                    found.append(Finding(WRONG, f"readers had another report {key}"))
        return found

    def close(self) -> None:
        """Nobody reads or works any more."""
        for reader in self.readers:
            reader.stop()
        self.pool.shutdown(wait=False, cancel_futures=True)


def _bring_one(officer: Officer) -> None:
    """One upload, with the reports that are published and reopened on the way."""
    while not officer.work():
        pass
