"""Adopting a plan, and bringing forward what a year's savings did not deliver."""

import datetime
from dataclasses import dataclass, field, replace

from django.db import transaction

from council_finance import audit, registry
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.periods import CLOSE, financial_year_label, period_name
from council_finance.registry import RegisteredSaving, SavingsRegister
from monitoring.models import FinancialYear
from monitoring.structure.selectors.calendar import find_year
from monitoring.structure.year_changes import change_year
from planning.plan.brought_forward import Shortfall
from planning.plan.models import PlanVersion
from planning.plan.records import plan_record
from planning.plan.report_section.plan import plan_data
from planning.plan.selectors.adoption import (
    carried_suffix,
    savings_of_plan,
    shortfalls_at_close,
    stamp_of,
    stamp_of_shortfalls,
)
from planning.plan.selectors.plan_data import plan_of_version
from planning.plan.selectors.versions import current_version, settings_of_year

_CHANGED = "The figures have changed since you opened the page. Look at them again, then confirm."


@dataclass(frozen=True)
class Adoption:
    """The outcome of adopting a plan: the savings written, and sentences on what differs."""

    version: PlanVersion
    written: list[RegisteredSaving]
    differences: list[str] = field(default_factory=list)


def adopt_plan(*, name: str, on: datetime.date, year: int, by: User | None) -> Adoption:
    """Adopt the version of that name for one of its years, as adopt_version does.

    `name` is the name of the plan, of its version, or both as the version prints. Raise `Refused`
    where there is no such version too.
    """
    return adopt_version(version=_find_version(name, year), on=on, year=year, by=by)


def adopt_version(
    *, version: PlanVersion, on: datetime.date, year: int, by: User | None, seen: str | None = None
) -> Adoption:
    """Freeze a version of the plan and write the register of savings of one of its years.

    `seen` is the stamp of the version that a person looked at. Raise `Refused` where it has changed
    since, it was adopted already, another plan was for that year, or the year is not one of its.
    """
    target = find_year(year)
    with change_year(version.year_id, affects_figures=False):
        version = PlanVersion.objects.select_related("year").get(pk=version.pk)
        _refuse_adopted(version, year)
        if seen is not None and seen != stamp_of(version):
            raise Refused(_CHANGED)
        plan = plan_of_version(plan_data(version.year), version)
        if year not in plan.settings.years:
            years = ", ".join(map(financial_year_label, plan.settings.years))
            raise Refused(
                f"{financial_year_label(year)} is not a year of {version}. Its years are: {years}."
            )
        version.settings = replace(plan.settings, base_pence=plan.base).to_data()
        version.adopted_on, version.adopted_year = on, year
        version.save(update_fields=["settings", "adopted_on", "adopted_year"])
        rows = savings_of_plan(plan, target)
        differences = _write_savings(target, rows, version, by)
        audit.record(
            by=by,
            action="adopted the plan",
            on=plan_record(version.year),
            version=str(version),
            adopted_on=on.isoformat(),
            year=target.label,
            savings=[row.reference for row in rows],
        )
    return Adoption(version, rows, differences)


def _find_version(name: str, year: int) -> PlanVersion:
    """Return the version of that name that has the year; of several the one worked on."""
    found = [
        version
        for version in PlanVersion.objects.select_related("year").order_by("pk")
        if name in (version.name, version.version, str(version))
    ]
    if not found:
        known = "; ".join(str(each) for each in PlanVersion.objects.order_by("pk"))
        raise Refused(f"There is no plan called “{name}”. The plans are: {known or 'none yet'}.")
    own = [version for version in found if version.year.start == year] or found
    named = current_version(own, settings_of_year(own[-1].year))
    return named or own[-1]


def _refuse_adopted(version: PlanVersion, year: int) -> None:
    if version.adopted_on is not None:
        raise Refused(f"{version} was adopted on {version.adopted_on:%-d %B %Y} already.")
    other = PlanVersion.objects.filter(adopted_year=year).first()
    if other is not None:
        label = financial_year_label(year)
        raise Refused(f"Another plan was adopted for {label} already: {other}.")


def _write_savings(
    target: FinancialYear, rows: list[RegisteredSaving], version: PlanVersion, by: User | None
) -> list[str]:
    register = _require_register()
    with change_year(target.pk, affects_figures=False):
        return register.write(target, rows, by=by, plan=str(version))


def _require_register() -> SavingsRegister:
    register = registry.savings_register()
    if register is None:
        raise Refused("No app of this site keeps a register of savings.")
    return register


@transaction.atomic
def carry_forward_savings(
    *, year: int, by: User | None, seen: str | None = None
) -> tuple[list[Shortfall], list[str]]:
    """Write what a year's savings did not deliver into the next year's register.

    Return every shortfall at the close, and a sentence for each row that is there already with
    another amount. `seen` is the stamp of the shortfalls that a person looked at. Raise `Refused`
    where they have changed since, where the close has no reports of savings, or where there is no
    next year.
    """
    register, source = _require_register(), find_year(year)
    shortfalls = shortfalls_at_close(source)
    if not shortfalls:
        raise Refused(
            f"Nothing was reported of the savings of {source.label} at its "
            f"{period_name(CLOSE).lower()}; bring that in first."
        )
    target = find_year(year + 1)
    if seen is not None and seen != stamp_of_shortfalls(shortfalls):
        raise Refused(_CHANGED)
    taken = {each.reference: each for each in register.read(target)}
    rows = [_row_to_carry(each, source, taken) for each in shortfalls if each.brought_forward > 0]
    with change_year(target.pk, affects_figures=False):
        differences = register.write(target, rows, by=by, carried_from=source.label)
    return shortfalls, differences


def _row_to_carry(
    shortfall: Shortfall, source: FinancialYear, taken: dict[str, RegisteredSaving]
) -> RegisteredSaving:
    """Return the row of the next year's register.

    It keeps the reference, unless the next year has a saving of its own under it.
    """
    saving, reference = shortfall.saving, shortfall.saving.reference
    there = taken.get(reference)
    if there is not None and there.brought_forward_from != source.start:
        reference = f"{reference}{carried_suffix(source)}"
    return saving._replace(
        reference=reference,
        title=f"{saving.title} (brought forward from {source.label})",
        agreed=shortfall.brought_forward,
        brought_forward_from=source.start,
        delivered=None,
    )
