"""The step of commentary and its sign-off."""

from collections.abc import Iterator

from council_finance.accounts.models import Role
from council_finance.registry import Due, Link, MonthStep, Outstanding, month_step
from monitoring.commentary.selectors import CommentaryRow
from monitoring.month.selectors.month import Month
from monitoring.month.selectors.step_parts import (
    AWAITING_FIGURES,
    NOBODY,
    OFFICERS,
    count_of,
    month_url,
)

_WRITE = frozenset({Role.DIRECTOR, Role.FINANCE_OFFICER})
_SIGN_OFF = frozenset({Role.DIRECTOR})
_NO_DIRECTOR = "No director is assigned to it"


@month_step(
    "commentary",
    title="Commentary",
    after="forecasts",
    warns_of={
        "commentary-unwritten": "Commentary that is due and not written",
        "commentary-unsigned": "Commentary that is written and not signed off",
    },
)
def commentary_step(month: Month) -> MonthStep:
    """Return how much of the commentary that is due is written and signed off, and by whom."""
    if not month.has_figures:
        return MonthStep(*AWAITING_FIGURES, "Services with a large variance explain it.")
    due = len(month.due)
    text = (
        f"Due for {count_of(due, 'service')}: {month.written:,} written, "
        f"{month.signed:,} signed off."
        if due
        else ""
    )
    link = Link(f"Commentary of {month.period.name.lower()}", month_url("commentary", month))
    return MonthStep(
        *_commentary_state(month),
        text,
        links=(link, *_links_of_many(month)),
        due=tuple(_commentary_due(month)),
        outstanding=tuple(_outstanding_commentary(month, link)),
    )


def _links_of_many(month: Month) -> Iterator[Link]:
    """Yield the pages on which the reader writes all that is due, and signs off all of it."""
    if not month.takes_entries:
        return
    if month.duties.comment and month.due:
        yield Link("Write all that is due", month_url("commentary-write", month))
    if month.duties.sign_off and month.unsigned:
        yield Link("Sign off all that is written", month_url("commentary-sign-off", month))


def _outstanding_commentary(month: Month, link: Link) -> Iterator[Outstanding]:
    due = f"of {count_of(len(month.due), 'service')} due"
    if month.unwritten:
        yield Outstanding(
            "commentary-unwritten", f"Commentary not written: {month.unwritten:,} {due}.", link
        )
    if month.unsigned:
        text = f"Commentary written and not signed off: {month.unsigned:,} {due}."
        yield Outstanding("commentary-unsigned", text, link)


def _commentary_state(month: Month) -> tuple[str, str]:
    due = len(month.due)
    if not due:
        return "None due", "green"
    if month.signed == due:
        return "All signed off", "green"
    return ("To be signed off", "blue") if month.written == due else ("To be written", "amber")


def _commentary_due(month: Month) -> Iterator[Due]:
    for row in month.rows if month.takes_entries else ():
        text, key = row.commentary, row.node.key
        if text and text.waits_for_text:
            people = month.ties.nearest(key, _WRITE)
            address = month_url("commentary-edit", month, key)
            yield Due(key, "commentary", "Commentary", address, people, NOBODY, OFFICERS)
        elif text and text.waits_for_sign_off:
            yield _sign_off_due(month, key, text)


def _sign_off_due(month: Month, key: str, text: CommentaryRow) -> Due:
    owner = (text.group or text.node).key
    with_group = f", with {text.group.label}" if text.group else ""
    return Due(
        key,
        "sign-off",
        f"Sign-off of the commentary{with_group}",
        month_url("commentary-edit", month, owner),
        month.ties.nearest(owner, _SIGN_OFF),
        _NO_DIRECTOR,
    )
