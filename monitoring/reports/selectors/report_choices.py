"""The reports that can be compared: every published version, and reports of earlier years."""

from collections.abc import Sequence
from dataclasses import dataclass

from council_finance.periods import financial_year_label, financial_year_slug, period_name
from monitoring.published.models import HistoricFigure, Report


@dataclass(frozen=True)
class Choice:
    """A report that can be compared: its part of an address (`2019-20/3`) and its name.

    `report` is the id of the published report, None for a report of an earlier year that was
    uploaded as history. The value of a version that is not the latest ends in its number.
    """

    value: str
    name: str
    start: int
    number: int
    report: int | None
    version: int = 0
    is_latest: bool = True

    @property
    def option(self) -> str:
        """Return the name in a list to choose from."""
        if self.report is None:
            return f"{self.name} (history)"
        return self.name if self.is_latest else f"{self.name}, earlier version {self.version}"


def choices(*, with_withheld: bool = False) -> list[Choice]:
    """Return every published report and history; the latest period and version first.

    `with_withheld` includes versions that a redacted one has replaced for most readers.
    """
    reports = Report.objects.order_by("-period__year__start", "-period__number", "-version")
    if not with_withheld:
        reports = reports.filter(withheld_for__isnull=True)
    found: dict[tuple[int, int], list[Choice]] = {}
    for start, number, version, pk in reports.values_list(
        "period__year__start", "period__number", "version", "pk"
    ):
        versions = found.setdefault((start, number), [])
        versions.append(_build_choice(start, number, pk, version, is_latest=not versions))
    history = HistoricFigure.objects.order_by().values_list("start", "number").distinct()
    for place in history:
        found.setdefault(place, [_build_choice(*place, None)])
    return [choice for place in sorted(found, reverse=True) for choice in found[place]]


def _build_choice(
    start: int, number: int, report: int | None, version: int = 0, *, is_latest: bool = True
) -> Choice:
    value = f"{financial_year_slug(start)}/{number}"
    return Choice(
        value if is_latest else f"{value}/{version}",
        f"{period_name(number)} of {financial_year_label(start)}",
        start,
        number,
        report,
        version,
        is_latest,
    )


def find_pair(found: Sequence[Choice], *, earlier: str, later: str) -> tuple[Choice, Choice] | None:
    """Return the two reports of these values, the one compared with first.

    In place of a value that names none, it is the latest report, and the nearest one before it.
    None where there are fewer than two.
    """
    if len(found) < 2:
        return None
    after = _find_choice(found, later) or found[0]
    others = [choice for choice in found if choice != after]
    return _find_choice(others, earlier) or _nearest_before(others, after), after


def _find_choice(found: Sequence[Choice], value: str) -> Choice | None:
    return next((choice for choice in found if choice.value == value), None)


def _nearest_before(others: Sequence[Choice], after: Choice) -> Choice:
    latest = [choice for choice in others if choice.is_latest]
    earlier = (c for c in latest if (c.start, c.number) < (after.start, after.number))
    return next(earlier, others[0])
