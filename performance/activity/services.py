"""Services that store activity: the figures of a month, and scenarios kept under a name."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.models import Period
from monitoring.structure.selectors.calendar import published_message
from monitoring.structure.year_changes import change_year
from performance.activity.models import (
    NAME_LENGTH,
    ActivityLine,
    ActivityPosition,
    ActivityScenario,
    LineKind,
)
from performance.activity.selectors.stored import (
    activity_record,
    figures_version,
    find_stored_group,
    lines_in_groups,
    positions_of,
    scenarios_of,
)
from performance.activity.what_if import Numbers

_MOST_SCENARIOS = 50
FIGURES = ("volume", "average_volume", "unit_cost_pence", "forecast_pence")
_VOLUMES = ("volume", "average_volume")


@dataclass(frozen=True)
class FigureChange:
    """The figures that a person entered for a line (its id).

    `seen_version` is the figures_version that the person saw.
    """

    line: int
    seen_version: str
    values: Mapping[str, int | None]


class FiguresClashed(Refused):
    """Raised where others changed some of the same figures meanwhile; nothing was saved.

    `theirs` are the figures now stored by the line's id; None where they were removed.
    """

    def __init__(self, theirs: Mapping[int, ActivityPosition | None]) -> None:
        self.theirs = theirs
        lines = "1 line" if len(theirs) == 1 else f"{len(theirs):,} lines"
        super().__init__(
            f"Nothing was saved yet: {lines} changed while you were typing. What a colleague saved "
            "is shown beside yours; save again to replace it with yours."
        )


class FiguresFaulty(Refused):
    """Raised where entries are not valid; nothing was saved. `faults` are by the line's id."""

    def __init__(self, faults: Mapping[int, str]) -> None:
        self.faults = faults
        super().__init__("Nothing was saved yet: some entries cannot be right. They are marked.")


def save_figures(
    *, period: Period, changes: Sequence[FigureChange], groups: Container[str], by: User | None
) -> int:
    """Store the figures entered for a period, all or none, and return how many lines changed.

    `groups` are the codes of the groups that the person may enter. A line left without any figure
    is not reported. Raise `FiguresFaulty`, `FiguresClashed` or `Refused`; nothing is stored then.
    """
    with change_year(period.year_id, affects_figures=False) as change:
        period = _open_period(period)
        lines = {line.pk: line for line in lines_in_groups(period.year, groups)}
        stored = positions_of(period)
        _refuse_faulty(changes, lines)
        _refuse_clashes(changes, stored)
        changed = sum(
            _put_figures(period, lines[each.line], stored.get(each.line), each.values, by)
            for each in changes
        )
        change.is_needed = changed > 0
    return changed


def _open_period(period: Period) -> Period:
    """Return the period as stored now. Raise `Refused` where it is published."""
    period = Period.objects.select_related("year").get(pk=period.pk)
    if period.is_published:
        raise Refused(published_message(period))
    return period


def _refuse_faulty(changes: Sequence[FigureChange], lines: Mapping[int, ActivityLine]) -> None:
    if any(each.line not in lines for each in changes):
        raise Refused(
            "Nothing was saved: a line of activity is gone, or is not yours to enter. Load the "
            "page afresh."
        )
    faults = {}
    for each in changes:
        has_volume = any(each.values.get(name) for name in _VOLUMES)
        line = lines[each.line]
        if has_volume and line.kind != LineKind.VOLUME:
            faults[each.line] = f"{line.name} has no volume: leave the volumes empty."
    if faults:
        raise FiguresFaulty(faults)


def _refuse_clashes(
    changes: Sequence[FigureChange], stored: Mapping[int, ActivityPosition]
) -> None:
    theirs = {
        each.line: stored.get(each.line)
        for each in changes
        if figures_version(stored.get(each.line)) != each.seen_version
        and not _holds_figures(stored.get(each.line), each.values)
    }
    if theirs:
        raise FiguresClashed(theirs)


def _holds_figures(position: ActivityPosition | None, values: Mapping[str, int | None]) -> bool:
    """Return whether exactly these figures are stored already."""
    return all(getattr(position, name, None) == value for name, value in values.items())


def _put_figures(
    period: Period,
    line: ActivityLine,
    before: ActivityPosition | None,
    values: Mapping[str, int | None],
    by: User | None,
) -> bool:
    """Store a line's figures in place of `before`, and return whether they changed."""
    changes: dict[str, Any] = {
        name: {"from": getattr(before, name, None), "to": values[name]}
        for name in FIGURES
        if name in values and getattr(before, name, None) != values[name]
    }
    if not changes:
        return False
    position = before or ActivityPosition(period=period, line=line)
    for name in changes:
        setattr(position, name, values[name])
    if all(getattr(position, name) is None for name in FIGURES):
        position.delete()
    else:
        position.written_by, position.written_at = by, timezone.now()
        position.save()
    audit.record(
        by=by,
        action="entered activity",
        on=activity_record(period, line.group.code),
        line=line.reference,
        **changes,
    )
    return True


def keep_scenario(
    *, period: Period, code: str, name: str, numbers: Mapping[str, Numbers], by: User | None
) -> ActivityScenario:
    """Keep other numbers of a group under a name. Raise `Refused` where that cannot be."""
    name = name.strip()
    if not name:
        raise Refused("Give the scenario a name.")
    if len(name) > NAME_LENGTH:
        raise Refused(f"Shorten the name: it has more than {NAME_LENGTH} characters.")
    with change_year(period.year_id, affects_figures=False):
        group = find_stored_group(period.year, code)
        if group is None:
            raise Refused("The group of activity is gone, so nothing was kept.")
        kept = scenarios_of(period, code)
        if name.casefold() in {each.name.casefold() for each in kept}:
            raise Refused(f"There is a scenario called “{name}” already. Choose another name.")
        if len(kept) >= _MOST_SCENARIOS:
            raise Refused(f"There are {_MOST_SCENARIOS} scenarios already. Remove one first.")
        scenario = ActivityScenario.objects.create(
            period=period,
            group=group,
            name=name,
            numbers={
                reference: [each.volume, each.unit_cost] for reference, each in numbers.items()
            },
            written_by=by,
            written_at=timezone.now(),
        )
        audit.record(
            by=by,
            action="kept a scenario of activity",
            on=activity_record(period, code),
            scenario=name,
            numbers=scenario.numbers,
        )
    return scenario


def remove_scenario(*, period: Period, code: str, pk: int, by: User | None) -> None:
    """Remove a scenario; the audit trail keeps its numbers. Raise `Refused` where it is gone."""
    with change_year(period.year_id, affects_figures=False):
        scenario = next((each for each in scenarios_of(period, code) if each.pk == pk), None)
        if scenario is None:
            raise Refused("The scenario has been removed already.")
        audit.record(
            by=by,
            action="removed a scenario of activity",
            on=activity_record(period, code),
            scenario=scenario.name,
            numbers=scenario.numbers,
        )
        scenario.delete()
