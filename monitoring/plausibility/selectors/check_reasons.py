"""The reasons given for checks that differ."""

import hashlib
import json

from council_finance.statements.casting import Check
from monitoring.plausibility.models import CheckReason
from monitoring.structure.models import Period

CheckIdentity = tuple[str, str, int, int]
"""A check's statement and name, and its figures in pence: expected and found."""

_KEY_LENGTH = 16


def identity_of(check: Check) -> CheckIdentity:
    """Return what a reason is given for: with other figures it is another check."""
    return (check.statement, check.name, check.expected_pence, check.actual_pence)


def reasons_of(period: Period) -> dict[CheckIdentity, CheckReason]:
    """Return the last reason given for each check of a period."""
    rows = CheckReason.objects.filter(period=period).select_related("by").order_by("pk")
    return {(row.statement, row.name, row.expected_pence, row.actual_pence): row for row in rows}


def key_of(check: Check) -> str:
    """Return a short text that stands for a check with its figures in a form."""
    return hashlib.sha256(json.dumps(identity_of(check)).encode()).hexdigest()[:_KEY_LENGTH]
