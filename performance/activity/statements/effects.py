"""The variances of activity as more people, dearer care and money without a volume."""

from collections.abc import Iterator
from fractions import Fraction

from council_finance import registry
from council_finance.statements import Cell, Column, Display, Footnote, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note
from performance.activity.report_rows import ActivitySection, GroupRow, LineRow
from performance.activity.report_section import section_of
from performance.activity.statements.activity import NAME as ACTIVITY
from performance.activity.statements.activity import NONE, unreported_text
from performance.activity.statements.tree import (
    IN_UNIT,
    ActivityTree,
    is_mixed,
    marked,
    unit_cost_cell,
    unit_of_unit_costs,
    without_blank_columns,
)
from performance.activity.totals import ActivityTotal

NAME = "activity-effects"
TITLE = "Activity: effects of volume and unit cost"
NO_PRICE = "†"


def columns(section: ActivitySection, display: Display) -> tuple[Column, ...]:
    """Return the columns, money in the council's unit."""
    unit, of_price = display.unit_label, unit_of_unit_costs(section, display)
    return (
        Column("budget", "Annual budget", unit),
        Column("volume_effect", "More people", unit),
        Column("unit_cost_effect", "Dearer care", unit),
        Column("other", "Without a volume", unit),
        Column("variance", "Variance", unit),
        Column("stated_unit_cost", f"Stated budgeted unit cost {of_price}", is_number=True),
        Column("implied_unit_cost", f"Unit cost the budget implies {of_price}", is_number=True),
        Column("exit_run_rate", "Today’s volume in a full year", unit),
    )


@registry.statement(NAME, title=TITLE, after=ACTIVITY)
def activity_effects(facts: ReportData) -> Statement:
    """Return the parts of each variance, which add up to it to the penny."""
    section, display = section_of(facts), facts.display(NAME)
    cells = _EffectCells(section, display)
    rows = ActivityTree(section, cells.of_line, cells.of_total).rows()
    made = columns(section, display)
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
            hidden_from_readers=without_blank_columns(made, rows),
        )
    )


class _EffectCells:
    """The cells of lines and totals."""

    def __init__(self, section: ActivitySection, display: Display) -> None:
        self.display, self.mixed = display, is_mixed(section, display)

    def of_line(self, line: LineRow) -> dict[str, Cell]:
        """Return the cells of a line."""
        effects = line.effects
        stated = line.stated_budget_unit_cost
        unsplit = NO_PRICE if line.has_volume and effects.other is not None else ""
        other = Cell.of_amount(effects.other, self.display)
        return {
            "budget": Cell.of_amount(line.budget, self.display),
            "volume_effect": Cell.of_amount(effects.volume, self.display),
            "unit_cost_effect": Cell.of_amount(effects.unit_cost, self.display),
            "other": marked(other, unsplit),
            "variance": Cell.of_amount(line.variance, self.display),
            "stated_unit_cost": self._price_cell(
                None if stated is None else Fraction(stated), line.decimals
            ),
            "implied_unit_cost": self._price_cell(line.implied_unit_cost, line.decimals),
            "exit_run_rate": Cell.of_amount(line.exit_run_rate, self.display),
        }

    def of_total(self, group: GroupRow, total: ActivityTotal) -> dict[str, Cell]:
        """Return the cells of a group's total."""
        amounts = {
            "budget": total.budget,
            "volume_effect": total.volume_effect,
            "unit_cost_effect": total.unit_cost_effect,
            "other": total.other_effect,
            "variance": total.variance,
            "exit_run_rate": total.exit_run_rate,
        }
        cells = {key: Cell.of_amount(pence, self.display) for key, pence in amounts.items()}
        return cells | {"stated_unit_cost": BLANK, "implied_unit_cost": BLANK}

    def _price_cell(self, pence: Fraction | None, decimals: int | None) -> Cell:
        mark = IN_UNIT if self.mixed else ""
        return unit_cost_cell(pence, decimals, self.display, mark=mark)


def _build_notes(
    section: ActivitySection, display: Display, rows: tuple[Row, ...]
) -> Iterator[Footnote]:
    if not section.lines:
        yield Footnote("", NONE)
        return
    yield Footnote(
        "",
        "More people: the change of volume at the unit cost that the budget implies. Dearer care: "
        "the rest of the variance. Unit costs that the budget states play no part.",
    )
    marks = {cell.mark for row in rows for cell in row.cells.values()}
    if NO_PRICE in marks:
        yield Footnote(NO_PRICE, "Without both volumes there is no price to split the variance by.")
    if IN_UNIT in marks:
        yield Footnote(IN_UNIT, f"This unit cost is in {display.unit_label}, others in £.")
    unpriced = [each.name for each in section.lines if each.volume and each.exit_run_rate is None]
    if unpriced and len(unpriced) < sum(bool(line.volume) for line in section.lines):
        yield Footnote(
            "",
            "Not in totals of a full year, as unit cost or units a year are not known: "
            f"{', '.join(dict.fromkeys(unpriced))}.",
        )
    if left_out := ActivityTotal(section.lines).unreported:
        yield Footnote("", unreported_text(left_out))
