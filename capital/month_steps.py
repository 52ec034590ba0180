"""The step of a month in which the capital programme is forecast and its funding balanced."""

from collections import Counter

from capital.report_section import section_of
from capital.rules import describe_shortfall
from council_finance.registry import Due, Link, MonthStep, Outstanding, month_step
from monitoring.month.selectors.month import Month
from monitoring.month.selectors.step_parts import (
    AWAITING_FIGURES,
    NOBODY,
    OFFICERS,
    UPLOADERS,
    count_of,
    month_url,
)

_NAME = "capital"


@month_step(
    _NAME,
    title="Capital programme",
    after="reserves",
    warns_of={_NAME: "Capital schemes that are not reported"},
)
def capital_step(month: Month) -> MonthStep | None:
    """Return how many schemes have the month's figures; None where the reader has none."""
    schemes = [each for each in section_of(month.facts).schemes if month.shows(each.home)]
    if not schemes:
        return None
    if not month.has_figures:
        return MonthStep(*AWAITING_FIGURES, "Project managers forecast their schemes.")
    missing = Counter(each.home for each in schemes if each.forecast is None)
    without = missing.total()
    is_entered = month.duties.forecast and not month.period.is_published
    place = "capital-entry" if is_entered else "capital"
    link = Link(f"Capital programme of {month.period.name.lower()}", month_url(place, month))
    text = f"{len(schemes) - without:,} of {count_of(len(schemes), 'scheme')} with a forecast."
    unequal = _describe_unequal(month)
    state = ("Under way", "blue") if without < len(schemes) else ("To come", "amber")
    if not without:
        state = ("Funding differs", "red") if unequal else ("All forecast", "green")
    return MonthStep(
        *state,
        " ".join([text, *unequal]),
        links=(link,),
        due=() if month.period.is_published else tuple(_list_due(month, missing, link.url)),
        outstanding=(_describe_missing(without, len(schemes), link),) if without else (),
    )


def _describe_unequal(month: Month) -> list[str]:
    """Return the sentences that funding is not equal, for those who see the whole council."""
    if not month.duties.review:
        return []
    found = section_of(month.facts).balances
    return [describe_shortfall(each) for each in found if each.shortfall]


def _describe_missing(without: int, schemes: int, link: Link) -> Outstanding:
    has = "has" if without == 1 else "have"
    text = f"{without:,} of {count_of(schemes, 'capital scheme')} {has} no forecast."
    return Outstanding(_NAME, text, link)


def _list_due(month: Month, missing: Counter[str], url: str) -> list[Due]:
    return [
        Due(
            service,
            _NAME,
            f"Capital: {count_of(count, 'scheme')} without a forecast",
            url,
            month.ties.nearest(service, OFFICERS) if service else (),
            NOBODY,
            UPLOADERS if not service else OFFICERS,
        )
        for service, count in missing.items()
    ]
