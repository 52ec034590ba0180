"""The charts of the overview and of a service's page, drawn from rows of a report. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from council_finance.charts import (
    Chart,
    ChartTable,
    Line,
    Mark,
    WaterfallStep,
    bars,
    course,
    waterfall,
)
from council_finance.charts.marks import FAVOURABLE, LAST_YEAR
from council_finance.money import plain_pounds
from council_finance.periods import period_name
from council_finance.statements import Display
from monitoring.published.report_rows import ReportRow

_SHOWN = 12
NOT_GIVEN = "\N{EN DASH}"

NamedPence = tuple[str, int]
"""The name of a service and a figure of it in pence."""


@dataclass(frozen=True)
class Years:
    """The two years of a course: their names, and the names of the periods by number."""

    this: str
    last: str
    periods: dict[int, str]


class CoursePoint(Protocol):
    """A reported net variance in pence, and the number of its period."""

    @property
    def number(self) -> int:
        """Return the number of the period."""

    @property
    def net_variance(self) -> int | None:
        """Return the net variance; None where nothing was forecast."""


def where_from(display: Display, parts: Sequence[ReportRow]) -> Chart | None:
    """Draw the net variance by service, the largest overspend first.

    Beyond the twelve largest, the rest is one bar. None where fewer than two rows have a variance.
    """
    given = [(part.label, part.net_variance) for part in parts if part.net_variance is not None]
    if len(given) < 2:
        return None
    shown, rest = _split_off_largest(given)
    shown.sort(key=lambda each: -each[1])
    bars_of = [*shown, *_sum_of_others(rest)]
    marks = [_build_mark(display, label, pence) for label, pence in bars_of]
    return Chart(
        name="where-from",
        title=_variance_title(display, given),
        unit=f"Forecast net variance by service, {display.unit_label}",
        figure=bars(marks),
        table=ChartTable(
            ("Service", f"Net variance, {display.unit_label}", "Exact"),
            _table_rows(marks, bars_of),
        ),
    )


def _variance_title(display: Display, variances: Sequence[NamedPence]) -> str:
    worst, most = max(variances, key=lambda each: each[1])
    best, least = min(variances, key=lambda each: each[1])
    over = display.rounded_pence(most)
    if over > 0:
        text = f"{worst} is furthest over its budget: {display.in_words(over)}"
        if display.rounded_pence(least) < 0:
            text += f"; {best} is furthest under: {display.in_words(-least)}"
        return text
    if display.rounded_pence(least) < 0:
        return (
            "No service is forecast over its budget; "
            f"{best} is furthest under: {display.in_words(-least)}"
        )
    return "Every service is forecast on its budget"


def change_between(
    display: Display, changes: Sequence[NamedPence], *, before: str, after: str
) -> Chart | None:
    """Draw by how much the net variance of services differs between two reports.

    `before` and `after` name the reports. The largest change for the worse comes first; beyond the
    twelve largest, the rest is one bar. None where fewer than two services differ.
    """
    given = [(label, pence) for label, pence in changes if display.rounded_pence(pence)]
    if len(given) < 2:
        return None
    shown, rest = _split_off_largest(given)
    shown.sort(key=lambda each: -each[1])
    bars_of = [*shown, *_sum_of_others(rest)]
    marks = [_build_mark(display, label, pence) for label, pence in bars_of]
    most, change = max(given, key=lambda each: abs(each[1]))
    way = "worse" if change > 0 else "better"
    return Chart(
        name="change-between",
        title=f"{most} changed most: {display.in_words(abs(change))} {way}",
        unit=f"Change of the net variance from {before} to {after}, {display.unit_label}",
        figure=bars(marks),
        figures_at="compare-table",
    )


def what_changed(
    display: Display, node: ReportRow, parts: Sequence[ReportRow], before: str
) -> Chart | None:
    """Draw the steps from the previous report's net variance to this one's.

    `before` names the previous report ("month 2"). The steps lead from the figure as published,
    by the restatements (virements from outside, moved services) and each part's movement, to now.
    What the parts do not explain (rows without a forecast) is a step of its own. None where there
    is no previous report, or nothing under the row.
    """
    if not parts or node.movement is None or node.previous_net_variance is None:
        return None
    published = node.previous_as_published or 0
    restated = node.previous_net_variance - published
    shown, rest = _split_off_largest(
        [(part.label, part.movement) for part in parts if part.movement]
    )
    shown.sort(key=lambda each: -abs(each[1]))
    changes = [*shown, *_sum_of_others(rest)]
    if unexplained := node.movement - sum(change for _, change in changes):
        changes.append(("Not in one of these", unexplained))
    if restated:
        changes.insert(0, ("Restated: virements and moves of services", restated))
    start = f"{before[:1].upper()}{before[1:]}, as published"
    figures = [(start, published), *changes, ("Now", node.net_variance or 0)]
    marks = [_build_mark(display, label, pence) for label, pence in figures]
    first, *between, last = marks
    return Chart(
        name="what-changed",
        title=_change_title(display, node.movement, shown, before),
        unit=f"Net variance, {display.unit_label}: orange makes it worse, blue better",
        figure=waterfall(
            [
                WaterfallStep(first, True),
                *(WaterfallStep(mark) for mark in between),
                WaterfallStep(last, True),
            ]
        ),
        table=ChartTable(
            ("Step", f"Net variance, {display.unit_label}", "Exact"), _table_rows(marks, figures)
        ),
    )


def _change_title(display: Display, movement: int, shown: Sequence[NamedPence], before: str) -> str:
    way = "worse" if movement > 0 else "better"
    if display.rounded_pence(movement) == 0:
        text = f"All in all unchanged since {before}"
    else:
        text = f"{display.in_words(abs(movement))} {way} than in {before}"
    if not shown:
        return text
    label, change = shown[0]
    sense = "worse" if change > 0 else "better"
    return f"{text}; {label} moved most: {display.in_words(abs(change))} {sense}"


def year_course(
    display: Display, points: Sequence[CoursePoint], last: Sequence[CoursePoint], years: Years
) -> Chart:
    """Draw the net variance as reported from period to period, this year and last.

    `points` and `last` are in the order of the periods.
    """
    labels = years.periods
    lines = [Line(years.this, _line_marks(display, points, labels), FAVOURABLE)]
    if last:
        marks = _line_marks(display, last, labels)
        lines.insert(0, Line(years.last, marks, LAST_YEAR, True))
    headings = ["Period", years.this, *([years.last] if last else [])]
    rows = [
        (label, *(line.marks[place].text for line in reversed(lines)))
        for place, label in enumerate(labels.values())
        if any(line.marks[place].pence is not None for line in lines)
    ]
    return Chart(
        name="course",
        title=_course_title(display, points, last),
        unit=f"Net variance as reported, {display.unit_label}; above the line is an overspend",
        figure=course(lines, printed=display.in_words),
        table=ChartTable(tuple(headings), tuple(rows)),
    )


def _line_marks(
    display: Display, points: Sequence[CoursePoint], labels: Mapping[int, str]
) -> tuple[Mark, ...]:
    by_number = {point.number: point.net_variance for point in points}
    return tuple(_build_mark(display, label, by_number.get(n)) for n, label in labels.items())


def _course_title(
    display: Display, points: Sequence[CoursePoint], last: Sequence[CoursePoint]
) -> str:
    given = _given_points(points)
    if not given:
        return "No forecast has been reported yet"
    number, now = given[-1]
    text = f"{period_name(number)}: {_position_text(display, now)}"
    if len(given) > 1:
        first, then = given[0]
        text += f"; {_period_in_sentence(first)}: {_position_text(display, then)}"
    earlier = [(period, pence) for period, pence in _given_points(last) if period <= number]
    if earlier:
        period, then = earlier[-1]
        text += f"; {_period_in_sentence(period)} of last year: {_position_text(display, then)}"
    return text


def _given_points(points: Sequence[CoursePoint]) -> list[tuple[int, int]]:
    """Return period and pence of the points that have a net variance."""
    return [(p.number, p.net_variance) for p in points if p.net_variance is not None]


def _period_in_sentence(number: int) -> str:
    """Return `month 2`."""
    name = period_name(number)
    return name[:1].lower() + name[1:]


def _position_text(display: Display, pence: int) -> str:
    rounded = display.rounded_pence(pence)
    if rounded == 0:
        return "on budget"
    word = "an overspend" if rounded > 0 else "an underspend"
    return f"{word} of {display.in_words(abs(pence))}"


def _build_mark(display: Display, label: str, pence: int | None) -> Mark:
    if pence is None:
        return Mark(label, None, NOT_GIVEN)
    exact = f"{label}: {plain_pounds(pence)}"
    return Mark(label, pence, display.amount(pence), exact, display.sense(pence))


def _table_rows(
    marks: Sequence[Mark], figures: Sequence[NamedPence]
) -> tuple[tuple[str, str, str], ...]:
    """Return the rows of a chart's table: label, figure as printed, pounds and pence."""
    return tuple(
        (mark.label, mark.text, plain_pounds(pence))
        for mark, (_, pence) in zip(marks, figures, strict=True)
    )


def _sum_of_others(rest: Sequence[NamedPence]) -> list[NamedPence]:
    """Return one summed figure for services beyond the largest; empty where there are none."""
    if not rest:
        return []
    return [(f"The other {len(rest)} together", sum(pence for _, pence in rest))]


def _split_off_largest(
    figures: Sequence[NamedPence],
) -> tuple[list[NamedPence], list[NamedPence]]:
    """Return the largest figures by size, and the rest; the rest is never a single figure."""
    ordered = sorted(figures, key=lambda each: -abs(each[1]))
    if len(ordered) <= _SHOWN + 1:
        return ordered, []
    return ordered[:_SHOWN], ordered[_SHOWN:]
