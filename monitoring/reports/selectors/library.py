"""The reports library: every report that a person may read, the newest first."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from council_finance.statements import Display
from monitoring.figures.models import NodeFigure
from monitoring.published.models import Report, ReportFigure
from monitoring.structure.council_settings import read_settings
from monitoring.structure.models import FinancialYear, Period


@dataclass(frozen=True)
class LibraryRow:
    """A report in the library: the latest published version of a period, or its draft.

    `position` is the forecast in words; `earlier` are the versions before this one.
    `query` names this version where the address alone would give the reader a draft.
    """

    period: Period
    published_on: datetime.date | None
    version: int
    position: str
    earlier: tuple[int, ...] = ()
    query: str = ""

    @property
    def is_draft(self) -> bool:
        """Return True where the figures may still change."""
        return self.published_on is None


@dataclass(frozen=True)
class LibraryYear:
    """A year's reports."""

    year: FinancialYear
    rows: tuple[LibraryRow, ...]

    @property
    def has_report(self) -> bool:
        """Return True where one of its rows is a published report."""
        return not all(row.is_draft for row in self.rows)


def library(*, with_drafts: bool, with_withheld: bool) -> list[LibraryYear]:
    """Return the years with a report to read, the latest first, in four queries.

    `with_drafts` is for those who read the draft of an open period; it comes before the report
    that the period published earlier. `with_withheld` is for those who read versions that name a
    line which has become exempt.
    """
    versions: dict[int, list[Report]] = {}
    for report in Report.objects.defer("line_services").order_by("version"):
        versions.setdefault(report.period_id, []).append(report)
    drafts = _council_variances(NodeFigure.objects.all(), "period") if with_drafts else {}
    published = _council_variances(ReportFigure.objects.all(), "report")
    periods = Period.objects.select_related("year").order_by("-year__start", "-number")
    displays: dict[int, Display] = {}
    years: dict[FinancialYear, list[LibraryRow]] = {}
    for period in periods:
        if period.year_id not in displays:
            displays[period.year_id] = read_settings(period.year.settings).display
        display = displays[period.year_id]
        reports = versions.get(period.pk, [])
        has_draft = not period.is_published and period.pk in drafts
        rows = years.setdefault(period.year, [])
        if has_draft:
            rows.append(_draft_row(period, reports, position_words(drafts[period.pk], display)))
        if reports:
            net = published.get(reports[-1].pk)
            position = position_words(net, display)
            rows.append(_published_row(period, reports, position, has_draft, with_withheld))
    return [LibraryYear(year, tuple(rows)) for year, rows in years.items() if rows]


def _council_variances(
    figures: QuerySet[NodeFigure] | QuerySet[ReportFigure], owner: str
) -> dict[int, int | None]:
    """Return the net variance of the council's row in pence, by report or period."""
    return dict(figures.filter(place=0).values_list(f"{owner}_id", "net_variance_pence"))


def _draft_row(period: Period, reports: Iterable[Report], position: str) -> LibraryRow:
    return LibraryRow(
        period, None, max((each.version for each in reports), default=0) + 1, position
    )


def _published_row(
    period: Period, reports: list[Report], position: str, has_draft: bool, with_withheld: bool
) -> LibraryRow:
    *earlier, latest = reports
    return LibraryRow(
        period=period,
        published_on=timezone.localdate(latest.published_at),
        version=latest.version,
        position=position,
        earlier=tuple(
            report.version
            for report in reversed(earlier)
            if with_withheld or report.withheld_for_id is None
        ),
        query=f"?version={latest.version}" if has_draft else "",
    )


def position_words(net_variance: int | None, display: Display) -> str:
    """Return a net variance in pence as words in the council's unit: `Overspend of £0.126m`."""
    if net_variance is None:
        return "No forecast yet"
    if display.rounded_pence(net_variance) == 0:
        return "On budget"
    sense = "Overspend" if net_variance > 0 else "Underspend"
    return f"{sense} of {display.in_words(abs(net_variance))}"
