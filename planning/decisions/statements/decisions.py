"""The forward plan and the decisions taken (Somerset, Cabinet 14 August 2019)."""

from council_finance import registry
from council_finance.periods import long_date
from council_finance.quantities import PARTS
from council_finance.statements import Cell, Column, Footnote, Row, Statement
from monitoring.reports.selectors.report_data import ReportData
from planning.decisions.findings import band_of, in_force_text, score_of
from planning.decisions.report_rows import DecisionRow, date_of
from planning.decisions.report_section import section_of
from planning.decisions.settings_tables import decision_rules, risk_rules

NAME = "decisions"
TITLE = "Decisions"


@registry.statement(NAME, title=TITLE, after="capital-plan", of_any_period=True)
def decisions(facts: ReportData) -> Statement:
    """Return a row for each decision of the year, in the order of the forward plan."""
    found = section_of(facts).decisions
    notes = () if found else (Footnote("", "No decisions have been uploaded for this year."),)
    return Statement(
        name=NAME,
        title=TITLE,
        header=facts.header,
        display=facts.display(NAME),
        columns=(
            Column("decision_maker", "Decision maker"),
            Column("decision_on", "Decision on"),
            Column("key", "Key decision"),
            Column("status", "Status"),
            Column("risk_score", "Risk score", is_number=True),
            Column("risk_band", "Risk band"),
            Column("sign_offs", "Sign-offs, answered of asked"),
            Column("in_force_on", "In force on"),
        ),
        rows=tuple(_build_row(facts, each) for each in found),
        footnotes=notes,
        row_heading="Decision",
    )


def _build_row(facts: ReportData, decision: DecisionRow) -> Row:
    score = score_of(decision)
    texts = {
        "decision_maker": decision.decision_maker,
        "decision_on": decision.decision_on,
        "key": decision.key_decision,
        "status": decision.status_text,
        "risk_band": band_of(decision, risk_rules(facts.settings)),
        "sign_offs": count_sign_offs(decision),
        "in_force_on": in_force_text(decision, decision_rules(facts.settings)),
    }
    label = f"{decision.reference} {decision.title}"
    cells = {key: Cell(text) for key, text in texts.items()}
    return Row(decision.reference, label, "line", cells | {"risk_score": _score_cell(score)})


def _score_cell(score: int | None) -> Cell:
    return Cell("") if score is None else Cell(str(score), number=score * PARTS)


def describe_sign_offs(decision: DecisionRow) -> list[tuple[str, str, str]]:
    """Return the role, the answer and the day of each sign-off in words."""
    found = []
    for each in decision.sign_offs:
        answer = each.outcome.capitalize() if each.is_answered else "No answer"
        day = date_of(each.signed_on)
        found.append((each.role, answer, "" if day is None else long_date(day)))
    return found


def count_sign_offs(decision: DecisionRow) -> str:
    """Return how many of the roles that were asked answered: `11 / 12`; "" where none was."""
    asked = decision.sign_offs
    answered = sum(each.is_answered for each in asked)
    return f"{answered} / {len(asked)}" if asked else ""
