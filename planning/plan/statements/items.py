"""Growth and savings of the plan, item by item, with their parts and the marks of changes."""

from collections.abc import Iterator, Sequence

from council_finance import registry
from council_finance.statements import Cell, Column, Display, Footnote, Row, Statement
from monitoring.reports.selectors.year_data import YearData
from monitoring.reports.statements.rows import with_rounding_note
from planning.plan.calculations import STEP, Roll
from planning.plan.marks import NEW, SIGNS
from planning.plan.report_rows import GROWTH, SAVING, PlanRow
from planning.plan.selectors.plan_data import PlanView, plan_of
from planning.plan.statement_parts import version_notes, year_cells, year_columns
from planning.plan.statements.summary import SUMMARY

GROWTH_ITEMS, SAVINGS_ITEMS = "mtfs-growth", "mtfs-savings"
_TITLES = {GROWTH_ITEMS: "Medium-term plan: growth", SAVINGS_ITEMS: "Medium-term plan: savings"}
_MARKS = "* unchanged from the version before; ** amended; no mark: new."


@registry.statement(GROWTH_ITEMS, title=_TITLES[GROWTH_ITEMS], of_year=True, after=SUMMARY)
def mtfs_growth(facts: YearData) -> Statement:
    """Return the growth items with cumulative amounts, and steps as a second set of columns."""
    return _build_statement(facts, GROWTH_ITEMS, GROWTH)


@registry.statement(SAVINGS_ITEMS, title=_TITLES[SAVINGS_ITEMS], of_year=True, after=GROWTH_ITEMS)
def mtfs_savings(facts: YearData) -> Statement:
    """Return the savings items with their kind, as the growth items."""
    return _build_statement(facts, SAVINGS_ITEMS, SAVING)


def _build_statement(facts: YearData, name: str, type_of_items: str) -> Statement:
    plan, display = plan_of(facts), facts.display(name)
    years = plan.settings.years
    steps = year_columns(years, display, suffix=STEP)
    items = plan.roll.tops(type_of_items)
    kind = [Column("kind", "Kind")] if type_of_items == SAVING else []
    return with_rounding_note(
        Statement(
            name=name,
            title=_TITLES[name],
            header=facts.header,
            display=display,
            columns=(Column("mark", "Mark"), *kind, *year_columns(years, display), *steps),
            rows=tuple(_ItemRows(plan, display, type_of_items).build(items)) if items else (),
            footnotes=(*version_notes(plan.version), *_mark_notes(plan, items)),
            row_heading="Item",
            hidden_from_readers=tuple(column.key for column in steps),
        )
    )


class _ItemRows:
    """The rows of items of one type: by heading, each with its parts, and a total."""

    def __init__(self, plan: PlanView, display: Display, type_of_items: str) -> None:
        self.plan, self.display, self.roll = plan, display, plan.roll
        self.shows_kind = type_of_items == SAVING

    def build(self, items: Sequence[PlanRow]) -> Iterator[Row]:
        """Yield the rows; a heading with several items has a subtotal."""
        for place, (heading, listed) in enumerate(by_heading(items).items(), start=1):
            if heading:
                yield Row(f"heading:{place}", heading, "heading")
            for item in listed:
                yield from self._item_rows(item, level=1 if heading else 0)
            if heading and len(listed) > 1:
                label = f"Total {heading}"
                yield self._total_row(f"subtotal:{place}", label, "subtotal", listed)
        yield self._total_row("total", "Total", "total", items)

    def _item_rows(self, item: PlanRow, level: int) -> Iterator[Row]:
        parts = self.roll.children(item.reference)
        words = {"mark": Cell(self.plan.sign_of(item))} | self._kind_cells(item.kind)
        keys = tuple(part.reference for part in parts)
        label = f"{item.reference} {item.title}"
        amounts = self._amount_cells(*_amounts_of(self.roll, item))
        yield Row(item.reference, label, "line", words | amounts, level, keys)
        for part in parts:
            yield from self._item_rows(part, level + 1)

    def _total_row(self, key: str, label: str, kind: str, items: Sequence[PlanRow]) -> Row:
        places = range(len(self.roll.years))
        cumulative = [self.roll.sum_of(items, place) for place in places]
        steps = [self.roll.sum_of(items, place, steps=True) for place in places]
        words = {"mark": Cell("")} | self._kind_cells("")
        keys = tuple(item.reference for item in items)
        return Row(key, label, kind, words | self._amount_cells(cumulative, steps), sum_of=keys)

    def _kind_cells(self, kind: str) -> dict[str, Cell]:
        return {"kind": Cell(kind)} if self.shows_kind else {}

    def _amount_cells(
        self, cumulative: Sequence[int | None], steps: Sequence[int | None]
    ) -> dict[str, Cell]:
        years = self.roll.years
        cells = year_cells(years, cumulative, self.display)
        return cells | year_cells(years, steps, self.display, suffix=STEP)


def _amounts_of(roll: Roll, item: PlanRow) -> tuple[Sequence[int | None], Sequence[int | None]]:
    return roll.cumulative[item.reference], roll.steps[item.reference]


def by_heading(items: Sequence[PlanRow]) -> dict[str, list[PlanRow]]:
    """Return items by their heading, in the order in which headings first occur."""
    found: dict[str, list[PlanRow]] = {}
    for item in items:
        found.setdefault(item.heading, []).append(item)
    return found


def _mark_notes(plan: PlanView, items: Sequence[PlanRow]) -> Iterator[Footnote]:
    """Yield the meaning of the marks, and each entered mark that is not the one worked out."""
    if any(plan.sign_of(item) for item in items):
        yield Footnote("", _MARKS)
    for item in items:
        worked_out = plan.marks.get(item.reference, "")
        if worked_out and item.change and worked_out != item.change:
            signs = SIGNS[worked_out] or NEW
            yield Footnote(
                "",
                f"{item.reference} is entered as {item.change}; against the version before it is "
                f"{worked_out} ({signs}).",
            )
