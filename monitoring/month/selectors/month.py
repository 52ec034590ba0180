"""The progress of a month's work: what is done, who has work due, and a person's next step.

All of it is read from the read model, so the cost depends on the services and not on the lines.
"""

from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.periods import APPROVED_BUDGET
from council_finance.prepared import prepared
from council_finance.registry import MonthStep
from council_finance.statements import Display
from monitoring.commentary.selectors import CommentaryRow, commentary_rows
from monitoring.month.selectors.approved_budget import approved_budget_step
from monitoring.month.selectors.ties import Ties
from monitoring.published.models import Report
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData, draft_data, has_draft
from monitoring.structure.models import Period, Service
from monitoring.timetable.selectors import due_dates_in
from monitoring.uploading.models import UNDER_WAY, Upload

_OF_UPLOADS = (
    "year",
    "period",
    "kind",
    "scope",
    "file_name",
    "state",
    "row_count",
    "warning_count",
    "uploaded_at",
)
"""What a month says of its uploads."""


@dataclass(frozen=True)
class Duties:
    """The work that a person does in a month; forecasts and commentary for their own services."""

    upload: bool = False
    forecast: bool = False
    comment: bool = False
    sign_off: bool = False
    review: bool = False
    publish: bool = False


@dataclass(frozen=True)
class MonthRow:
    """A service or group: its lines, its net variance as the council prints it, its commentary.

    `entered` lines have a forecast that is this month's own; `mine` says that the reader looks
    after the service. Lines left on a closed service have no commentary.
    """

    node: ReportRow
    level: int
    mine: bool
    display: Display
    commentary: CommentaryRow | None

    @property
    def net_variance(self) -> str:
        """Return the net variance as printed; "" where there is none."""
        net = self.node.net_variance
        return "" if net is None else self.display.amount(net)

    @property
    def sense(self) -> str:
        """Return whether the net variance is adverse or favourable; "" for neither."""
        return self.display.sense(self.node.net_variance)

    @property
    def lines(self) -> int:
        """Return the number of budget lines of the service."""
        return self.node.lines

    @property
    def carried(self) -> int:
        """Return the number of lines whose forecast is that of an earlier month."""
        return self.node.lines_carried

    @property
    def without(self) -> int:
        """Return the number of lines without a forecast."""
        return self.node.lines_without_forecast

    @property
    def entered(self) -> int:
        """Return the number of lines with a forecast of this month's own."""
        return self.lines - self.carried - self.without

    @property
    def takes_forecasts(self) -> bool:
        """Return whether the service has lines for which people enter forecasts."""
        return self.node.is_service and self.lines > 0

    @property
    def waits_for_forecasts(self) -> bool:
        """Return whether a line's forecast is missing or carried forward."""
        return self.takes_forecasts and self.entered < self.lines


@dataclass(frozen=True)
class NextStep:
    """The one thing to do next, and the page on which it is done."""

    label: str
    url: str


@dataclass(frozen=True)
class Month:
    """The progress of a period, for the services that a person sees.

    `upload` is the file of the figures, `under_way` the files not stored yet, `report` the latest
    published version, `shown` the services that the reader sees (ids).
    """

    facts: ReportData
    rows: list[MonthRow]
    duties: Duties
    upload: Upload | None
    under_way: list[Upload]
    report: Report | None
    shown: Container[int]

    def shows(self, key: str) -> bool:
        """Return whether the reader sees the service of that key.

        Who sees the whole council also sees services without a row, such as those without lines.
        """
        return self._services_by_key.get(key) in self.shown

    @cached_property
    def _services_by_key(self) -> dict[str, int]:
        return {node.key: node.service for node in self.facts.nodes}

    @property
    def period(self) -> Period:
        """Return the period."""
        return self.facts.period

    @property
    def has_figures(self) -> bool:
        """Return whether figures have been uploaded."""
        return self.upload is not None

    @cached_property
    def can_be_reviewed(self) -> bool:
        """Return whether there is a report to review, with or without the ledger's figures."""
        return self.period.is_published or has_draft(self.period)

    @property
    def may_lack_the_rest(self) -> bool:
        """Return whether services may lack figures, as after a file of some services or columns."""
        if self.upload is None or not self.duties.review or self.period.is_published:
            return False
        return self.upload.kind != "position" or bool(self.upload.scope)

    def _sum_of_lines(self, name: str) -> int:
        return sum(getattr(row, name) for row in self.rows if not row.node.is_group)

    @cached_property
    def lines(self) -> int:
        """Return the number of budget lines of the services shown."""
        return self._sum_of_lines("lines")

    @cached_property
    def entered(self) -> int:
        """Return the number of those lines with a forecast of this month's own."""
        return self.lines - self.carried - self.without

    @cached_property
    def carried(self) -> int:
        """Return the number of those lines with a forecast carried forward."""
        return self._sum_of_lines("carried")

    @cached_property
    def without(self) -> int:
        """Return the number of those lines without a forecast."""
        return self._sum_of_lines("without")

    @cached_property
    def due(self) -> list[CommentaryRow]:
        """Return the rows of services on which commentary is due."""
        return [row.commentary for row in self.rows if row.commentary and row.commentary.due]

    @cached_property
    def cannot_be_signed(self) -> list[str]:
        """Return the services whose commentary is due and that no director looks after."""
        directors = frozenset({Role.DIRECTOR})
        owners = [(row.group or row.node) for row in self.due if not row.signed_by]
        labels = [each.label for each in owners if not self.ties.nearest(each.key, directors)]
        return list(dict.fromkeys(labels))

    @property
    def written(self) -> int:
        """Return how many of the texts due are written."""
        return sum(row.explained for row in self.due)

    @property
    def unwritten(self) -> int:
        """Return how many of the texts due nobody has written."""
        return len(self.due) - self.written

    @property
    def unsigned(self) -> int:
        """Return how many of the texts due are written and wait for a sign-off."""
        return sum(row.waits_for_sign_off for row in self.due)

    @property
    def signed(self) -> int:
        """Return how many of the texts due are signed off."""
        return sum(bool(row.signed_by) for row in self.due)

    @cached_property
    def ties(self) -> Ties:
        """Return who is tied to which part of the council."""
        return Ties(self.facts)

    @property
    def takes_entries(self) -> bool:
        """Return whether forecasts and commentary are entered: figures are in, not published."""
        return self.has_figures and not self.period.is_published

    @cached_property
    def approved_budget(self) -> MonthStep | None:
        """Return how far the year's approved budget is, until it is published; None for itself."""
        if self.period.number == APPROVED_BUDGET:
            return None
        dates = due_dates_in(self.period.year.start, APPROVED_BUDGET, self.facts.settings)
        return approved_budget_step(
            self.facts.calendar,
            may_upload=self.duties.upload,
            may_review=self.duties.review,
            by=dates.get("report"),
        )

    @cached_property
    def next_step(self) -> NextStep | None:
        """Return what the reader does next; None where nothing waits for them."""
        return next(_next_steps(self), None)


def month_of(
    period: Period,
    *,
    shown: Container[int],
    own: Container[int],
    duties: Duties,
    facts: ReportData | None = None,
    uploads: Collection[Upload] | None = None,
) -> Month:
    """Return the progress of a period in the services `shown`; the reader looks after `own`.

    `facts` is the period's draft and `uploads` are its uploads_of, where they have been read.
    """
    facts = facts or draft_data(period)
    files = uploads_of([period])[period.pk] if uploads is None else uploads
    was_published = facts.calendar.last_version(period.number) > 0
    current = period.batch.upload_id if period.batch else None
    return Month(
        facts=facts,
        rows=_list_rows(facts, shown, own),
        duties=duties,
        upload=next((each for each in files if each.pk == current), None),
        under_way=[each for each in files if each.state in UNDER_WAY],
        report=_last_report(period) if was_published else None,
        shown=shown,
    )


def service_with_id(period: Period, pk: int) -> Service:
    """Return an unsaved service with only an id and a year: enough to check a person's rights."""
    return Service(pk=pk, year=period.year)


def _list_rows(facts: ReportData, shown: Container[int], own: Container[int]) -> list[MonthRow]:
    nodes = [node for node in facts.nodes if node.service in shown]
    top = min((node.level for node in nodes), default=0)
    display = facts.display("annex-a")
    commentary = {row.node.key: row for row in commentary_rows(facts, shown)}
    return [
        MonthRow(
            node=node,
            level=node.level - top,
            mine=node.service in own,
            display=display,
            commentary=commentary.get(node.key),
        )
        for node in nodes
    ]


def uploads_of(periods: Collection[Period]) -> dict[int, list[Upload]]:
    """Return the uploads of the periods' figures, and those under way, by the periods' ids."""
    current = {period.batch.upload_id for period in periods if period.batch} - {None}
    years = {period.year_id for period in periods}
    uploads: dict[tuple[int, int | None], list[Upload]] = {}
    for each in _uploads_of(*years, *current, years=len(years)) if years else ():
        uploads.setdefault((each.year_id, each.period), []).append(each)
    return {each.pk: uploads.get((each.year_id, each.number), []) for each in periods}


@prepared
def _uploads_of(*ids: int, years: int) -> QuerySet[Upload]:
    """Return uploads under way of the first of these ids, those of so many years, and the others.

    They lack what was found in the file, of which a month says nothing.
    """
    under_way = Q(year__in=ids[:years], state__in=UNDER_WAY)
    found = Upload.objects.filter(under_way | Q(pk__in=ids[years:]))
    return found.select_related("uploaded_by").only(*_OF_UPLOADS, "uploaded_by")


def _last_report(period: Period) -> Report | None:
    return next(iter(_last_reports(period.pk)), None)


@prepared
def _last_reports(period_id: int) -> QuerySet[Report]:
    reports = Report.objects.defer("line_services").select_related("published_by")
    return reports.filter(period=period_id).order_by("-version")[:1]


def _next_steps(month: Month) -> Iterator[NextStep]:
    """Yield what waits for the reader, the most urgent first."""
    period, duties = month.period, month.duties
    place, name = [period.year.start, period.number], period.name.lower()
    if period.is_published:
        yield NextStep(f"Read the report of {name}", reverse("report", args=place))
    if not month.has_figures:
        yield from _steps_without_figures(month, place)
        return
    if duties.publish:
        yield NextStep(f"Review {name}", reverse("review", args=place))
    yield from _own_steps(month, place)
    if duties.review:
        yield NextStep(f"Review {name}", reverse("review", args=place))


def _steps_without_figures(month: Month, place: list[int]) -> Iterator[NextStep]:
    """Yield the approved budget and the month's file, the file first where it alone can be done.

    An approved budget that has been uploaded waits for somebody who publishes.
    """
    links = month.approved_budget.links if month.approved_budget else ()
    steps = [NextStep(link.label, link.url) for link in links]
    is_uploaded = any(
        each.number == APPROVED_BUDGET and each.batch_id is not None
        for each in month.facts.calendar.periods
    )
    if month.duties.upload:
        address = reverse("upload-for-period", args=place)
        step = NextStep(
            f"Upload figures for {month.period.name.lower()}", f"{address}?kind=position"
        )
        steps.insert(0 if is_uploaded and not month.duties.publish else len(steps), step)
    yield from steps


def _own_steps(month: Month, place: list[int]) -> Iterator[NextStep]:
    mine = [row for row in month.rows if row.mine]
    waiting = sum(row.waits_for_forecasts for row in mine)
    if month.duties.forecast and waiting > 1:
        address = reverse("forecasts", args=[*place, month.rows[0].node.key])
        yield NextStep(f"Enter forecasts for {waiting:,} services", address)
    for row in mine:
        if month.duties.forecast and row.waits_for_forecasts:
            address = reverse("forecasts", args=[*place, row.node.key])
            yield NextStep(f"Enter forecasts for {row.node.label}", address)
    yield from _commentary_steps(month, place, [row.commentary for row in mine if row.commentary])


def _commentary_steps(
    month: Month, place: list[int], texts: list[CommentaryRow]
) -> Iterator[NextStep]:
    """Yield the pages on which all texts due are written, and all written ones signed off."""
    if month.duties.comment:
        rows = [text.node.label for text in texts if text.waits_for_text]
        if rows:
            what = rows[0] if len(rows) == 1 else f"{len(rows):,} services"
            address = reverse("commentary-write", args=place)
            yield NextStep(f"Write commentary on {what}", address)
    if month.duties.sign_off:
        waiting = [text.group or text.node for text in texts if text.waits_for_sign_off]
        owners = list(dict.fromkeys(node.label for node in waiting))
        if owners:
            what = (
                f"the commentary on {owners[0]}" if len(owners) == 1 else f"{len(owners):,} texts"
            )
            yield NextStep(f"Sign off {what}", reverse("commentary-sign-off", args=place))
