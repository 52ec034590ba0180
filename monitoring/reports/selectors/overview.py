"""What a director reads first of a row of a report: where it stands, whence, what changed, why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from council_finance import registry
from council_finance.charts import Chart
from council_finance.key_figures import KeyFigure
from council_finance.periods import CLOSE, financial_year_label, period_name
from council_finance.statements import Display
from monitoring.published.report_rows import ReportRow
from monitoring.reports import charts
from monitoring.reports.selectors.course import Course, courses
from monitoring.reports.selectors.pages import outcome
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.contingency import contingency_steps

PARTS_AT_MOST = 12
_MONTHS = {n: f"M{n}" for n in range(1, CLOSE)} | {CLOSE: "Close"}
_TOLD = 3
_TEXT_SHOWN = 360


@dataclass(frozen=True)
class HeatCell:
    """A figure of the heat map as printed; `tint` is 0 (nil or none) to 3 by its size."""

    text: str
    sense: str = ""
    tint: int = 0


@dataclass(frozen=True)
class Heat:
    """Net variances of services, report by report: headings, and a row a service."""

    headings: tuple[str, ...]
    rows: tuple[tuple[ReportRow, tuple[HeatCell, ...]], ...]


@dataclass(frozen=True)
class Told:
    """A service that moved or stands out, in a sentence, and what it says about it.

    `panels` are what other apps have to say of it, as template and content.
    """

    node: ReportRow
    code: str
    words: str
    text: str
    cut: bool
    panels: list[tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class RowOverview:
    """What the overview of one row of a report shows; a chart is None where nothing is to draw."""

    stats: tuple[KeyFigure, ...]
    where_from: Chart | None
    changed: Chart | None
    course: Chart | None
    heat: Heat | None
    told: tuple[Told, ...]


def overview(facts: ReportData, node: ReportRow, parts: list[ReportRow]) -> RowOverview:
    """The overview of a row of a report by the rows that make it up."""
    display = facts.display("annex-a")
    found = courses(facts, [node.key, *(part.key for part in parts)])
    return RowOverview(
        stats=tuple(_stats(facts, node, display)),
        where_from=charts.where_from(display, parts),
        changed=charts.what_changed(display, node, parts, previous_name(facts)),
        course=_course(facts, display, found[node.key]),
        heat=_heat(display, parts, found),
        told=tuple(_told(facts, display, parts)),
    )


def overview_of_own(facts: ReportData, tops: list[ReportRow]) -> RowOverview:
    """The overview of what a person looks after: of one row, or of several side by side."""
    if len(tops) == 1:
        return overview(facts, tops[0], facts.children.get(tops[0].key, []))
    display = facts.display("annex-a")
    return RowOverview(
        stats=(),
        where_from=charts.where_from(display, tops),
        changed=None,
        course=None,
        heat=_heat(display, tops, courses(facts, [top.key for top in tops])),
        told=tuple(_told(facts, display, tops)),
    )


def course_of_the_year(facts: ReportData) -> Chart | None:
    """How the council's net variance went from report to report."""
    key = facts.top.key
    return _course(facts, facts.display("annex-a"), courses(facts, [key])[key])


def parts_of(facts: ReportData, node: ReportRow) -> list[ReportRow]:
    """The rows under a node that together make it up, as many as a screen tells apart.

    Its children; then, as long as there are no more than twelve in all, their children in place
    of those that have any. Rows without lines are left out, unless their lines have left since.
    """
    rows = _under(facts, node)
    while True:
        wider = [below for row in rows for below in (_under(facts, row) or [row])]
        if len(wider) > PARTS_AT_MOST or wider == rows:
            return rows
        rows = wider


def _under(facts: ReportData, node: ReportRow) -> list[ReportRow]:
    return [child for child in facts.children.get(node.key, []) if child.lines or child.movement]


def previous_name(facts: ReportData) -> str:
    """The previous report within a sentence: `month 2`, `the close`."""
    if facts.compared_with is None:
        return "the previous report"
    number = facts.compared_with.period
    return "the close" if number == CLOSE else period_name(number).lower()


def _stats(facts: ReportData, node: ReportRow, display: Display) -> Iterator[KeyFigure]:
    variance, movement = node.net_variance, node.movement
    words = {"adverse": "overspend", "favourable": "underspend"}
    percent = "" if variance is None else display.percent(variance, node.budget)
    yield KeyFigure("Net budget", display.in_words(node.budget))
    sense = display.sense(variance)
    note = f"{percent} of the budget" if percent and percent != "\N{EN DASH}" else ""
    yield KeyFigure(
        f"{outcome(facts)} variance", _size(display, variance), sense, words.get(sense, ""), note
    )
    if movement is not None:
        sense = display.sense(movement)
        word = {"adverse": "worse", "favourable": "better"}.get(sense, "unchanged")
        label = f"Since {previous_name(facts)}"
        note = "against the restated figure" if node.is_restated else ""
        yield KeyFigure(label, _size(display, movement), sense, word, note)
    if node is facts.top and (steps := contingency_steps(facts)):
        left = steps[-1][2]
        opening = display.in_words(steps[0][2])
        yield KeyFigure(
            "Contingency left", display.in_words(left), "", "", f"of {opening} at first"
        )


def _size(display: Display, pence: int | None) -> str:
    return charts.NOT_GIVEN if pence is None else display.in_words(abs(pence))


def _course(facts: ReportData, display: Display, found: Course) -> Chart | None:
    """Drawn as soon as there is more than one point."""
    points = [*found.this_year, *found.last_year]
    if sum(point.net_variance is not None for point in points) < 2:
        return None
    start = facts.period.year.start
    years = charts.Years(financial_year_label(start), financial_year_label(start - 1), _MONTHS)
    return charts.year_course(display, found.this_year, found.last_year, years)


def _heat(display: Display, parts: list[ReportRow], found: dict[str, Course]) -> Heat | None:
    """Every report of the year so far, where there is more than one."""
    numbers = sorted({p.number for part in parts for p in found[part.key].this_year})
    if len(numbers) < 2:
        return None
    by_part = {
        part.key: {p.number: p.net_variance for p in found[part.key].this_year} for part in parts
    }
    largest = max((abs(v) for row in by_part.values() for v in row.values() if v), default=0)
    rows = tuple(
        (part, tuple(_cell(display, by_part[part.key].get(n), largest) for n in numbers))
        for part in parts
    )
    return Heat(tuple(period_name(number) for number in numbers), rows)


def _cell(display: Display, pence: int | None, largest: int) -> HeatCell:
    if pence is None:
        return HeatCell(charts.NOT_GIVEN)
    sense = display.sense(pence)
    share = 3 * abs(pence) / largest if sense else 0
    tint = 0 if not sense else 1 + (share > 1) + (share > 2)
    return HeatCell(display.amount(pence), sense, tint)


def _told(facts: ReportData, display: Display, parts: list[ReportRow]) -> Iterator[Told]:
    """The rows that moved most, or stand furthest from budget in a first report, the first few."""
    figure = attrgetter("net_variance" if facts.compared_with is None else "movement")
    rows = [part for part in parts if figure(part) and display.sense(figure(part))]
    for part in sorted(rows, key=lambda part: -abs(figure(part)))[:_TOLD]:
        text = facts.commentary.get(part.code, "")
        shown = text if len(text) <= _TEXT_SHOWN else text[:_TEXT_SHOWN].rsplit(" ", 1)[0] + " …"
        words = _words(facts, display, part)
        panels = registry.panels("mover", facts, part)
        yield Told(part, part.code, words, shown, shown != text, panels)


def _words(facts: ReportData, display: Display, part: ReportRow) -> str:
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
