"""The reasons given for checks that differ."""

from collections.abc import Iterable

from council_finance.statements.casting import Check
from monitoring.plausibility.models import CheckReason
from monitoring.structure.models import Period

CheckIdentity = tuple[str, str, int, int]
"""A check's statement and name, and its figures in pence: expected and found."""


def identity_of(check: Check) -> CheckIdentity:
    """Return what a reason is given for: with other figures it is another check."""
    return (check.statement, check.name, check.expected_pence, check.actual_pence)


def reasons_of(period: Period) -> dict[CheckIdentity, CheckReason]:
    """Return the last reason given for each check of a period."""
    rows = CheckReason.objects.filter(period=period).select_related("by").order_by("pk")
    return {(row.statement, row.name, row.expected_pence, row.actual_pence): row for row in rows}


def reason_of(period: Period, check: Check) -> CheckReason | None:
    """Return the last reason given for a check with these figures; None where there is none."""
    return reasons_of(period).get(identity_of(check))


def find_check(checks: Iterable[Check], identity: CheckIdentity) -> Check | None:
    """Return the check with this identity; None where it has other figures now."""
    return next((check for check in checks if identity_of(check) == identity), None)
