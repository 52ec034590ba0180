"""The statements of the underlying position and of the mitigations in it."""

from collections.abc import Iterator
from dataclasses import replace

from council_finance import registry
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.mitigations.calculations import ONE_OFF, RECURRING, StatedPart
from monitoring.mitigations.position_table import TITLE, position_of, share_notes
from monitoring.mitigations.selectors import (
    MITIGATIONS,
    UNDERLYING_POSITION,
    parts_of,
    stated_parts,
)
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note

_NOTHING = Footnote("", "Nothing has been stated about the variances of this period.")


@registry.statement(UNDERLYING_POSITION, title=TITLE, after="section-headlines", of_ledger=True)
def underlying_position(facts: ReportData) -> Statement:
    """Return each variance before and after mitigations, and its one-off and recurring parts.

    Parts that nobody stated print as such, and their amount is in the column of what is not stated,
    so every row adds up to the net variance of Annex A. There are no rows where nothing is stated.
    """
    if stated_parts(facts):
        return position_of(facts)
    return replace(position_of(facts), rows=(), footnotes=(_NOTHING,))


@registry.statement(
    MITIGATIONS, title="Mitigations in the forecast", after=UNDERLYING_POSITION, of_ledger=True
)
def mitigations(facts: ReportData) -> Statement:
    """Return each stated mitigation under its service, split by how long it lasts, with a total."""
    display = facts.display(MITIGATIONS)
    unit = display.unit_label
    rows = tuple(_mitigation_rows(facts, display))
    notes = share_notes(facts, display) if stated_parts(facts) else (_NOTHING,)
    return with_rounding_note(
        Statement(
            name=MITIGATIONS,
            title="Mitigations in the forecast",
            header=facts.header,
            display=display,
            columns=(
                Column("amount", "Mitigation", unit),
                Column("one_off", "Of which one-off", unit),
                Column("recurring", "Of which recurring", unit),
                Column("not_stated", "Of which not stated", unit),
            ),
            rows=(*rows, _total_row(rows, display)) if rows else (),
            footnotes=notes,
            row_heading="Mitigation",
            cross_casts=(
                CrossCast("amount", (("one_off", 1), ("recurring", 1), ("not_stated", 1))),
            ),
        )
    )


def _mitigation_rows(facts: ReportData, display: Display) -> Iterator[Row]:
    for node in facts.leaves:
        if node.gross_variance is None:
            continue
        stated = [each for each in parts_of(facts, node) if each.is_mitigation]
        found = [each for each in stated if not each.says_none]
        if found:
            yield Row(f"heading:{node.key}", node.label, "heading")
        for place, each in enumerate(found, start=1):
            cells = _lasting_cells(each, display)
            yield Row(f"{node.key}:{place}", each.description, "line", cells, 1)


def _lasting_cells(mitigation: StatedPart, display: Display) -> dict[str, Cell]:
    column = {ONE_OFF: "one_off", RECURRING: "recurring"}.get(mitigation.lasting, "not_stated")
    cells = dict.fromkeys(("one_off", "recurring", "not_stated"), BLANK)
    amount = Cell.of_amount(mitigation.amount, display)
    return {"amount": amount, **cells, column: amount}


def _total_row(rows: tuple[Row, ...], display: Display) -> Row:
    added = [row for row in rows if row.cells]
    sums = {
        key: sum(row.cells[key].pence or 0 for row in added)
        for key in ("amount", "one_off", "recurring", "not_stated")
    }
    cells = {key: Cell.of_amount(pence, display) for key, pence in sums.items()}
    return Row("total", "Total", "total", cells, sum_of=tuple(row.key for row in added))
