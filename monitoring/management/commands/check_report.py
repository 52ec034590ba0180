"""python manage.py check_report --year 2019/20 [--period 3] [--format text|json]"""

import json
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from council_finance.commands import PlainCommand, add_period_arguments
from council_finance.money import exact_pounds
from council_finance.statements.casting import AGREES, Check
from monitoring.plausibility.selectors.check_reasons import (
    CheckIdentity,
    identity_of,
    reasons_of,
)
from monitoring.reports.checks import check_any_period, check_report, check_year
from monitoring.reports.selectors.report_data import current_data, has_draft
from monitoring.reports.selectors.year_data import current_year_data
from monitoring.structure.selectors.calendar import find_period, find_year


class Command(PlainCommand):
    help = "Casts, cross-casts and ties out every statement; without a period, those of the year."

    def add_arguments(self, parser: CommandParser) -> None:
        add_period_arguments(parser, period_required=False)
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def run(self, *, year: int, period: int | None, **options: Any) -> None:
        reasons: dict[CheckIdentity, str] = {}
        if period is None:
            checks = check_year(current_year_data(find_year(year)))
        else:
            found = find_period(year, period)
            facts = current_data(found, of_any_period=True)
            is_empty = facts.report is None and not has_draft(found)
            checks = check_any_period(facts) if is_empty else check_report(facts)
            reasons = {check: given.reason for check, given in reasons_of(found).items()}
        if options["format"] == "json":
            data = {"checks": [_check_to_data(check, reasons) for check in checks]}
            self.stdout.write(json.dumps(data, ensure_ascii=False, indent=1))
            return
        for check in checks:
            if check.status != AGREES:
                self.stdout.write(_format_check(check, reasons))
        counts: dict[str, int] = {}
        for check in checks:
            counts[check.status] = counts.get(check.status, 0) + 1
        words = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        self.stdout.write(f"{len(checks):,} checks: {words}.")


def _check_to_data(check: Check, reasons: Mapping[CheckIdentity, str]) -> dict[str, Any]:
    """Return the check as JSON values, with `reason` where one was given for these figures."""
    given = reasons.get(identity_of(check))
    return check.to_data() | ({"reason": given} if given else {})


def _format_check(check: Check, reasons: Mapping[CheckIdentity, str]) -> str:
    given = reasons.get(identity_of(check))
    amounts = (
        f": expected {exact_pounds(check.expected_pence)}, found {exact_pounds(check.actual_pence)}"
        if check.has_amounts
        else ""
    )
    reason = f"; reason: {given}" if given else ""
    return f"{check.status}: {check.statement}: {check.name}{amounts}{reason}"
