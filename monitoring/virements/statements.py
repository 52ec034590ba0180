"""The statement of virements up to the report's period."""

from council_finance import registry
from council_finance.statements import Cell, Column, Row, Statement
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.footnotes import approval_text, end_name

NAME = "virements"
TITLE = "Virements"


@registry.statement(NAME, title=TITLE, after="section-headlines")
def virements(facts: ReportData) -> Statement:
    """Return a row for each leg, approved or pending; a pending one has no effect on any figure."""
    display = facts.display(NAME)
    return Statement(
        name=NAME,
        title=TITLE,
        header=facts.header,
        display=display,
        columns=(
            Column("reference", "Reference"),
            Column("period", "Period"),
            Column("from", "From"),
            Column("to", "To"),
            Column("amount", "Amount", display.unit_label),
            Column("kind", "Kind"),
            Column("approved", "Approved"),
        ),
        rows=tuple(
            Row(
                f"{leg.reference}#{leg.leg}",
                leg.reason or leg.reference,
                "line",
                {
                    "reference": Cell(leg.reference),
                    "period": Cell(str(leg.period)),
                    "from": Cell(_capitalise_first(end_name(leg.giver))),
                    "to": Cell(_capitalise_first(end_name(leg.receiver))),
                    "amount": Cell.of_amount(leg.amount, display),
                    "kind": Cell(leg.kind),
                    "approved": Cell(_capitalise_first(approval_text(leg))),
                },
            )
            for leg in facts.virements
        ),
        row_heading="Virement",
    )


def _capitalise_first(text: str) -> str:
    return text[:1].upper() + text[1:]
