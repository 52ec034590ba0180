"""The steps of a month in which reserves are reviewed and capital receipts forecast."""

from collections import Counter

from council_finance.periods import long_date
from council_finance.registry import Due, Link, MonthStep, Outstanding, month_step
from monitoring.month.selectors.month import Month
from monitoring.month.selectors.step_parts import (
    AWAITING_FIGURES,
    NOBODY,
    OFFICERS,
    UPLOADERS,
    count_of,
    local_day,
    month_url,
)
from reserves.movements_review import ReviewOfMovements, review_of_movements
from reserves.report_section import section_of

_RESERVES, _RECEIPTS = "reserves", "capital-receipts"


@month_step(
    _RESERVES,
    title="Reserves",
    after="commentary",
    warns_of={_RESERVES: "Movements of reserves that nobody has reviewed"},
)
def reserves_step(month: Month) -> MonthStep | None:
    """Return whether somebody confirmed that the movements are complete, for who sees drafts.

    None for a council without reserves.
    """
    if not month.duties.review or not section_of(month.facts).reserves:
        return None
    if not month.has_figures:
        return MonthStep(*AWAITING_FIGURES, "Officers review the movements of reserves.")
    link = Link(f"Reserves of {month.period.name.lower()}", month_url("reserves", month))
    if month.period.is_published:
        return MonthStep("Published", "green", links=(link,))
    review = review_of_movements(month.facts)
    if review.is_done:
        return MonthStep("Reviewed", "green", _describe_last(review), links=(link,))
    text = _describe_missing(review, month.period.name.lower())
    return MonthStep(
        "To be reviewed",
        "amber",
        text,
        links=(link,),
        due=(Due("", "review", "Review the movements of reserves", link.url, roles=UPLOADERS),),
        outstanding=(Outstanding(_RESERVES, text, link),),
    )


def _describe_last(review: ReviewOfMovements) -> str:
    if review.last is None:
        return ""
    by = f" by {review.last.reviewed_by.name}" if review.last.reviewed_by else ""
    return f"Reviewed{by} on {long_date(local_day(review.last.reviewed_at))}."


def _describe_missing(review: ReviewOfMovements, period: str) -> str:
    if review.has_changed:
        return "Movements of reserves have changed since they were reviewed."
    new = count_of(review.new, "movement") if review.new else "No movement"
    return f"{new} of reserves in {period}; nobody has confirmed that this is complete."


@month_step(
    _RECEIPTS,
    title="Capital receipts",
    after=_RESERVES,
    warns_of={_RECEIPTS: "Projects under capital receipts flexibilities without a forecast"},
)
def capital_receipts_step(month: Month) -> MonthStep | None:
    """Return how many projects have the month's forecast; None where the reader has none."""
    projects = [each for each in section_of(month.facts).projects if month.shows(each.service)]
    if not projects:
        return None
    if not month.has_figures:
        return MonthStep(*AWAITING_FIGURES, "Officers bring in the forecast of each project.")
    missing = Counter(each.service for each in projects if each.forecast is None)
    without = missing.total()
    link = Link(
        f"Capital receipts of {month.period.name.lower()}", month_url("capital-receipts", month)
    )
    text = f"{len(projects) - without:,} of {count_of(len(projects), 'project')} with a forecast."
    state = ("Under way", "blue") if without < len(projects) else ("To come", "amber")
    return MonthStep(
        *(state if without else ("All forecast", "green")),
        text,
        links=(link,),
        due=() if month.period.is_published else tuple(_receipts_due(month, missing, link.url)),
        outstanding=(_describe_receipts(without, len(projects), link),) if without else (),
    )


def _describe_receipts(without: int, projects: int, link: Link) -> Outstanding:
    has = "has" if without == 1 else "have"
    text = (
        f"{without:,} of {count_of(projects, 'project')} under capital receipts flexibilities "
        f"{has} no forecast."
    )
    return Outstanding(_RECEIPTS, text, link)


def _receipts_due(month: Month, missing: Counter[str], url: str) -> list[Due]:
    return [
        Due(
            service,
            _RECEIPTS,
            f"Capital receipts: {count_of(count, 'project')} without a forecast",
            url,
            month.ties.nearest(service, OFFICERS),
            NOBODY,
            OFFICERS,
        )
        for service, count in missing.items()
    ]
