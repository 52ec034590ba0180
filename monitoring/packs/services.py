"""Load a pack: a folder that sets up a council's year, with the files of its periods."""

from collections.abc import Callable, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from django.db import transaction

from council_finance import registry
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.periods import PERIODS
from council_finance.uploads.lookalikes import alike_codes
from council_finance.uploads.problems import FileRefused
from monitoring.ledger_files.upload_kinds.lines import note_exempt_lines
from monitoring.published.models import Report
from monitoring.publishing.services.reports import publish_report
from monitoring.restructuring.services.years import set_up_year
from monitoring.settings.pack_file import read_pack_keys, settings_of_pack, year_of_pack
from monitoring.structure.models import BudgetLine, FinancialYear, Period, Service
from monitoring.structure.year_changes import postpone_figures
from monitoring.uploading.alike_codes import in_words
from monitoring.uploading.models import Upload, UploadState
from monitoring.uploading.pipeline.reading import read_table
from monitoring.uploading.selectors.uploads import file_content
from monitoring.uploading.services.uploads import upload_file

_POSITION = "position"


@dataclass
class PackOutcome:
    """The outcome of loading a pack.

    `stored` are names of files that were stored, `same` of files that were stored already, `left`
    of files that no app reads; `published` are numbers of periods. `new_codes` are codes that the
    pack says are new, although they look like known ones.
    """

    year: FinancialYear
    stored: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    published: list[int] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    new_codes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PackFile:
    """A file of a pack with its kind; `period` is None for a file of the year."""

    name: str
    path: Path
    kind: registry.UploadKind[Any, Any]
    period: int | None

    def rows(self, content: bytes, sheet: str = "") -> pd.DataFrame | None:
        """Return the rows of such a file; None where it cannot be read, as its upload reports."""
        try:
            return read_table(content, self.kind, [sheet] if sheet else []).frame
        except FileRefused:
            return None


def load_pack(
    *,
    folder: Path,
    by: User | None,
    before_publishing: Callable[[Period], None] | None = None,
) -> PackOutcome:
    """Load the pack in one transaction. Raise `Refused` where it cannot be; nothing is stored then.

    The order is: the tree, the first period's lines, then files that name lines; then each period
    is loaded and published. Files that are the same as before are skipped; different figures for a
    published period are refused. A period that was published before, and may have been reopened
    since, is not published again. `before_publishing` is called with each period that is to be
    published, once its files are stored.
    """
    data = _read_toml(folder)
    start, publish = _year_and_periods(data)
    periods = _find_periods(folder, publish)
    with transaction.atomic(), postpone_figures(), registry.looked_up_at_the_end() as waiting:
        year = set_up_year(
            start=start, council=data["council"], settings=settings_of_pack(data), by=by
        )
        outcome = PackOutcome(year, new_codes=_new_codes(data))
        outcome.left = _left_files(folder, periods)
        _load_year(folder, periods, outcome, by)
        _refuse_unknown_references(waiting)
        for number in periods:
            for file in _find_files(folder, number):
                _load_file(file, outcome, by)
            _refuse_unknown_references(waiting)
            if number in publish:
                _publish_once(year, number, outcome, by, before_publishing)
    return outcome


def _refuse_unknown_references(waiting: list[Callable[[], list[str]]]) -> None:
    """Raise `Refused` where a file names a record that no file has brought until now."""
    # A file is checked twice, so each fault is found twice.
    if faults := dict.fromkeys(fault for find_faults in waiting for fault in find_faults()):
        raise Refused(*faults)
    waiting.clear()


def _read_toml(folder: Path) -> dict[str, Any]:
    """Return pack.toml. Raise `Refused` where it cannot be read or has wrong keys."""
    try:
        content = (folder / "pack.toml").read_bytes()
    except OSError as error:
        raise Refused(f"{folder} is not a pack: it has no pack.toml.") from error
    return read_pack_keys(content)


def _new_codes(data: dict[str, Any]) -> frozenset[str]:
    codes = data.get("new_codes", [])
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise Refused('pack.toml: new_codes must be a list of codes, such as ["123"].')
    return frozenset(codes)


def _year_and_periods(data: dict[str, Any]) -> tuple[int, list[int]]:
    """Return the year that the pack is for, and the periods to be published."""
    start = year_of_pack(data)
    publish = data.get("publish", [])
    whole = isinstance(publish, list) and all(type(number) is int for number in publish)
    if not whole or not set(publish) <= set(PERIODS):
        raise Refused("pack.toml: publish must be a list of periods from 0 to 13.")
    return start, sorted(set(publish))


def _find_periods(folder: Path, publish: list[int]) -> list[int]:
    """Return the pack's periods in order: those with a folder and those to be published."""
    found = set(publish)
    for path in sorted((folder / "periods").glob("*")):
        if not path.is_dir():
            continue
        if not path.name.isdigit() or int(path.name) not in PERIODS or len(path.name) != 2:
            raise Refused(f"periods/{path.name}: a period's folder is called 00 to 13.")
        found.add(int(path.name))
    return sorted(found)


def _folder_name(period: int | None) -> str:
    return "" if period is None else f"periods/{period:02d}/"


def _find_files(folder: Path, period: int | None) -> list[PackFile]:
    """Return the files at the root, or of a period, in the order of their kinds.

    A file of the year in a period's folder, such as a changed tree, is loaded with that period.
    """
    of_periods = {kind.name for kind in registry.upload_kinds() if kind.per_period}
    files = []
    for kind in registry.upload_kinds():
        name = f"{_folder_name(period)}{kind.name}.csv"
        fits = (
            period is not None
            if kind.per_period
            else (period is None or kind.name not in of_periods)
        )
        if fits and (folder / name).is_file():
            files.append(PackFile(name, folder / name, kind, period if kind.per_period else None))
    return files


def _left_files(folder: Path, periods: list[int]) -> list[str]:
    """Return the names of CSV files that no app reads."""
    folders = [None, *periods]
    taken = {file.name for period in folders for file in _find_files(folder, period)}
    found = [path for period in folders for path in (folder / _folder_name(period)).glob("*.csv")]
    names = {path.relative_to(folder).as_posix() for path in found}
    return sorted(names - taken)


def _load_year(folder: Path, periods: list[int], outcome: PackOutcome, by: User | None) -> None:
    """Load the tree, the first period's lines and the files of the year."""
    files = _find_files(folder, None)
    of_lines = [
        file
        for number in periods
        for file in _find_files(folder, number)
        if file.kind.has_budget_lines
    ]
    tree = [file for file in files if file.kind.name == "services"]
    first = [file for file in of_lines if file.period == of_lines[0].period]
    for file in tree + first:
        _load_file(file, outcome, by)
    for file in of_lines[len(first) :]:
        _register_lines(file, outcome.year, outcome.new_codes, by)
    for file in files:
        if file not in tree:
            _load_file(file, outcome, by)


def _register_lines(
    file: PackFile, year: FinancialYear, new_codes: Set[str], by: User | None
) -> None:
    """Make the lines that a later period's file adds, so that files of the year may name them.

    Rows without a service are left out; faults are reported when the file itself is loaded.
    """
    frame = file.rows(file.path.read_bytes())
    if frame is None:
        return
    services = {service.code: service for service in Service.objects.filter(year=year)}
    known = set(BudgetLine.objects.filter(year=year).values_list("cost_centre", "account"))
    new = {}
    for row in frame.itertuples(index=False):
        key = (row.cost_centre, row.account)
        if all(key) and key not in known and row.service_code in services:
            new[key] = BudgetLine(
                year=year,
                cost_centre=row.cost_centre,
                account=row.account,
                description=row.description,
                service=services[row.service_code],
                exempt=file.kind.name == _POSITION and row.exempt,
            )
    _refuse_alike(file, known, set(new), new_codes)
    BudgetLine.objects.bulk_create(new.values(), batch_size=1000)
    note_exempt_lines(year, sum(line.exempt for line in new.values()), by=by)


def _refuse_alike(
    file: PackFile,
    known: Set[tuple[str, str]],
    new: Set[tuple[str, str]],
    new_codes: Set[str],
) -> None:
    """Raise `Refused` for codes of new lines that look like known ones.

    `known` and `new` are cost centres and accounts of lines.
    """
    for place, column in enumerate(("cost_centre", "account")):
        before = {key[place] for key in known}
        added = {key[place] for key in new} - before - new_codes
        for code, other in alike_codes(added, before):
            raise Refused(
                f"{file.name}: the {column} {code} is new, and differs from {other} only in "
                f"{in_words(code, other)}. Where it is another code, say so in pack.toml: "
                f'new_codes = ["{code}"].'
            )


def _load_file(file: PackFile, outcome: PackOutcome, by: User | None) -> None:
    """Store a file unless it is the same as before. Raise `Refused` as its upload."""
    name = file.name
    if name in outcome.stored or name in outcome.same:
        return
    content = file.path.read_bytes()
    if not _was_replaced(file, outcome) and _is_same(file, content, outcome.year):
        outcome.same.append(name)
        return
    try:
        upload_file(
            kind=file.kind.name,
            year=outcome.year,
            period=file.period,
            content=content,
            file_name=name,
            by=by,
            new_codes=outcome.new_codes,
        )
    except Refused as refused:
        raise Refused(*(f"{name}: {message}" for message in refused.messages)) from refused
    outcome.stored.append(name)


def _was_replaced(file: PackFile, outcome: PackOutcome) -> bool:
    """Return True where a position loaded just now has replaced the file's figures."""
    if not file.kind.has_budget_lines or file.kind.name == _POSITION:
        return False
    return f"{_folder_name(file.period)}{_POSITION}.csv" in outcome.stored


def _is_same(file: PackFile, content: bytes, year: FinancialYear) -> bool:
    """Return True where the last upload of this kind and period has the same rows.

    Files of the year may be in several folders: compare with the last upload of the same name.
    """
    uploads = Upload.objects.filter(
        year=year, kind=file.kind.name, period=file.period, state=UploadState.STORED
    )
    if file.period is None:
        uploads = uploads.filter(file_name=file.name)
    last = uploads.order_by("-pk").first()
    if last is None or last.scope:
        return False
    stored = file_content(last)
    if stored == content:
        return True
    before, now = file.rows(stored, last.sheet), file.rows(content)
    if before is None or now is None:
        return False
    return bool(before.reset_index(drop=True).equals(now.reset_index(drop=True)))


def _publish_once(
    year: FinancialYear,
    number: int,
    outcome: PackOutcome,
    by: User | None,
    before_publishing: Callable[[Period], None] | None,
) -> None:
    """Publish a period unless it was published before."""
    period = Period.objects.select_related("year").get(year=year, number=number)
    if not Report.objects.filter(period=period).exists():
        if before_publishing is not None:
            before_publishing(period)
        publish_report(period=period, by=by)
        outcome.published.append(number)
