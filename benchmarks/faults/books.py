"""What people sent and were told, kept beside the site; and whether the site agrees. Pure.

A file that was answered with its upload's page was accepted. One whose answer never came may have
been accepted or not: either is right, half of it is not.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field

from benchmarks.live.council import Ledger

LOST, DOUBLED, TORN, WRONG = "lost", "doubled", "torn", "wrong"
KINDS = (LOST, DOUBLED, TORN, WRONG)

STORED, REFUSED = "stored", "refused"
Place = tuple[int, int]
"""A year's first calendar year and a period."""


@dataclass(frozen=True)
class Finding:
    """Something that must not be; `kind` is one of KINDS."""

    kind: str
    what: str


@dataclass
class Sent:
    """A file for a place: how often it was sent, and how often taken.

    What was answered with a refusal was not sent.
    """

    place: Place
    ledger: Ledger
    times: int = 0
    accepted: int = 0


@dataclass(frozen=True)
class UploadRow:
    """An upload as the database has it, with what was stored of it."""

    pk: int
    place: Place
    sha256: str
    state: str
    batches: int
    batch_lines: int
    budget: int
    forecast: int
    stray_lines: int
    audit: Counter


@dataclass(frozen=True)
class PeriodRow:
    """A period: whose figures it shows, whether they are up to date, and what they are by row."""

    is_published: bool
    upload: int
    is_up_to_date: bool
    figures: dict[str, tuple[int, int]]


@dataclass(frozen=True)
class ReportRow:
    """A published version: the SHA-256 of each statement as noted, and as its text gives it."""

    noted: dict[str, str]
    found: dict[str, str]
    audit: int


@dataclass
class Reading:
    """The database at one moment."""

    uploads: list[UploadRow]
    periods: dict[Place, PeriodRow]
    reports: dict[tuple[Place, int], ReportRow]
    reopened: Counter
    strangers: list[str] = field(default_factory=list)


class Books:
    """Everything that people did; several of them write at the same time."""

    def __init__(self, first: dict[Place, Ledger]) -> None:
        self.lock = threading.Lock()
        self.sent: dict[str, Sent] = {}
        self.shown: dict[Place, list[Ledger]] = {place: [each] for place, each in first.items()}
        self.published: dict[tuple[Place, int], dict[str, str]] = {}
        self.reopened: Counter = Counter()
        self.findings: list[Finding] = []
        self.operations: Counter = Counter()

    def find(self, kind: str, what: str) -> None:
        """Note something that must not be, seen while the site was at work."""
        with self.lock:
            self.findings.append(Finding(kind, what))

    def count(self, what: str) -> None:
        """Note an operation."""
        with self.lock:
            self.operations[what] += 1

    def sending(self, place: Place, ledger: Ledger) -> Sent:
        """A file is about to be sent, perhaps not for the first time."""
        with self.lock:
            sent = self.sent.setdefault(ledger.sha256, Sent(place, ledger))
            sent.times += 1
            return sent

    def about_to_store(self, place: Place, ledger: Ledger) -> None:
        """From now on a reader may see these figures."""
        with self.lock:
            if self.shown[place][-1] is not ledger:
                self.shown[place].append(ledger)

    def ledger_of(self, place: Place, budget: int) -> tuple[int, Ledger] | None:
        """Which of the place's ledgers has this budget in all (pence), and its number."""
        with self.lock:
            known = list(enumerate(self.shown[place]))
        return next((pair for pair in reversed(known) if pair[1].total[0] == budget), None)


def judge(books: Books, reading: Reading, first: set[int]) -> list[Finding]:
    """Everything that does not agree. `first` are the uploads that were there before.

    Call it when every operation has ended, so that what was accepted is stored or refused.
    """
    found = [Finding(WRONG, what) for what in reading.strangers]
    by_sha: dict[str, list[UploadRow]] = {}
    for row in reading.uploads:
        if row.pk not in first:
            by_sha.setdefault(row.sha256, []).append(row)
    for sha256 in by_sha.keys() - books.sent.keys():
        found.append(Finding(WRONG, f"an upload nobody sent: {by_sha[sha256]}"))
    for sha256, sent in books.sent.items():
        found += _judge_sent(sent, by_sha.get(sha256, []))
    last = _last_stored(reading, first)
    for place, period in reading.periods.items():
        found += _judge_period(books, place, period, last.get(place))
    found += _judge_reports(books, reading)
    return found


def _judge_sent(sent: Sent, rows: list[UploadRow]) -> list[Finding]:
    name = f"{sent.ledger.fault or 'good'} file for {sent.place}"
    if len(rows) < sent.accepted:
        return [Finding(LOST, f"{name}: taken {sent.accepted} times, kept {len(rows)} times")]
    if len(rows) > sent.times:
        return [Finding(DOUBLED, f"{name}: sent {sent.times} times, kept {len(rows)} times")]
    return [finding for row in rows for finding in _judge_upload(name, sent, row)]


def _judge_upload(name: str, sent: Sent, row: UploadRow) -> list[Finding]:
    name = f"{name}, upload {row.pk}"
    wanted = REFUSED if sent.ledger.fault else STORED
    if row.state != wanted:
        there = row.state in (STORED, REFUSED)
        return [Finding(WRONG if there else LOST, f"{name} is {row.state}, not {wanted}")]
    times = int(wanted == STORED)
    stored, refused = row.audit["stored an upload"], row.audit["had an upload refused"]
    found = []
    for what, count, right in (
        ("batches", row.batches, times),
        ("entries that it was stored", stored, times),
        ("entries that it was refused", refused, 1 - times),
        ("entries that it was uploaded", row.audit["uploaded"], 1),
    ):
        if count != right:
            kind = DOUBLED if count > right else LOST
            found.append(Finding(kind, f"{name}: {count} {what}, not {right}"))
    if wanted == REFUSED:
        if row.batch_lines or row.stray_lines:
            found.append(Finding(WRONG, f"{name} was refused and has {row.stray_lines} lines"))
    elif (row.batch_lines, row.budget, row.forecast) != (sent.ledger.lines, *sent.ledger.total):
        found.append(Finding(LOST, f"{name}: other figures were stored: {row}"))
    return found


def _last_stored(reading: Reading, first: set[int]) -> dict[Place, UploadRow]:
    """By place its last stored upload of this run: one at a time is under way there."""
    rows = (row for row in reading.uploads if row.state == STORED and row.pk not in first)
    return {row.place: row for row in sorted(rows, key=lambda row: row.pk)}


def _judge_period(
    books: Books, place: Place, period: PeriodRow, last: UploadRow | None
) -> list[Finding]:
    found = []
    sent = books.sent.get(last.sha256) if last else None
    ledger = sent.ledger if sent else books.shown[place][0]
    if last and period.upload != last.pk:
        found.append(Finding(LOST, f"{place} shows upload {period.upload}, not {last.pk}"))
    if period.is_published:
        return found
    if not period.is_up_to_date:
        found.append(Finding(TORN, f"the figures of {place} are behind"))
    if period.figures != ledger.sums:
        found.append(Finding(TORN, f"the figures of {place} are not those of its last ledger"))
    return found


def _judge_reports(books: Books, reading: Reading) -> list[Finding]:
    found = []
    for key, hashes in books.published.items():
        report = reading.reports.get(key)
        if report is None:
            found.append(Finding(LOST, f"report {key} is gone"))
        elif report.noted != hashes or report.found != hashes:
            found.append(Finding(WRONG, f"report {key} is not what was published"))
    for key, report in reading.reports.items():
        if report.audit != 1:
            kind = DOUBLED if report.audit > 1 else LOST
            found.append(Finding(kind, f"report {key}: {report.audit} entries"))
        if report.noted != report.found:
            found.append(Finding(WRONG, f"report {key}: its text is not what its SHA-256 says"))
    for place in {key[0] for key in reading.reports}:
        versions = sorted(version for where, version in reading.reports if where == place)
        if versions != list(range(1, len(versions) + 1)):
            found.append(Finding(LOST, f"{place} has versions {versions}"))
    if reading.reopened != books.reopened:
        found.append(
            Finding(WRONG, f"reopened {dict(books.reopened)}, noted {dict(reading.reopened)}")
        )
    return found
