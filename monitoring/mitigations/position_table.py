"""The table of the underlying position, with a row for every service whatever is stated."""

from council_finance.prose import in_series
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Statement
from monitoring.mitigations.calculations import Underlying
from monitoring.mitigations.selectors import UNDERLYING_POSITION, stated_share, underlying_rows
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import tree_rows, with_rounding_note

TITLE = "Underlying position: before and after mitigations, one-off and recurring"
NOT_STATED = Cell("not stated")
_NAMED = 5
_CROSS_CASTS = (
    CrossCast(
        "net_variance",
        (
            ("before_mitigations", 1),
            ("mitigations", 1),
            ("use_of_reserves", 1),
            ("use_of_capital_receipts", 1),
        ),
    ),
    CrossCast("net_variance", (("one_off", 1), ("recurring", 1), ("not_stated", 1))),
)


def position_of(facts: ReportData) -> Statement:
    """Return the statement with every row, also where nothing is stated yet."""
    display = facts.display(UNDERLYING_POSITION)
    unit = display.unit_label
    figures = underlying_rows(facts)
    return with_rounding_note(
        Statement(
            name=UNDERLYING_POSITION,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=(
                Column("before_mitigations", "Variance before stated mitigations", unit),
                Column("mitigations", "Mitigations in the forecast", unit),
                Column("use_of_reserves", "Planned use of earmarked reserves", unit),
                Column("use_of_capital_receipts", "Planned use of capital receipts", unit),
                Column("net_variance", "Net variance after mitigations", unit),
                Column("one_off", "Of which one-off", unit),
                Column("recurring", "Of which recurring", unit),
                Column("not_stated", "Of which not stated", unit),
            ),
            rows=tree_rows(
                facts, lambda node: _build_cells(figures[node.key], display), headings=False
            ),
            footnotes=share_notes(facts, display),
            cross_casts=_CROSS_CASTS,
        )
    )


def _build_cells(row: Underlying, display: Display) -> dict[str, Cell]:
    def stated(pence: int | None) -> Cell:
        return NOT_STATED if pence is None and row.net_variance else amount(pence)

    def amount(pence: int | None) -> Cell:
        return Cell.of_amount(pence, display)

    return {
        "before_mitigations": amount(row.before),
        "mitigations": stated(row.mitigations),
        "use_of_reserves": amount(row.use_of_reserves),
        "use_of_capital_receipts": amount(row.use_of_capital_receipts),
        "net_variance": amount(row.net_variance),
        "one_off": stated(row.one_off),
        "recurring": stated(row.recurring),
        "not_stated": amount(row.not_stated),
    }


def share_notes(facts: ReportData, display: Display) -> tuple[Footnote, ...]:
    """Return notes on services that state no mitigations, or parts that cannot be counted."""
    share, notes = stated_share(facts), []
    if share.silent:
        net = sum(node.net_variance or 0 for node in share.silent)
        notes.append(
            f"{_name_rows(share.silent)} say nothing about mitigations; together their net "
            f"variance is {display.in_words(net)}."
            if len(share.silent) > 1
            else f"{share.silent[0].label} says nothing about mitigations; its net variance is "
            f"{display.in_words(net)}."
        )
    if share.none:
        verb = "state" if len(share.none) > 1 else "states"
        notes.append(f"{_name_rows(share.none)} {verb} that there are no mitigations.")
    if share.not_counted:
        notes.append(
            f"Not counted, as the service has no forecast in this report: what was stated for "
            f"{in_series(share.not_counted)}."
        )
    return tuple(Footnote("", text) for text in notes)


def _name_rows(nodes: list[ReportRow]) -> str:
    """Return the names of the first rows, and how many more there are."""
    names = [node.label for node in nodes[:_NAMED]]
    more = len(nodes) - len(names)
    return in_series([*names, f"{more} more"] if more else names)
