"""Figures: the flat table of open data, read statement by statement."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from council_finance import registry
from council_finance.accounts.models import User
from monitoring.odata.entity_types import DRAFT_FIGURES, FIGURES, EntitySet
from monitoring.odata.filter_evaluation import Facts, Row, Unknown
from monitoring.odata.paging import Part, PlacedRows
from monitoring.odata.refusals import RequestRefused
from monitoring.odata.selectors.published_reports import latest_ids, report_id
from monitoring.open_data.flat_rows import FlatRow, Place, placed_rows
from monitoring.open_data.selectors import readable_reports
from monitoring.people.rights import may_see_drafts
from monitoring.published.models import Report, ReportStatement
from monitoring.reports.selectors.report_data import (
    ReportData,
    draft_data,
    has_draft,
    published_data,
)
from monitoring.structure.models import Period

_PLACE = re.compile(r"(\d{1,9})\.(\d{1,9})", re.ASCII)


@dataclass(frozen=True)
class _Source:
    """A report or a draft, and the names of its statements; its data are read when needed."""

    period: Period
    version: int
    status: str
    names: Collection[str]
    report: Report | None = None

    def read_data(self) -> ReportData:
        """Return the report's data, or those of the draft as it is now."""
        return published_data(self.report) if self.report else draft_data(self.period)


def figure_parts(person: User, entity_set: EntitySet) -> Sequence[Part]:
    """Return the statements of the reports in that set, in order; none of them is read yet.

    Statements of a year are in each of its reports and are taken from the last one, as in the flat
    table. Raise `RequestRefused` (403) for drafts that the person may not see.
    """
    if entity_set == DRAFT_FIGURES:
        sources = _draft_sources(person)
    else:
        sources = _published_sources(person, latest=entity_set == FIGURES)
    last = {source.period.year_id: source for source in sources}
    return [
        _build_part(source, name, of_year=entry.of_year)
        for source in sources
        for name, entry in registry.statements().items()
        if name in source.names and (not entry.of_year or last[source.period.year_id] is source)
    ]


def _published_sources(person: User, *, latest: bool) -> list[_Source]:
    reports = readable_reports(person, every_version=True)
    newest = latest_ids(reports)
    wanted = [report for report in reports if (report.pk in newest) == latest]
    names: dict[int, set[str]] = {report.pk: set() for report in wanted}
    frozen = ReportStatement.objects.filter(report__in=list(names))
    for pk, name in frozen.values_list("report_id", "name"):
        names[pk].add(name)
    return [
        _Source(report.period, report.version, "published", names[report.pk], report)
        for report in wanted
    ]


def _draft_sources(person: User) -> list[_Source]:
    if not may_see_drafts(person):
        raise RequestRefused(
            403,
            "Forbidden",
            "Drafts are for finance officers, finance leads and administrators. Figures has the "
            "published reports.",
        )
    periods = Period.objects.select_related("year").order_by("year__start", "number")
    drafts = [draft_data(period) for period in periods if has_draft(period)]
    names = registry.statements().keys()
    return [_Source(each.period, each.version, each.status, names) for each in drafts]


def _build_part(source: _Source, name: str, *, of_year: bool) -> Part:
    period = source.period
    own_id = report_id(period, source.version)
    begin = Place(period.year.start, period.number, source.version, name)
    known: Facts = {
        "id": Unknown(f"{own_id}/{name}/"),
        "report_id": own_id,
        "financial_year": period.year.label,
        "period": None if of_year else period.number,
        "version": source.version,
        "status": source.status,
        "statement": name,
    }

    def read(within: str) -> PlacedRows:
        return _read_rows(source, begin, within, own_id, period.year.slug)

    def count() -> int:
        return _count_frozen_cells(source.report, name)

    return Part(f"{own_id}/{name}", known, read, count if source.report else None)


def _count_frozen_cells(report: Report | None, name: str) -> int:
    """Return the number of cells of a frozen statement, which are as many as its rows of the table.

    Each cell has one key `value`; within a text the quotes would have backslashes before them.
    """
    frozen = ReportStatement.objects.filter(report=report, name=name)
    return frozen.values_list("text", flat=True).get().count('"value": ')


def _read_rows(source: _Source, begin: Place, within: str, own_id: str, year: str) -> PlacedRows:
    row, column = _read_place(within) if within else (1, 1)
    found = placed_rows(
        [source.read_data()],
        statements=[begin.statement],
        begin=begin._replace(row=row, column=column),
    )
    return (
        (f"{place.row}.{place.column}", _build_row(flat, own_id, year)) for place, flat in found
    )


def _read_place(within: str) -> tuple[int, int]:
    """Return row and column, from 1. Raise `ValueError` where the text is no place."""
    found = _PLACE.fullmatch(within)
    if found is None or int(found[1]) < 1 or int(found[2]) < 1:
        raise ValueError
    return int(found[1]), int(found[2])


def _build_row(flat: FlatRow, own_id: str, year: str) -> Row:
    code = flat.service_code
    return flat._asdict() | {
        "id": f"{own_id}/{flat.statement}/{flat.row_key}/{flat.measure}",
        "report_id": own_id,
        "service_id": f"{year}/{code}" if code else None,
        "service_code": code or None,
        "service_path": flat.service_path or None,
    }
