"""Activity: volumes, unit costs and money of each line (Cambridgeshire, section 2.5)."""

from collections.abc import Callable, Iterator
from fractions import Fraction

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note
from performance.activity.report_rows import ActivityFigures, ActivitySection, GroupRow, LineRow
from performance.activity.report_section import section_of
from performance.activity.rules import direction_of
from performance.activity.statements.tree import (
    IN_UNIT,
    ActivityTree,
    decimals_needed,
    decimals_of_group,
    is_mixed,
    marked,
    number_cell,
    unit_cost_cell,
    unit_of_unit_costs,
    without_blank_columns,
)
from performance.activity.totals import ActivityTotal

NAME = "activity"
TITLE = "Activity"
ARROWS = {1: "↑", 0: "↔", -1: "↓"}
NOT_REPORTED = "†"
NONE = "No lines of activity have been brought in."

_VOLUMES: dict[str, Callable[[LineRow], int | None]] = {
    "budget_volume": lambda line: line.budget_volume,
    "previous_volume": lambda line: line.previous.volume if line.previous else None,
    "volume": lambda line: line.volume,
    "average_volume": lambda line: line.now.average_volume,
    "variance_volume": lambda line: line.volume_variance,
    "variance_average_volume": lambda line: line.average_volume_variance,
}


def columns(section: ActivitySection, display: Display) -> tuple[Column, ...]:
    """Return the columns, money in the council's unit."""
    unit, of_price = display.unit_label, unit_of_unit_costs(section, display)
    return (
        Column("budget_volume", "Budgeted volume", is_number=True),
        Column("budget_unit_cost", f"Budgeted unit cost {of_price}", is_number=True),
        Column("units_per_year", "Units a year", is_number=True),
        Column("budget", "Annual budget", unit),
        Column("previous_volume", "Volume in the previous report", is_number=True),
        Column("volume", "Volume", is_number=True),
        Column("volume_direction", "Change of volume"),
        Column("average_volume", "Average volume", is_number=True),
        Column("unit_cost", f"Unit cost {of_price}", is_number=True),
        Column("unit_cost_direction", "Change of unit cost"),
        Column("forecast", "Forecast", unit),
        Column("forecast_direction", "Change of forecast"),
        Column("variance_volume", "Volume variance", is_number=True),
        Column("variance_average_volume", "Average volume variance", is_number=True),
        Column("variance", "Variance", unit),
        Column("variance_unit_cost", f"Unit cost variance {of_price}", is_number=True),
    )


@registry.statement(NAME, title=TITLE)
def activity(facts: ReportData) -> Statement:
    """Return the tree of groups with each line's volume, unit cost and money, and totals."""
    section, display = section_of(facts), facts.display(NAME)
    cells = _ActivityCells(section, display)
    rows = ActivityTree(section, cells.of_line, cells.of_total).rows()
    made = columns(section, display)
    everything = ActivityTotal(section.lines)
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=made,
            rows=rows,
            footnotes=tuple(_build_notes(section, display, rows)),
            row_heading="Line",
            # The variance leaves out lines without a forecast, so then it does not cast across.
            cross_casts=() if everything.unreported else (_CROSS_CAST,),
            hidden_from_readers=without_blank_columns(made, rows),
        )
    )


_CROSS_CAST = CrossCast("variance", (("forecast", 1), ("budget", -1)))


class _ActivityCells:
    """The cells of lines and totals; a column of volumes has the decimals that it needs."""

    def __init__(self, section: ActivitySection, display: Display) -> None:
        self.display = display
        self.mixed = is_mixed(section, display)
        self.decimals = {
            key: decimals_needed(volume(line) for line in section.lines)
            for key, volume in _VOLUMES.items()
        }
        self.decimals["units_per_year"] = decimals_needed(line.units for line in section.lines)

    def of_line(self, line: LineRow) -> dict[str, Cell]:
        """Return the cells of a line."""
        before, now = line.previous or ActivityFigures(), line.now
        missing = NOT_REPORTED if line.forecast is None and line.budget is not None else ""
        return {
            **{key: self._volume_cell(key, volume(line)) for key, volume in _VOLUMES.items()},
            "units_per_year": self._volume_cell("units_per_year", line.units),
            "budget_unit_cost": self._price_cell(line.budget_unit_cost, line.decimals),
            "unit_cost": self._price_cell(line.unit_cost, line.decimals),
            "variance_unit_cost": self._price_cell(line.unit_cost_variance, line.decimals),
            "volume_direction": _arrow_cell(direction_of(now.volume, before.volume)),
            "unit_cost_direction": _arrow_cell(
                direction_of(line.unit_cost, line.unit_cost_in(before))
            ),
            "forecast_direction": _arrow_cell(direction_of(now.forecast, before.forecast)),
            "budget": Cell.of_amount(line.budget, self.display),
            "forecast": marked(Cell.of_amount(line.forecast, self.display), missing),
            "variance": Cell.of_amount(line.variance, self.display),
        }

    def of_total(self, group: GroupRow, total: ActivityTotal) -> dict[str, Cell]:
        """Return the cells of a group's total; arrows and units a year are for lines only."""
        budgeted = total.average_budget_unit_cost if group.average_unit_cost else None
        actual = total.average_unit_cost(lambda line: line.now) if group.average_unit_cost else None
        variance = None if budgeted is None or actual is None else actual - budgeted
        decimals = decimals_of_group(total)
        arrows = ("volume_direction", "unit_cost_direction", "forecast_direction")
        return {
            **{
                key: self._volume_cell(key, total.volume(volume))
                for key, volume in _VOLUMES.items()
            },
            "units_per_year": BLANK,
            "budget_unit_cost": self._price_cell(budgeted, decimals),
            "unit_cost": self._price_cell(actual, decimals),
            "variance_unit_cost": self._price_cell(variance, decimals),
            **dict.fromkeys(arrows, BLANK),
            "budget": Cell.of_amount(total.budget, self.display),
            "forecast": Cell.of_amount(total.forecast, self.display),
            "variance": Cell.of_amount(total.variance, self.display),
        }

    def _volume_cell(self, key: str, quantity: int | None) -> Cell:
        return number_cell(quantity, self.decimals[key], self.display)

    def _price_cell(self, pence: Fraction | None, decimals: int | None) -> Cell:
        mark = IN_UNIT if self.mixed else ""
        return unit_cost_cell(pence, decimals, self.display, mark=mark)


def _arrow_cell(direction: int | None) -> Cell:
    """Return an arrow, with 1 for more, 0 for the same and -1 for less as its number."""
    return BLANK if direction is None else Cell(ARROWS[direction], number=direction * 10_000)


def _build_notes(
    section: ActivitySection, display: Display, rows: tuple[Row, ...]
) -> Iterator[Footnote]:
    if not section.lines:
        yield Footnote("", NONE)
        return
    left_out = ActivityTotal(section.lines).unreported
    if left_out:
        yield Footnote(NOT_REPORTED, unreported_text(left_out))
    yield from _basis_notes(section)
    if uncounted := [line.name for line in section.lines if not line.counted]:
        text = "Not in totals of volumes, as the people already stand on another row: "
        yield Footnote("", f"{text}{', '.join(uncounted)}.")
    if any(cell.mark == IN_UNIT for row in rows for cell in row.cells.values()):
        yield Footnote(IN_UNIT, f"This unit cost is in {display.unit_label}, others in £.")
    if any(row.cells["volume_direction"].text for row in rows if row.cells):
        yield Footnote(
            "",
            "Arrows compare with the previous report: ↑ more, ↔ the same, ↓ less. More is neither "
            "good nor bad by itself.",
        )


def unreported_text(lines: list[LineRow]) -> str:
    """Return the sentence that says which budgets the variance leaves out."""
    count = "1 line has" if len(lines) == 1 else f"{len(lines)} lines have"
    budgets = plain_pounds(sum(line.budget or 0 for line in lines))
    return f"{count} no forecast in this period; budgets of {budgets} are left out of the variance."


def _basis_notes(section: ActivitySection) -> Iterator[Footnote]:
    """Yield which volume the costs of each group follow, where averages are given."""
    if all(line.now.average_volume is None for line in section.lines):
        return
    with_volume = {line.group for line in section.lines if line.has_volume}
    groups = [group for group in section.groups if group.code in with_volume]
    average = [group.name for group in groups if group.follows_average]
    snapshot = [group.name for group in groups if not group.follows_average]
    text = "Volume is the number at the period’s end, average volume that of the year to date."
    text += f" Costs follow the average in: {', '.join(average)}." if average else ""
    text += f" They follow the number at the end in: {', '.join(snapshot)}." if snapshot else ""
    yield Footnote("", text)
