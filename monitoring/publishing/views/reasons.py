"""The reasons that people give on the review page, for questioned figures and for checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from monitoring.plausibility.selectors.check_reasons import key_of
from monitoring.plausibility.services import answer_questions, explain_checks
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.report_data import current_data

if TYPE_CHECKING:
    from monitoring.structure.models import Period

_REASON = "reason-"


def sent_reasons(request: LoggedInRequest) -> dict[str, str]:
    """Return the reasons that were sent, by the key of their question or check."""
    return {
        name.removeprefix(_REASON): request.POST[name]
        for name in request.POST
        if name.startswith(_REASON)
    }


def _answer_questions(request: LoggedInRequest, period: Period) -> str:
    """Store reasons for questioned figures; return the sentence that says so."""
    stored = answer_questions(period=period, reasons=sent_reasons(request), by=request.user)
    return _describe_stored(stored)


def _explain_checks(request: LoggedInRequest, period: Period) -> str:
    """Store reasons for checks that differ. Raise `Refused` where one has other figures now."""
    sent = {key: reason for key, reason in sent_reasons(request).items() if reason.strip()}
    checks = {key_of(check): check for check in check_report(current_data(period))} if sent else {}
    if set(sent) - set(checks):
        raise Refused(
            "Figures of a check have changed since you opened this page, so nothing was stored. "
            "Look at the checks again."
        )
    reasons = [(checks[key], reason) for key, reason in sent.items()]
    return _describe_stored(explain_checks(period=period, reasons=reasons, by=request.user))


def _describe_stored(count: int) -> str:
    if not count:
        return "These reasons were stored already."
    return "1 reason is stored." if count == 1 else f"{count:,} reasons are stored."


REASON_ACTIONS: Mapping[str, Callable[[LoggedInRequest, Period], str]] = {
    "questions": _answer_questions,
    "checks": _explain_checks,
}
"""What each of the page's forms for reasons stores, by its action; also its place on the page."""
