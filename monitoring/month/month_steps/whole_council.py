"""The steps of what is entered for the whole council: the offset and aged debt."""

from council_finance.registry import Due, Link, MonthStep, Outstanding, month_step
from monitoring.contingency.selectors import OffsetSource, offset_of
from monitoring.debt.selectors import periods_with_debt
from monitoring.month.selectors.month import Month
from monitoring.month.selectors.step_parts import AWAITING_FIGURES, UPLOADERS, month_url

_OFFSET_STATES = {
    OffsetSource.ENTERED: ("Entered", "green"),
    OffsetSource.CARRIED: ("Carried forward", "blue"),
    OffsetSource.SETTINGS: ("From settings", "grey"),
    OffsetSource.LINES: ("From its lines", "grey"),
}


@month_step("contingency-offset", title="Contingency offset", after="commentary")
def contingency_offset_step(month: Month) -> MonthStep | None:
    """Return the contingency's notional offset and where it is from, for those who see drafts.

    None for a council without a contingency.
    """
    if not month.duties.review or not month.facts.settings.contingency_lines:
        return None
    offset = offset_of(month.facts) if month.has_figures else None
    if offset is None:
        text = "The part of the contingency that is set against overspends."
        return MonthStep(*AWAITING_FIGURES, text)
    amount = month.facts.display("contingency").in_words(offset.pence)
    link = Link(f"Contingency of {month.period.name.lower()}", month_url("contingency", month))
    return MonthStep(*_OFFSET_STATES[offset.source], f"{amount}: {offset.words}.", links=(link,))


@month_step(
    "aged-debt",
    title="Aged debt",
    after="contingency-offset",
    warns_of={"aged-debt": "Aged debt that has not been uploaded"},
)
def aged_debt_step(month: Month) -> MonthStep | None:
    """Return whether the month's aged debt is in, for those who see drafts.

    None for a council that has uploaded none this year or the year before.
    """
    if not month.duties.review:
        return None
    periods = periods_with_debt(month.period.year)
    if not periods:
        return None
    if month.period.pk in periods:
        link = Link(f"Aged debt of {month.period.name.lower()}", month_url("debt", month))
        return MonthStep("Uploaded", "green", "It has been uploaded.", links=(link,))
    link = Link("Upload aged debt", f"{month_url('upload-for-period', month)}?kind=aged_debt")
    text = f"Aged debt has not been uploaded for {month.period.name.lower()}."
    return MonthStep(
        "To come",
        "amber",
        text,
        links=(link,) if month.duties.upload else (),
        due=() if month.period.is_published else (_upload_due(link),),
        outstanding=(Outstanding("aged-debt", text, link),),
    )


def _upload_due(link: Link) -> Due:
    return Due("", "aged debt", "Upload the month’s aged debt", link.url, roles=UPLOADERS)
