"""The overview of a row of a report: key figures, charts, and the services that moved most."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from council_finance import registry
from council_finance.charts import Chart
from council_finance.key_figures import KeyFigure
from council_finance.periods import CLOSE, financial_year_label, period_name
from council_finance.prose import shorten_text
from council_finance.statements import Display
from monitoring.published.report_rows import ReportRow
from monitoring.reports import charts
from monitoring.reports.selectors.course import Course, courses
from monitoring.reports.selectors.pages import outcome
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.contingency import contingency_steps

PARTS_AT_MOST = 12
_MONTHS = {n: f"M{n}" for n in range(1, CLOSE)} | {CLOSE: "Close"}
_HIGHLIGHTS_AT_MOST = 3
_TEXT_SHOWN = 360


@dataclass(frozen=True)
class HeatCell:
    """A figure of the heat map as printed; `tint` is 0 (nil or none) to 3 (largest)."""

    text: str
    sense: str = ""
    tint: int = 0


@dataclass(frozen=True)
class Heat:
    """The heat map of net variances: a column for each report, a row for each service."""

    headings: tuple[str, ...]
    rows: tuple[tuple[ReportRow, tuple[HeatCell, ...]], ...]


@dataclass(frozen=True)
class Highlight:
    """A service that moved most, in a sentence, with its commentary.

    `cut` is True where the commentary is shortened; `panels` are those of other apps, as template
    and content.
    """

    node: ReportRow
    code: str
    words: str
    text: str
    cut: bool
    panels: list[tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class RowOverview:
    """The overview of one row of a report; a chart is None where there is nothing to draw."""

    stats: tuple[KeyFigure, ...]
    where_from: Chart | None
    changed: Chart | None
    course: Chart | None
    heat: Heat | None
    highlights: tuple[Highlight, ...]


def overview(facts: ReportData, node: ReportRow, parts: list[ReportRow]) -> RowOverview:
    """Return the overview of a row of a report; `parts` are the rows that add up to it."""
    display = facts.display("annex-a")
    found = courses(facts, [node.key, *(part.key for part in parts)])
    return RowOverview(
        stats=tuple(_key_figures(facts, node, display)),
        where_from=charts.where_from(display, parts),
        changed=charts.what_changed(display, node, parts, previous_name(facts)),
        course=_course_chart(facts, display, found[node.key]),
        heat=_heat_map(display, parts, found),
        highlights=tuple(_select_highlights(facts, display, parts)),
    )


def overview_of_own(facts: ReportData, tops: list[ReportRow]) -> RowOverview:
    """Return the overview of the rows that a person is responsible for: one, or several."""
    if len(tops) == 1:
        return overview(facts, tops[0], facts.children.get(tops[0].key, []))
    display = facts.display("annex-a")
    return RowOverview(
        stats=(),
        where_from=charts.where_from(display, tops),
        changed=None,
        course=None,
        heat=_heat_map(display, tops, courses(facts, [top.key for top in tops])),
        highlights=tuple(_select_highlights(facts, display, tops)),
    )


def course_of_the_year(facts: ReportData) -> Chart | None:
    """Return the chart of the council's net variance by report; None for a single point."""
    key = facts.top.key
    return _course_chart(facts, facts.display("annex-a"), courses(facts, [key])[key])


def parts_of(facts: ReportData, node: ReportRow) -> list[ReportRow]:
    """Return the rows under a node that add up to it, few enough for one chart.

    These are its children, or the children of those where all rows together are at most twelve,
    and so on down. Rows without lines are left out, unless they have a movement.
    """
    rows = _rows_below(facts, node)
    while True:
        wider = [below for row in rows for below in (_rows_below(facts, row) or [row])]
        if len(wider) > PARTS_AT_MOST or wider == rows:
            return rows
        rows = wider


def _rows_below(facts: ReportData, node: ReportRow) -> list[ReportRow]:
    return [child for child in facts.children.get(node.key, []) if child.lines or child.movement]


def previous_name(facts: ReportData) -> str:
    """Return the previous report's name within a sentence: `month 2`, `the close`."""
    if facts.compared_with is None:
        return "the previous report"
    number = facts.compared_with.period
    return "the close" if number == CLOSE else period_name(number).lower()


def _key_figures(facts: ReportData, node: ReportRow, display: Display) -> Iterator[KeyFigure]:
    if not facts.has_ledger:
        return
    variance, movement = node.net_variance, node.movement
    words = {"adverse": "overspend", "favourable": "underspend"}
    percent = "" if variance is None else display.percent(variance, node.budget)
    yield KeyFigure("Net budget", display.in_words(node.budget))
    sense = display.sense(variance)
    note = f"{percent} of the budget" if percent and percent != "\N{EN DASH}" else ""
    yield KeyFigure(
        f"{outcome(facts)} variance",
        _print_size(display, variance),
        sense,
        words.get(sense, ""),
        note,
    )
    if movement is not None:
        sense = display.sense(movement)
        word = {"adverse": "worse", "favourable": "better"}.get(sense, "unchanged")
        label = f"Since {previous_name(facts)}"
        note = "against the restated figure" if node.is_restated else ""
        yield KeyFigure(label, _print_size(display, movement), sense, word, note)
    if node is facts.top and (steps := contingency_steps(facts)):
        left = steps[-1][2]
        opening = display.in_words(steps[0][2])
        yield KeyFigure(
            "Contingency left", display.in_words(left), "", "", f"of {opening} at first"
        )


def _print_size(display: Display, pence: int | None) -> str:
    return charts.NOT_GIVEN if pence is None else display.in_words(abs(pence))


def _course_chart(facts: ReportData, display: Display, found: Course) -> Chart | None:
    """Return the chart of net variances; None where there are fewer than two points."""
    points = [*found.this_year, *found.last_year]
    if sum(point.net_variance is not None for point in points) < 2:
        return None
    start = facts.period.year.start
    years = charts.Years(financial_year_label(start), financial_year_label(start - 1), _MONTHS)
    return charts.year_course(display, found.this_year, found.last_year, years)


def _heat_map(display: Display, parts: list[ReportRow], found: dict[str, Course]) -> Heat | None:
    """Return the heat map of the year's reports so far; None where there is only one."""
    numbers = sorted({p.number for part in parts for p in found[part.key].this_year})
    if len(numbers) < 2:
        return None
    by_part = {
        part.key: {p.number: p.net_variance for p in found[part.key].this_year} for part in parts
    }
    largest = max((abs(v) for row in by_part.values() for v in row.values() if v), default=0)
    rows = tuple(
        (part, tuple(_heat_cell(display, by_part[part.key].get(n), largest) for n in numbers))
        for part in parts
    )
    return Heat(tuple(period_name(number) for number in numbers), rows)


def _heat_cell(display: Display, pence: int | None, largest: int) -> HeatCell:
    if pence is None:
        return HeatCell(charts.NOT_GIVEN)
    sense = display.sense(pence)
    share = 3 * abs(pence) / largest if sense else 0
    tint = 0 if not sense else 1 + (share > 1) + (share > 2)
    return HeatCell(display.amount(pence), sense, tint)


def _select_highlights(
    facts: ReportData, display: Display, parts: list[ReportRow]
) -> Iterator[Highlight]:
    """Yield the rows with the largest movements; in a first report, the largest variances."""
    figure = attrgetter("net_variance" if facts.compared_with is None else "movement")
    rows = [part for part in parts if figure(part) and display.sense(figure(part))]
    for part in sorted(rows, key=lambda part: -abs(figure(part)))[:_HIGHLIGHTS_AT_MOST]:
        text = facts.commentary.get(part.code, "")
        shown = shorten_text(text, _TEXT_SHOWN)
        words = _describe_change(facts, display, part)
        panels = registry.panels("mover", facts, part)
        yield Highlight(part, part.code, words, shown, shown != text, panels)


def _describe_change(facts: ReportData, display: Display, part: ReportRow) -> str:
    variance, movement = part.net_variance, part.movement
    sense = display.sense(variance)
    word = {"adverse": "over its budget", "favourable": "under its budget"}.get(sense)
    if variance is None:
        text = "no forecast"
    elif not part.lines:
        text = "without lines in the ledger"
    elif word is None:
        text = "on its budget"
    else:
        text = f"{display.in_words(abs(variance))} {word}"
    if movement is None or not display.sense(movement):
        return text
    way = "worse" if movement > 0 else "better"
    return f"{display.in_words(abs(movement))} {way} than in {previous_name(facts)}: now {text}"
