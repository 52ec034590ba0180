"""The plan of the year after another: the one adopted for it, else the one worked on."""

from collections.abc import Iterator

from monitoring.models import FinancialYear
from planning.plan.brought_forward import NextPlan
from planning.plan.models import PlanVersion
from planning.plan.report_section.plan import plan_data
from planning.plan.selectors.plan_data import PlanView, plan_of_version
from planning.plan.selectors.versions import find_current_version


def next_plan_of(year: FinancialYear) -> NextPlan | None:
    """Return the plan that has the year after this one; None where there is none."""
    following = year.start + 1
    for plan in _likely_plans(year):
        if following in plan.settings.years:
            return NextPlan(plan.roll, plan.settings.years.index(following))
    return None


def _likely_plans(year: FinancialYear) -> Iterator[PlanView]:
    adopted = PlanVersion.objects.filter(adopted_year=year.start + 1).select_related("year").first()
    if adopted is not None:
        yield plan_of_version(plan_data(adopted.year), adopted)
    for start in (year.start + 1, year.start):
        other = FinancialYear.objects.filter(start=start).first()
        version = None if other is None else find_current_version(other)
        if other is not None and version is not None:
            yield plan_of_version(plan_data(other), version)
