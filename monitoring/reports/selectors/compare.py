"""Two reports side by side, of one year or of two; either may be history."""

from collections.abc import Iterator
from dataclasses import dataclass

from council_finance.charts import Chart
from council_finance.periods import financial_year_slug
from council_finance.statements import Display
from monitoring.published.models import HistoricFigure, Report, ReportFigure
from monitoring.published.report_rows import ReportRow
from monitoring.published.selectors.published_data import frozen_of
from monitoring.reports.charts import change_between
from monitoring.reports.selectors.report_choices import Choice
from monitoring.structure.council_settings import read_settings
from monitoring.structure.models import FinancialYear
from monitoring.structure.trees import CLOSED_ENDING

FILE_COLUMNS = (
    "Service",
    "Code",
    "Budget: {before}",
    "Budget: {after}",
    "Change in budget",
    "Net variance: {before}",
    "Net variance: {after}",
    "Change in net variance",
)
"""The headings of the downloaded comparison, whose amounts are in pounds and pence."""


@dataclass(frozen=True)
class ComparedRow:
    """A service in both reports: budgets and net variances, with their changes.

    `pence` are the figures exact (None where a report has none), `cells` the same as printed, and
    `sense` is that of the change of the variance. `in_later` says whether the later report has the
    service, `is_restated` that its figures were restated between the two reports.
    """

    label: str
    code: str
    pence: tuple[int | None, ...]
    cells: tuple[str, ...]
    sense: str
    level: int
    is_group: bool
    in_later: bool
    is_restated: bool


@dataclass(frozen=True)
class Comparison:
    """Two reports by service; `unit` is that of the print."""

    before: Choice
    after: Choice
    rows: list[ComparedRow]
    unit: str
    sentence: str
    chart: Chart | None

    @property
    def reports(self) -> tuple[Choice, Choice]:
        """Return the two reports, the one compared with first."""
        return self.before, self.after

    @property
    def any_restated(self) -> bool:
        """Return whether any row is marked as restated."""
        return any(row.is_restated for row in self.rows)

    @property
    def file_columns(self) -> list[str]:
        """Return the headings of the comparison as a file."""
        names = {"before": self.before.option, "after": self.after.option}
        return [heading.format(**names) for heading in FILE_COLUMNS]

    @property
    def file_rows(self) -> Iterator[list[str | int | None]]:
        """Return the rows of the comparison as a file: names, codes and amounts in pence."""
        return ([row.label, row.code, *row.pence] for row in self.rows)

    @property
    def file_name(self) -> str:
        """Return the name of the comparison as a file, without its ending."""
        places = (
            f"{financial_year_slug(each.start)}-{each.number:02d}"
            + (f"-v{each.version}" if each.report else "")
            for each in self.reports
        )
        return "-and-".join(places)


def compare(before: Choice, after: Choice) -> Comparison:
    """Return budgets and net variances of two reports as published, matched by service code."""
    earlier, later = _read_figures(before), _read_figures(after)
    display = _display_of_both(before, after)
    nodes = _nodes_by_key(after) or _nodes_by_key(before)
    restated = _restated_between(before, after)
    rows = [
        _compare_row(
            display, key, label, earlier.get(key), later.get(key), nodes.get(key), key in restated
        )
        for key, label in _labels_of_both(earlier, later).items()
    ]
    return Comparison(
        before,
        after,
        rows,
        display.unit_label,
        _comparison_sentence(display, before, after, earlier, later),
        change_between(
            display,
            [
                (row.label, row.pence[-1])
                for row in rows
                if not row.is_group and row.pence[-1] is not None
            ],
            before=_name_in_sentence(before.name),
            after=_name_in_sentence(after.name),
        ),
    )


def _display_of_both(before: Choice, after: Choice) -> Display:
    """Return how the later of the two years prints, or the latest year where both are history."""
    both = (before.start, after.start)
    years = sorted(FinancialYear.objects.all(), key=lambda year: (year.start in both, year.start))
    return read_settings(years[-1].settings).display_for("annex-a") if years else Display()


def _nodes_by_key(choice: Choice) -> dict[str, ReportRow]:
    """Return the rows of a published report by their keys; empty for history."""
    if choice.report is None:
        return {}
    return {row.key: row for row in frozen_of(Report.objects.get(pk=choice.report)).rows}


def _restated_between(before: Choice, after: Choice) -> set[str]:
    """Return the rows that any report after the earlier one, up to the later, has restated."""
    found: set[str] = set()
    if before.report is None or after.report is None or before.start != after.start:
        return found
    first, last = sorted((before, after), key=lambda each: each.number)
    report: Report | None = _find_report(last.report)
    while report is not None and report.period.number > first.number:
        found |= {row.key for row in frozen_of(report).rows if row.has_restated_mark}
        report = _find_report(report.compared_with_id)
    return found


def _find_report(pk: int | None) -> Report | None:
    reports = Report.objects.select_related("period")
    return None if pk is None else reports.filter(pk=pk).first()


@dataclass(frozen=True)
class PublishedFigures:
    """Budget and net variance of a service as a report published them, in pence."""

    label: str
    budget: int | None
    net_variance: int | None


FiguresByKey = dict[str, PublishedFigures]


def _read_figures(choice: Choice) -> FiguresByKey:
    """Return the figures of each service by its key, in the order of the report."""
    if choice.report is None:
        history = HistoricFigure.objects.filter(start=choice.start, number=choice.number)
        return {
            row.service_code: PublishedFigures(
                row.service_code, row.budget_pence, row.net_variance_pence
            )
            for row in history
        }
    rows = ReportFigure.objects.filter(report=choice.report).order_by("place")
    return {
        row.key: PublishedFigures(row.label, row.budget_pence, row.net_variance_pence)
        for row in rows
    }


def _labels_of_both(earlier: FiguresByKey, later: FiguresByKey) -> dict[str, str]:
    """Return services in the order of the later report, then those of the earlier one alone."""
    labels = {key: row.label for key, row in later.items()}
    return labels | {
        key: f"{row.label} (in the earlier one only)"
        for key, row in earlier.items()
        if key not in later
    }


def _compare_row(
    display: Display,
    key: str,
    label: str,
    then: PublishedFigures | None,
    now: PublishedFigures | None,
    node: ReportRow | None,
    is_restated: bool,
) -> ComparedRow:
    budgets = [row.budget if row else None for row in (then, now)]
    variances = [row.net_variance if row else None for row in (then, now)]
    change = _difference_of(*variances)
    pence = (*budgets, _difference_of(*budgets), *variances, change)
    cells = tuple("\N{EN DASH}" if each is None else display.amount(each) for each in pence)
    return ComparedRow(
        label,
        key.removesuffix(CLOSED_ENDING),
        pence,
        cells,
        display.sense(change),
        level=node.level if node else 0,
        is_group=node.is_group if node else False,
        in_later=now is not None,
        is_restated=is_restated,
    )


def _difference_of(then: int | None, now: int | None) -> int | None:
    return None if then is None or now is None else now - then


def _comparison_sentence(
    display: Display, before: Choice, after: Choice, earlier: FiguresByKey, later: FiguresByKey
) -> str:
    """Return a sentence that compares the council's variances; empty where its row is not known.

    The first row of a report is the council's; rows of history have no such order.
    """
    reported = [rows for choice, rows in ((after, later), (before, earlier)) if choice.report]
    top = next(iter(reported[0]), "") if reported else ""
    change = _difference_of(
        *(rows[top].net_variance if top in rows else None for rows in (earlier, later))
    )
    if change is None:
        return ""
    now, then = _name_in_sentence(after.name), _name_in_sentence(before.name)
    if not display.sense(change):
        return f"The forecast variance is the same in {now} as in {then}."
    way = "worse" if change > 0 else "better"
    return (
        f"The forecast variance is {display.in_words(abs(change))} {way} in {now} than in {then}."
    )


def _name_in_sentence(name: str) -> str:
    return f"the {name.lower()}" if name.startswith("Close") else name[:1].lower() + name[1:]
