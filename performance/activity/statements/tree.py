"""The rows of a statement of activity: headings, lines and totals of the tree of groups."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from council_finance.quantities import MOST_DECIMALS, PARTS, plain_quantity, print_quantity
from council_finance.statements import Cell, Column, Display, Row
from council_finance.statements.display import NOT_GIVEN
from council_finance.statements.model import BLANK
from performance.activity.report_rows import ActivitySection, GroupRow, LineRow
from performance.activity.rules import round_pence, to_quantity
from performance.activity.totals import ActivityTotal

IN_UNIT = "‡"
"""The mark of a unit cost that prints in the statement's unit beside others in pounds."""


@dataclass(frozen=True)
class ActivityTree:
    """The rows of the groups of activity.

    `line_cells` and `total_cells` return the cells of a line and of a group's total; a cell without
    a figure is BLANK in a total. A group whose lines have no figure in a column leaves it blank.
    """

    section: ActivitySection
    line_cells: Callable[[LineRow], dict[str, Cell]]
    total_cells: Callable[[GroupRow, ActivityTotal], dict[str, Cell]]

    def rows(self) -> tuple[Row, ...]:
        """Return the rows of every group."""
        return tuple(
            row
            for group in self.section.children.get("", ())
            for row in self._rows_of(group, level=0)
        )

    def _rows_of(self, group: GroupRow, level: int) -> Iterator[Row]:
        yield Row(self._key_of("heading", group), group.name, "heading", level=level)
        yield from self._line_rows(group, level)
        for child in self.section.children.get(group.code, ()):
            yield from self._rows_of(child, level + 1)
        if group.total_label:
            kind = "subtotal" if group.parent else "total"
            total = ActivityTotal(self.section.lines_under(group.code))
            cells = {
                key: BLANK if cell.text == NOT_GIVEN else cell
                for key, cell in self.total_cells(group, total).items()
            }
            parts = tuple(self._keys_added_up(group))
            yield Row(self._key_of("total", group), group.total_label, kind, cells, level, parts)

    def _line_rows(self, group: GroupRow, level: int) -> Iterator[Row]:
        lines = self.section.lines_of[group.code]
        cells = {line.reference: self.line_cells(line) for line in lines}
        empty = {
            key
            for key in next(iter(cells.values()), ())
            if all(each[key].value is None for each in cells.values())
        }
        for line in lines:
            own = {
                key: BLANK if key in empty else cell for key, cell in cells[line.reference].items()
            }
            yield Row(line.reference, line.name, "line", own, level + 1)

    def _keys_added_up(self, group: GroupRow) -> Iterator[str]:
        yield from (line.reference for line in self.section.lines_of[group.code])
        for child in self.section.children.get(group.code, ()):
            if child.total_label:
                yield self._key_of("total", child)
            else:
                yield from self._keys_added_up(child)

    def _key_of(self, word: str, group: GroupRow) -> str:
        """Return the key of a group's row, which no line has as its reference."""
        key = f"{word}:{group.code}"
        taken = {line.reference for line in self.section.lines}
        while key in taken:
            key = f"{key}:"
        return key


def print_number(quantity: int, decimals: int, display: Display) -> str:
    """Return a quantity as printed, with the council's sign."""
    text = print_quantity(quantity, decimals)
    if text.startswith("-") and display.favourable == "brackets":
        return f"({text.removeprefix('-')})"
    return text


def number_cell(quantity: int | None, decimals: int, display: Display) -> Cell:
    """Return the cell of a volume; a missing one prints as a dash, not as nil."""
    if quantity is None:
        return Cell(NOT_GIVEN)
    return Cell(print_number(quantity, decimals, display), number=quantity)


def unit_cost_cell(
    pence: Fraction | None, decimals: int | None, display: Display, *, mark: str = ""
) -> Cell:
    """Return the cell of a unit cost, printed in pounds or, without decimals, in the unit.

    Its number has four decimals. Where it would print otherwise than the exact unit cost, such as
    3,316.0750 for 3,316.07498 with two decimals, it is a ten-thousandth nearer to nil.
    """
    if pence is None:
        return Cell(NOT_GIVEN)
    number = to_quantity(pence)
    text = _print_unit_cost(pence, decimals, display)
    if _print_unit_cost(Fraction(number * 100, PARTS), decimals, display) != text:
        number -= 1 if number > 0 else -1
    return Cell(text, number=number, mark=mark if decimals is None else "")


def _print_unit_cost(pence: Fraction, decimals: int | None, display: Display) -> str:
    if decimals is None:
        return display.amount(_pence_to_print(pence, display))
    steps = round_pence(pence * 10**decimals / 100)
    return print_number(steps * 10 ** (MOST_DECIMALS - decimals), decimals, display)


def _pence_to_print(pence: Fraction, display: Display) -> int:
    """Return whole pence that print as the fraction does, so that it is rounded once only."""
    return round_pence(pence) if display.pence_per_step == 1 else int(pence)


def decimals_needed(quantities: Iterator[int | None]) -> int:
    """Return the decimals in which every one of some quantities is exact: 0 to 4."""
    texts = (plain_quantity(each) for each in quantities if each is not None)
    return max((len(text.partition(".")[2]) for text in texts), default=0)


def is_mixed(section: ActivitySection, display: Display) -> bool:
    """Return whether some unit costs print in pounds and some in another unit of the statement."""
    priced = [line for line in section.lines if line.budget_unit_cost or line.unit_cost]
    in_pounds = {line.decimals is not None for line in priced}
    return display.unit != "pounds" and len(in_pounds) > 1


def unit_of_unit_costs(section: ActivitySection, display: Display) -> str:
    """Return the unit in the heading of unit costs: pounds, or the unit that all of them have."""
    all_in_unit = all(line.decimals is None for line in section.lines)
    return display.unit_label if all_in_unit else "£"


def without_blank_columns(columns: tuple[Column, ...], rows: tuple[Row, ...]) -> tuple[str, ...]:
    """Return the keys of columns that are blank throughout, which a page need not show."""
    return tuple(
        column.key
        for column in columns
        if all(row.cells[column.key].text in ("", NOT_GIVEN) for row in rows if row.cells)
    )


def decimals_of_group(total: ActivityTotal) -> int | None:
    """Return the decimals of the average unit cost of a total: its lines', where they agree."""
    decimals = {line.decimals for line in total.lines if line.counts}
    return decimals.pop() if len(decimals) == 1 else None


def marked(cell: Cell, mark: str) -> Cell:
    """Return a cell with the mark of a footnote."""
    return replace(cell, mark=mark)
