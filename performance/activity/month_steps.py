"""The step of a month in which activity is reported."""

from collections.abc import Iterator

from council_finance.accounts.models import Role
from council_finance.registry import Due, Link, MonthStep, Outstanding, month_step
from monitoring.month.selectors.month import Month
from monitoring.month.selectors.step_parts import (
    AWAITING_FIGURES,
    NOBODY,
    count_of,
    month_url,
)
from performance.activity.report_rows import LineRow
from performance.activity.report_section import section_of
from performance.activity.selectors.report_activity import homes_of_groups

_NAME = "activity"
_ENTER = frozenset({Role.BUDGET_MANAGER, Role.FINANCE_OFFICER})


@month_step(
    _NAME, title="Activity", after="savings", warns_of={_NAME: "Activity that is not reported"}
)
def activity_step(month: Month) -> MonthStep | None:
    """Return how many lines are reported, and whose are not; None where the reader has none."""
    section = section_of(month.facts)
    homes = homes_of_groups(section)
    lines = [line for line in section.lines if month.shows(homes[line.group])]
    if not lines:
        return None
    if not month.has_figures:
        return MonthStep(*AWAITING_FIGURES, "People enter volume, unit cost and forecast.")
    missing = [line for line in lines if is_missing(line)]
    enters = month.duties.upload or month.duties.forecast
    open_to_enter = enters and not month.period.is_published
    place = "activity-entry" if open_to_enter else "activity"
    link = Link(f"Activity of {month.period.name.lower()}", month_url(place, month))
    return MonthStep(
        *_describe_state(len(missing), len(lines)),
        f"{len(lines) - len(missing):,} of {count_of(len(lines), 'line')} reported.",
        links=(link,),
        due=() if month.period.is_published else tuple(_list_due(month, missing, homes)),
        outstanding=(_describe_missing(len(missing), len(lines), link),) if missing else (),
    )


def is_missing(line: LineRow) -> bool:
    """Return whether a line with a budget has no forecast in the period."""
    return line.forecast is None and line.budget is not None


def _describe_state(missing: int, lines: int) -> tuple[str, str]:
    if not missing:
        return "All reported", "green"
    return ("To be reported", "amber") if missing == lines else ("Under way", "blue")


def _describe_missing(missing: int, lines: int, link: Link) -> Outstanding:
    verb = "is" if missing == 1 else "are"
    text = f"{missing:,} of {count_of(lines, 'line')} of activity {verb} not reported."
    return Outstanding(_NAME, text, link)


def _list_due(month: Month, missing: list[LineRow], homes: dict[str, str]) -> Iterator[Due]:
    """Yield what is due for each service, or for the council where a group names none."""
    counts: dict[str, int] = {}
    for line in missing:
        counts[homes[line.group]] = counts.get(homes[line.group], 0) + 1
    url = month_url("activity-entry", month)
    for service, count in counts.items():
        people = month.ties.nearest(service, _ENTER) if service else ()
        text = f"Activity: {count:,} not reported"
        yield Due(service, _NAME, text, url, people, NOBODY, roles=_ENTER)
