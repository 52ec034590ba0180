"""The forecast method of activity: volume × unit cost × units a year of a service’s groups."""

from collections.abc import Collection, Mapping

from council_finance.money import round_half_away
from council_finance.registry import WorkedForecast, forecast_method
from monitoring.models import BudgetLine, Period, Position
from performance.activity.report_rows import ActivitySection, GroupRow, LineRow
from performance.activity.report_section import activity_section
from performance.activity.rules import product_of, round_pence

NAME = "activity"


@forecast_method(
    NAME,
    label="Activity",
    meaning="Volume × unit cost × units a year of the groups of activity that name the line’s "
    "service, with the forecasts of lines that have no volume. It is shared between the lines by "
    "their budgets.",
)
def forecast_by_activity(period: Period, lines: Collection[int]) -> dict[int, WorkedForecast]:
    """Return a forecast for each line from the activity of its service."""
    section = activity_section(period)
    services = dict(BudgetLine.objects.filter(pk__in=lines).values_list("pk", "service__code"))
    budgets = dict(
        Position.objects.of_period(period)
        .filter(line__in=lines)
        .values_list("line", "current_budget_pence")
    )
    found: dict[int, WorkedForecast] = {}
    for code in sorted(set(services.values())):
        own = {pk: budgets.get(pk) or 0 for pk in sorted(services) if services[pk] == code}
        found |= _share_worked(work_out_service(section, code), own)
    return found


def work_out_service(section: ActivitySection, code: str) -> WorkedForecast:
    """Return the forecast of a service's groups, or what is missing."""
    groups = _outermost_of_service(section, code)
    lines = [line for group in groups for line in section.lines_under(group.code)]
    if not lines:
        return WorkedForecast(None, "no group of activity names this service")
    amounts = {line.reference: _work_out_line(line) for line in lines}
    if missing := [line.name for line in lines if amounts[line.reference] is None]:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        return WorkedForecast(None, f"no product or forecast of {', '.join(missing[:3])}{more}")
    names = ", ".join(group.name for group in groups)
    return WorkedForecast(sum(amount or 0 for amount in amounts.values()), f"activity of {names}")


def _outermost_of_service(section: ActivitySection, code: str) -> list[GroupRow]:
    """Return the groups that name a service, without those below another of them."""
    own = [group for group in section.groups if group.home == code]
    below = {
        each.code
        for group in own
        for each in section.groups_under(group.code)
        if each.code != group.code
    }
    return [group for group in own if group.code not in below]


def _work_out_line(line: LineRow) -> int | None:
    """Return a line's product in pence, or its forecast where it has no volume.

    A unit cost that was worked out from the forecast says nothing of it.
    """
    if not line.has_volume:
        return line.forecast
    if line.derives_unit_cost:
        return None
    product = product_of(line.volume_of(line.now), line.unit_cost, line.units)
    return None if product is None else round_pence(product)


def _share_worked(worked: WorkedForecast, budgets: Mapping[int, int]) -> dict[int, WorkedForecast]:
    """Return a service's forecast shared between its lines by their budgets, to the penny."""
    if worked.pence is None or len(budgets) == 1:
        return dict.fromkeys(budgets, worked)
    whole = sum(budgets.values())
    if not whole:
        why = "the lines of this service have no budget to share its activity by"
        return dict.fromkeys(budgets, WorkedForecast(None, why))
    found, shared, counted = {}, 0, 0
    for pk, budget in budgets.items():
        counted += budget
        share = round_half_away(worked.pence * counted, whole) - shared
        shared += share
        found[pk] = WorkedForecast(share, f"{worked.why}, by budget")
    return found
