"""The data of a report's statements, in the same shape for drafts and published reports.

`frozen` is plain data: for a draft it is read from the live tables on first use, for a published
report it was stored on publishing. So statements are made in the same way from either.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from council_finance import registry
from council_finance.errors import Refused
from council_finance.periods import as_at, financial_year_label
from council_finance.statements import Display, Header
from monitoring.ledger.models import Batch
from monitoring.ledger.selectors.position_reader import PositionReader
from monitoring.published.models import Report
from monitoring.published.report_rows import (
    ContingencyLine,
    MonthlyOffset,
    PreviousReport,
    ReportRow,
    VirementLeg,
)
from monitoring.published.selectors.published_data import FrozenReport, frozen_of
from monitoring.published.selectors.reports import latest_report
from monitoring.reports.selectors.draft_data import DraftData, read_contingency, read_drafts
from monitoring.reports.selectors.year_data import YearData, year_header
from monitoring.structure.council_settings import CouncilSettings
from monitoring.structure.models import Period
from monitoring.structure.selectors.calendar import Calendar, calendar_of

if TYPE_CHECKING:
    import pandas as pd

NO_FIGURES = "There are no figures for {period} yet; upload its position first."

Section = TypeVar("Section")
Made = TypeVar("Made")


@dataclass(frozen=True)
class ReportData:
    """One version of a period's report, as statements, checks and pages read it.

    `nodes` are the rows of the read model in the order of the tree, amounts in pence without the
    suffix; `virements` the register's legs up to the period; `contingency` its budget lines.
    `reader` reads positions, each batch once for all parts of a page.
    """

    period: Period
    report: Report | None
    version: int
    status: str
    frozen: FrozenReport | DraftData
    _parts: dict[str, Any] = field(default_factory=dict)
    _calendar: Calendar | None = None
    _settings: CouncilSettings | None = None
    reader: PositionReader = field(default_factory=PositionReader, repr=False, compare=False)
    # Not copied by `replace`: another report has other rows.
    _typed: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _made: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def calendar(self) -> Calendar:
        """Return the periods of its year, and the versions published of each."""
        return self._calendar or calendar_of(self.period.year)

    @property
    def has_newer_version(self) -> bool:
        """Return True where a later version of this report was published."""
        return self.calendar.last_version(self.period.number) > self.version

    @property
    def is_comparative_superseded(self) -> bool:
        """Return True where the report that these were compared with has newer figures."""
        was = self.compared_with
        return was is not None and self.calendar.has_newer_figures(was.period, was.version)

    @property
    def batch(self) -> Batch:
        """Return the positions behind the figures. Raise `Refused` where there are none."""
        found = self.report.batch if self.report is not None else self.period.batch
        if found is None:
            raise Refused(NO_FIGURES.format(period=self.period))
        return found

    @property
    def positions(self) -> pd.DataFrame:
        """Return the positions behind the figures, read once: columns of positions_frame."""
        if self.report is not None:
            return self.reader.of_report(self.report)
        return self.reader.of_batch(self.period.batch)

    @cached_property
    def header(self) -> Header:
        """Return the header of each statement."""
        start, number = self.period.year.start, self.period.number
        return Header(
            council=self.frozen["council"],
            financial_year=financial_year_label(start),
            period=number,
            status=self.status,
            version=self.version,
            as_at=as_at(start, number),
        )

    @cached_property
    def of_year(self) -> YearData:
        """Return what statements of the whole year read; it has the report's version."""
        header = year_header(
            self.period.year,
            council=self.frozen["council"],
            status=self.status,
            version=self.version,
        )
        return YearData(self.period.year, header, self.settings, self.report_section)

    @cached_property
    def settings(self) -> CouncilSettings:
        """Return the council's settings: as published, or of a draft those of today."""
        return self._settings or self.frozen.council_settings

    def with_settings(self, settings: CouncilSettings) -> ReportData:
        """Return the same figures under other settings; the data of other apps stay as they are."""
        return replace(self, _settings=settings)

    def display(self, statement: str) -> Display:
        """Return how that statement prints amounts."""
        return self.settings.display_for(statement)

    @property
    def nodes(self) -> tuple[ReportRow, ...]:
        """Return the rows of the tree of services in its order."""
        return self.frozen.rows

    @cached_property
    def children(self) -> dict[str, list[ReportRow]]:
        """Return rows by the key of the row above; the council's row is under ""."""
        found: dict[str, list[ReportRow]] = {}
        for node in self.nodes:
            found.setdefault(node.parent_key, []).append(node)
        return found

    def keys_under(self, key: str) -> set[str]:
        """Return the keys of a row and of every row under it."""
        found, rest = set(), [key]
        while rest:
            found.add(here := rest.pop())
            rest.extend(node.key for node in self.children.get(here, ()))
        return found

    @property
    def version_text(self) -> str:
        """Return the version as templates put it into a sentence."""
        return str(self.version)

    @property
    def top(self) -> ReportRow:
        """Return the council's row."""
        return self.nodes[0]

    @property
    def has_ledger(self) -> bool:
        """Return True where the period has budget lines; without, its rows are the bare tree."""
        return bool(self.nodes) and self.top.lines > 0

    @property
    def leaves(self) -> list[ReportRow]:
        """Return the rows that are not the sum of other rows."""
        return [node for node in self.nodes if not node.is_group]

    @cached_property
    def virements(self) -> tuple[VirementLeg, ...]:
        """Return legs of the register, approved and pending, of the period or before."""
        return tuple(VirementLeg.from_data(each) for each in self.frozen["virements"])

    @property
    def approved_virements(self) -> list[VirementLeg]:
        """Return the approved legs, which change figures."""
        return [leg for leg in self.virements if leg.is_approved]

    @cached_property
    def contingency(self) -> tuple[ContingencyLine, ...]:
        """Return the budget lines of the contingency."""
        if self._settings is None:
            lines = self.frozen["contingency"]
        else:
            lines = read_contingency(self.period, self._settings, self.report)
        return tuple(ContingencyLine(**each) for each in lines)

    @property
    def monthly_offset(self) -> MonthlyOffset | None:
        """Return the notional offset entered for the month or carried; None where there is none.

        Reports published before these were recorded have none.
        """
        found = self.frozen.get("monthly_offset")
        return MonthlyOffset(**found) if found else None

    @property
    def commentary(self) -> dict[str, str]:
        """Return texts of commentary by service code."""
        texts: dict[str, str] = self.frozen["commentary"]
        return texts

    @property
    def sign_offs(self) -> dict[str, dict[str, str]]:
        """Return sign-offs of commentary by service code: `by` (name) and `at` (ISO date).

        Reports published before sign-offs were recorded have none.
        """
        signed: dict[str, dict[str, str]] = self.frozen.get("sign_offs", {})
        return signed

    @property
    def exempt_lines(self) -> list[int]:
        """Return ids of exempt lines; reports published before these were recorded have none."""
        lines: list[int] = self.frozen.get("exempt_lines", [])
        return lines

    @property
    def previous_sections(self) -> dict[str, int]:
        """Return the net variance of each section in the previous report, in pence."""
        sections: dict[str, int] = self.frozen["previous_sections"]
        return sections

    def report_section(self, name: str) -> Any:
        """Return another app's data of the period; None in a report published without it.

        For a draft it is read on first use, as most pages need none.
        """
        if self.report is not None:
            return self.frozen.get("parts", {}).get(name)
        if name not in self._parts:
            year = self.period.year
            self._parts[name] = registry.read_report_section(name, year=year, period=self.period)
        return self._parts[name]

    def with_report_section(self, name: str, part: Any) -> ReportData:
        """Return the same report with another app's data given instead of read."""
        if self.report is not None:
            given = {**self.frozen, "parts": self.frozen.get("parts", {}) | {name: part}}
            return replace(self, frozen=FrozenReport(given))
        return replace(self, _parts=self._parts | {name: part})

    def typed_section(self, name: str, read: Callable[[Any], Section]) -> Section:
        """Return an app's data as `read` converts it, such as to rows with named fields.

        It is converted once for each report and kept for every page, statement and check.
        """
        if self.report is not None and isinstance(self.frozen, FrozenReport):
            return self.frozen.typed_section(name, read)
        if name not in self._typed:
            self._typed[name] = read(self.report_section(name))
        section: Section = self._typed[name]
        return section

    def made_once(self, name: str, make: Callable[[ReportData], Made]) -> Made:
        """Return what `make` makes of this data, made when it is first asked for by its name."""
        if name not in self._made:
            self._made[name] = make(self)
        made: Made = self._made[name]
        return made

    @property
    def to_freeze(self) -> dict[str, Any]:
        """Return everything that publishing stores, with the data of every app."""
        parts = {name: self.report_section(name) for name in registry.report_sections()}
        whole = {
            name: dict(part) if isinstance(part, Mapping) else part for name, part in parts.items()
        }
        return {**self.frozen, "parts": whole}

    @property
    def compared_with(self) -> PreviousReport | None:
        """Return the previous report; None for the first of a year."""
        found = self.frozen["compared_with"]
        return PreviousReport(**found) if found else None


def draft_data(
    period: Period, *, status: str = "draft", data: DraftData | None = None
) -> ReportData:
    """Return the data of an open period today; its figures must have been computed.

    `data` is what it is read from, where that has been begun already.
    """
    calendar = calendar_of(period.year)
    return ReportData(
        period=period,
        report=None,
        version=calendar.last_version(period.number) + 1,
        status=status,
        frozen=data or DraftData(period),
        _calendar=calendar,
    )


def drafts_of(periods: Collection[Period]) -> dict[int, ReportData]:
    """Return the data of several open periods today, by their ids, as draft_data does of one."""
    read = read_drafts(periods)
    return {period.pk: draft_data(period, data=read[period.pk]) for period in periods}


def published_data(report: Report) -> ReportData:
    """Return the data of a published report, as stored on publishing."""
    return ReportData(report.period, report, report.version, "published", frozen_of(report))


def current_data(period: Period, *, of_any_period: bool = False) -> ReportData:
    """Return the draft of a period while it is open, its latest report once published.

    Raise `Refused` where the period has no figures and nothing else to report, unless what is read
    is `of_any_period`.
    """
    if period.is_published and (report := latest_report(period)):
        return published_data(report)
    if not of_any_period and not has_draft(period):
        raise Refused(NO_FIGURES.format(period=period))
    return draft_data(period)


def has_draft(period: Period) -> bool:
    """Return True where an open period has figures of the ledger, or anything else to report."""
    if period.is_published:
        return False
    return period.batch_id is not None or registry.has_period_content(period)
