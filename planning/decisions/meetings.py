"""Deleting meetings that are entered no longer: files add to those that are stored."""

from collections.abc import Mapping, Sequence
from typing import Any

from monitoring.models import FinancialYear
from planning.decisions.selectors import meetings_of


def keep_meetings(year: FinancialYear, rows: Sequence[Mapping[str, Any]]) -> None:
    """Delete the meetings that are not among the rows."""
    kept = {(row["meeting_on"], row["committee"]) for row in rows}
    for each in meetings_of(year):
        if (each.meeting_on, each.committee) not in kept:
            each.delete()
