"""The versions of a year's plan, and the one that is worked on."""

from monitoring.models import FinancialYear
from monitoring.structure.council_settings import read_settings
from planning.plan.models import PlanVersion
from planning.plan.settings_tables import PlanSettings, plan_settings


def settings_of_year(year: FinancialYear) -> PlanSettings:
    """Return the settings of the plan that the year has now."""
    return plan_settings(read_settings(year.settings))


def plan_versions(year: FinancialYear) -> list[PlanVersion]:
    """Return the versions of the year's plan, the oldest first."""
    return list(PlanVersion.objects.filter(year=year).order_by("pk"))


def current_version(versions: list[PlanVersion], settings: PlanSettings) -> PlanVersion | None:
    """Return the version that the settings name, else the one stored last; None without any."""
    for version in versions:
        if (version.name, version.version) == (settings.name, settings.version):
            return version
    return versions[-1] if versions else None


def find_current_version(year: FinancialYear) -> PlanVersion | None:
    """Return the version of a year that the settings name, else the one stored last."""
    return current_version(plan_versions(year), settings_of_year(year))
