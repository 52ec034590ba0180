"""The approved budget as a step of a year: uploaded, then published as period 0."""

import datetime

from council_finance.accounts.models import Role
from council_finance.addresses import address_of
from council_finance.periods import APPROVED_BUDGET
from council_finance.registry import Due, Link, MonthStep
from monitoring.structure.selectors.calendar import Calendar

_UPLOAD = frozenset({Role.FINANCE_OFFICER, Role.FINANCE_LEAD})
_PUBLISH = frozenset({Role.FINANCE_LEAD})


def approved_budget_step(
    calendar: Calendar,
    *,
    may_upload: bool,
    may_review: bool,
    by: datetime.date | None = None,
) -> MonthStep | None:
    """Return how far a year's approved budget is, due `by` a day, and the page where it goes on.

    None once it is published, or once a later report is, after which it cannot be published.
    """
    period = next((each for each in calendar.periods if each.number == APPROVED_BUDGET), None)
    if period is None or calendar.versions:
        return None
    place = [period.year.start, APPROVED_BUDGET]
    if period.batch_id is None:
        address = address_of("upload-for-period", *place)
        link = Link("Upload the approved budget", f"{address}?kind=position")
        return MonthStep(
            "To come",
            "amber",
            "The finance team uploads the budget as the council approved it. Month 1 is compared "
            "with it.",
            links=(link,) if may_upload else (),
            by=by,
            due=(Due("", "figures", link.label, link.url, roles=_UPLOAD),),
        )
    link = Link("Review the approved budget", address_of("review", *place))
    return MonthStep(
        "Draft",
        "blue",
        "It has been uploaded and is not published yet.",
        links=(link,) if may_review else (),
        by=by,
        due=(Due("", "publication", link.label, link.url, roles=_PUBLISH),),
    )
