"""The step of a month in which the positions of grants are reported."""

from collections import Counter

from council_finance.registry import Due, Link, MonthStep, Outstanding, month_step
from monitoring.month.selectors.month import Month
from monitoring.month.selectors.step_parts import (
    AWAITING_FIGURES,
    NOBODY,
    OFFICERS,
    count_of,
    month_url,
)
from reserves.grants.report_rows import GrantRow
from reserves.grants.report_section import section_of

_NAME = "grants"


@month_step(
    _NAME,
    title="Grants",
    after="capital-receipts",
    warns_of={_NAME: "Grants with a balance that are not reported"},
)
def grants_step(month: Month) -> MonthStep | None:
    """Return how many grants with a balance are reported; None where the reader has none.

    They are capital and ring-fenced grants, and those that brought a balance forward.
    """
    grants = [each for each in section_of(month.facts).grants if _has_a_balance(each)]
    grants = [each for each in grants if _is_shown(month, each)]
    if not grants:
        return None
    if not month.has_figures:
        return MonthStep(*AWAITING_FIGURES, "What is received and applied of each grant.")
    missing = [each for each in grants if not each.reported]
    is_entered = month.duties.forecast and not month.period.is_published
    place = "grants-entry" if is_entered else "grants"
    link = Link(f"Grants of {month.period.name.lower()}", month_url(place, month))
    text = f"{len(grants) - len(missing):,} of {count_of(len(grants), 'grant')} reported."
    state = ("Under way", "blue") if len(missing) < len(grants) else ("To be reported", "amber")
    return MonthStep(
        *(state if missing else ("All reported", "green")),
        text,
        links=(link,),
        due=() if month.period.is_published else tuple(_list_due(month, missing, link.url)),
        outstanding=(_describe_missing(len(missing), len(grants), link),) if missing else (),
    )


def _has_a_balance(grant: GrantRow) -> bool:
    return grant.is_capital or bool(grant.ring_fenced) or bool(grant.opening)


def _is_shown(month: Month, grant: GrantRow) -> bool:
    """Return whether the reader may see a grant; one that is no service's is the council's."""
    return any(
        month.shows(share.service) if share.service else month.duties.review
        for share in grant.shares
    )


def _describe_missing(missing: int, grants: int, link: Link) -> Outstanding:
    verb = "is" if missing == 1 else "are"
    text = f"{missing:,} of {count_of(grants, 'grant')} with a balance {verb} not reported."
    return Outstanding(_NAME, text, link)


def _list_due(month: Month, missing: list[GrantRow], url: str) -> list[Due]:
    """Return what is due by the service of the first share; "" is the whole council."""
    counts = Counter(grant.shares[0].service for grant in missing)
    return [
        Due(
            service,
            _NAME,
            f"Grants: {count:,} not reported",
            url,
            month.ties.nearest(service, OFFICERS) if service else (),
            NOBODY,
            OFFICERS,
        )
        for service, count in counts.items()
    ]
