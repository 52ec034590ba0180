"""The step of a month in which the positions of savings are reported."""

from collections import Counter
from collections.abc import Iterable

from council_finance.registry import Due, Link, MonthStep, Outstanding, month_step
from council_finance.statuses import NOT_REPORTED
from monitoring.month.selectors.month import Month
from monitoring.month.selectors.step_parts import (
    AWAITING_FIGURES,
    NOBODY,
    OFFICERS,
    count_of,
    month_url,
)
from savings.report_rows import SavingRow
from savings.selectors.report_savings import savings_of

_NAME = "savings"


@month_step(
    _NAME, title="Savings", after="commentary", warns_of={_NAME: "Savings that are not reported"}
)
def savings_step(month: Month) -> MonthStep | None:
    """Return how many savings are reported, and whose are not; None where the reader has none."""
    savings = [each for each in savings_of(month.facts) if month.shows(each.home)]
    if not savings:
        return None
    if not month.has_figures:
        return MonthStep(*AWAITING_FIGURES, "Officers report the position of each saving.")
    missing = [each for each in savings if _is_missing(each)]
    place = "savings-entry" if month.duties.upload and not month.period.is_published else "savings"
    link = Link(f"Savings of {month.period.name.lower()}", month_url(place, month))
    text = f"{len(savings) - len(missing):,} of {count_of(len(savings), 'saving')} reported."
    return MonthStep(
        *_describe_state(len(missing), len(savings)),
        text,
        links=(link,),
        due=() if month.period.is_published else tuple(_list_due(month, missing, link.url)),
        outstanding=(_describe_missing(len(missing), len(savings), link),) if missing else (),
    )


def _is_missing(saving: SavingRow) -> bool:
    """Return whether a saving is not reported: without a scheme, it has no forecast."""
    return saving.status == NOT_REPORTED or (not saving.status and saving.forecast is None)


def _describe_state(missing: int, savings: int) -> tuple[str, str]:
    if not missing:
        return "All reported", "green"
    return ("To be reported", "amber") if missing == savings else ("Under way", "blue")


def _describe_missing(missing: int, savings: int, link: Link) -> Outstanding:
    verb = "is" if missing == 1 else "are"
    text = f"{missing:,} of {count_of(savings, 'saving')} {verb} not reported."
    return Outstanding(_NAME, text, link)


def _list_due(month: Month, missing: list[SavingRow], url: str) -> list[Due]:
    """Return what is due for each service; the register's owners are named where no officer is."""
    counts = Counter(saving.home for saving in missing)
    return [
        Due(
            service,
            _NAME,
            f"Savings: {count:,} not reported",
            url,
            month.ties.nearest(service, OFFICERS),
            _name_owners(each.owner for each in missing if each.home == service),
            OFFICERS,
        )
        for service, count in counts.items()
    ]


def _name_owners(owners: Iterable[str]) -> str:
    named = ", ".join(dict.fromkeys(owner for owner in owners if owner))
    return f"{NOBODY}. Owner in the register: {named}" if named else NOBODY
