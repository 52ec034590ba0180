"""The reasons why checks of a report differ: those to freeze, and those that it froze."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.timezone import localtime

from council_finance import registry
from council_finance.statements.casting import DIFFERS, Check
from monitoring.plausibility.selectors.check_reasons import identity_of, reasons_of
from monitoring.reports.checks import check_report
from monitoring.reports.redaction import Redactor
from monitoring.reports.selectors.redactions import secrets_of
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import BudgetLine

_NAME = "check_reasons"


@dataclass(frozen=True)
class ExplainedCheck:
    """A check that differs in a published report, with the reason; amounts are texts in pounds."""

    name: str
    statement: str
    title: str
    expected: str
    actual: str
    difference: str
    reason: str
    by: str
    at: datetime.date


def reasons_to_freeze(facts: ReportData) -> dict[str, Any]:
    """Return the reasons for the checks of a draft that differ, by the name a report keeps them.

    Exempt lines are not named. Empty where no reason was given, so that no check is run then.
    """
    reasons = reasons_of(facts.period)
    if not reasons:
        return {}
    rows = [
        {
            "statement": check.statement,
            "name": check.name,
            "expected_pence": check.expected_pence,
            "actual_pence": check.actual_pence,
            **({} if check.has_amounts else {"has_amounts": False}),
            "reason": given.reason,
            "by": given.by.name if given.by else "",
            "at": localtime(given.at).date().isoformat(),
        }
        for check in check_report(facts)
        if check.status == DIFFERS and (given := reasons.get(identity_of(check)))
    ]
    exempt = BudgetLine.objects.filter(pk__in=facts.exempt_lines).select_related("service")
    if lines := list(exempt):
        rows = Redactor(secrets_of(facts, lines).values()).data(rows)
    return {_NAME: rows} if rows else {}


def explained_checks(facts: ReportData) -> list[ExplainedCheck]:
    """Return the checks that differ in a published report with their reasons, as it froze them.

    Reports published before these were recorded have none.
    """
    if facts.report is None:
        return []
    titles = {entry.name: entry.title for entry in registry.statements().values()}
    return [_explain_row(row, titles) for row in facts.frozen.get(_NAME, [])]


def _explain_row(row: Mapping[str, Any], titles: Mapping[str, str]) -> ExplainedCheck:
    check = Check(
        row["name"],
        row["statement"],
        row["expected_pence"],
        row["actual_pence"],
        DIFFERS,
        row.get("has_amounts", True),
    )
    expected, actual, difference = check.amounts
    return ExplainedCheck(
        name=check.name,
        statement=check.statement,
        title=titles.get(check.statement, check.statement),
        expected=expected,
        actual=actual,
        difference=difference,
        reason=row["reason"],
        by=row["by"],
        at=datetime.date.fromisoformat(row["at"]),
    )
