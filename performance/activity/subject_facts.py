"""Activity, for the page that has everything reported on a service."""

from collections.abc import Iterator
from fractions import Fraction

from django.urls import reverse

from council_finance import registry
from council_finance.quantities import as_fraction, decimals_needed, print_quantity
from monitoring.reports.selectors.report_data import ReportData
from performance.activity.report_rows import ActivitySection, GroupRow, LineRow
from performance.activity.report_section import section_of
from performance.activity.rules import round_pence

_UP, _DOWN = "More than budgeted", "As budgeted or fewer"


@registry.subject_facts("activity")
def activity_facts(facts: ReportData) -> Iterator[registry.SubjectFact]:
    """Yield each group that names a service, with its volume against budget.

    Its `pence` are what the stated unit costs moved the cost by.
    """
    section, display, year = section_of(facts), facts.display("activity"), facts.period.year
    for group in (each for each in section.groups if each.home):
        lines = _lines_under(section, group)
        variance = [line.variance for line in lines if line.variance is not None]
        if not variance:
            continue
        more = _volume_change(lines)
        yield registry.SubjectFact(
            kind="Activity",
            reference=group.code,
            service=group.home,
            name=group.name,
            figure=f"{_describe_volume(more, group)}; variance {display.in_words(sum(variance))}",
            status="" if more is None else _UP if more > 0 else _DOWN,
            is_good=None if more is None else more <= 0,
            url=reverse("activity-group", args=[year.start, facts.period.number, group.code]),
            pence=stated_movement(lines),
        )


def _lines_under(section: ActivitySection, group: GroupRow) -> list[LineRow]:
    """Return the lines of a group and of the groups below it."""
    codes, rest = set(), [group.code]
    while rest:
        codes.add(code := rest.pop())
        rest.extend(each.code for each in section.children.get(code, ()))
    return [line for line in section.lines if line.group in codes]


def _volume_change(lines: list[LineRow]) -> int | None:
    """Return the volume that counts less the budgeted one, in ten-thousandths."""
    pairs = [(line.volume, line.budget_volume) for line in lines if line.counts]
    given = [now - (budget or 0) for now, budget in pairs if now is not None]
    return sum(given) if given else None


def _describe_volume(more: int | None, group: GroupRow) -> str:
    if more is None:
        return "no volume is reported"
    number = print_quantity(abs(more), decimals_needed(more))
    return f"{number} {group.volume_name or 'units'} {'more' if more > 0 else 'fewer'} than budget"


def stated_movement(lines: list[LineRow]) -> int | None:
    """Return what the change of stated unit costs adds to the cost of today's volumes, in pence.

    It is unit cost less budgeted unit cost, times volume and units a year, of the lines that have a
    budget and state both; None where no line does.
    """
    found: list[Fraction] = []
    for line in (each for each in lines if each.budget and each.budget_volume):
        volume, change = line.volume_of(line.now), line.unit_cost_variance
        if line.has_volume and volume is not None and change is not None and line.units is not None:
            found.append(change * as_fraction(volume) * as_fraction(line.units))
    return round_pence(sum(found, Fraction(0))) if found else None
