"""The steps at the end of a year: savings that come back, and the plan of the year after."""

from django.urls import reverse

from council_finance.periods import CLOSE, financial_year_label
from council_finance.registry import Due, Link, MonthStep, month_step
from monitoring.models import FinancialYear
from monitoring.month.selectors.month import Month
from monitoring.month.selectors.step_parts import PUBLISHERS, UPLOADERS, count_of
from planning.plan.models import PlanVersion
from planning.plan.selectors.adoption import Offer, offer_of
from planning.plan.selectors.versions import find_current_version

_LAST_PERIODS = (CLOSE - 1, CLOSE)
_TO_COME, _WAITING = ("To come", "grey"), ("Awaiting the next year", "grey")


@month_step("savings-not-delivered", title="Savings not delivered", after="report", has_date=False)
def not_delivered_step(month: Month) -> MonthStep | None:
    """Return whether the savings that the close left are in the next year's register.

    None before month 12, without a plan of this year or the next, and for people who do not see
    drafts.
    """
    year = month.period.year
    if not _is_shown(month):
        return None
    link = Link("Savings not delivered", reverse("savings-not-delivered", args=[year.start]))
    following = financial_year_label(year.start + 1)
    offer = offer_of(year)
    if not offer.is_reported:
        text = (
            f"What recurs and was not delivered comes back in {following}, once the savings are "
            "reported at the close."
        )
        return MonthStep(*_TO_COME, text, links=(link,))
    if not offer.to_bring:
        text = f"Nothing is left to bring forward into {following}."
        return MonthStep("Done", "green", text, links=(link,))
    text = f"{count_of(len(offer.to_bring), 'recurring saving')}, {offer.total} in all"
    if offer.missing:
        text = f"{text}, to bring forward. {offer.missing}"
        return MonthStep(*_WAITING, text, links=(link,))
    return MonthStep(
        "To be brought forward",
        "amber",
        f"{text}, to bring forward into {following}.",
        links=(link,),
        due=(_bring_forward_due(offer, link),),
    )


def _bring_forward_due(offer: Offer, link: Link) -> Due:
    text = f"Bring {offer.total} of undelivered savings forward"
    return Due("", "savings not delivered", text, link.url, roles=UPLOADERS)


@month_step("next-plan", title="Next year’s plan", after="savings-not-delivered", has_date=False)
def next_plan_step(month: Month) -> MonthStep | None:
    """Return whether the next year has a plan, and whether it is adopted.

    None before month 12, without a plan of this year or the next, and for people who do not see
    drafts.
    """
    if not _is_shown(month):
        return None
    start = month.period.year.start + 1
    label = financial_year_label(start)
    following = FinancialYear.objects.filter(start=start).first()
    if following is None:
        link = Link("Roll the year forward", reverse("year-roll-forward", args=[start - 1]))
        links = (link,) if month.duties.publish else ()
        return MonthStep(*_WAITING, f"{label} is not set up yet.", links=links)
    if PlanVersion.objects.filter(adopted_year=start).exists():
        link = Link(f"Plan of {label}", reverse("plan", args=[start]))
        return MonthStep("Adopted", "green", links=(link,))
    version = find_current_version(following)
    if version is None:
        return _step_without_plan(month, start, label)
    page = "plan-adopt" if month.duties.publish else "plan"
    link = Link(f"Plan of {label}", reverse(page, args=[start]))
    text = f"{version} is stored. Adopting it freezes it and writes the register of savings."
    due = Due("", "plan", f"Adopt the plan of {label}", link.url, roles=PUBLISHERS)
    return MonthStep("To be adopted", "amber", text, links=(link,), due=(due,))


def _step_without_plan(month: Month, start: int, label: str) -> MonthStep:
    page = reverse("plan", args=[start])
    if month.duties.upload:
        page = reverse("plan-entry", args=[start, "plan"])
    link = Link(f"Plan of {label}", page)
    text = f"{label} has no plan yet: enter it, or upload its file."
    due = Due("", "plan", f"Enter the plan of {label}", link.url, roles=UPLOADERS)
    return MonthStep("To be entered", "amber", text, links=(link,), due=(due,))


def _is_shown(month: Month) -> bool:
    """Return whether the year ends, the reader sees drafts, and the council has a plan."""
    year = month.period.year
    if month.period.number not in _LAST_PERIODS or not month.duties.review:
        return False
    return PlanVersion.objects.filter(year__start__in=(year.start, year.start + 1)).exists()
