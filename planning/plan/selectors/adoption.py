"""What adopting a plan would write, and what a year's close leaves for the next year to find."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.registry import RegisteredSaving
from monitoring.models import FinancialYear
from monitoring.structure.selectors.tree import current_tree
from planning.plan.brought_forward import Shortfall, shortfalls_of
from planning.plan.models import PlanVersion
from planning.plan.register import register_rows
from planning.plan.report_section.plan import plan_data
from planning.plan.selectors.next_plan import next_plan_of
from planning.plan.selectors.plan_data import PlanView, plan_of_version
from planning.plan.selectors.versions import find_current_version


@dataclass(frozen=True)
class AdoptionPreview:
    """The version of a year's plan that is worked on, and the savings of its register.

    `stamp` changes with every change of the version.
    """

    version: PlanVersion
    stamp: str
    savings: list[RegisteredSaving]

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """Return reference, title and agreed saving in pounds of each saving."""
        return [(each.reference, each.title, plain_pounds(each.agreed)) for each in self.savings]

    @property
    def total(self) -> str:
        """Return the sum of the savings in pounds."""
        return plain_pounds(sum(each.agreed for each in self.savings))


@dataclass(frozen=True)
class Offer:
    """What a year did not deliver at its close, and what of it the next year has not taken yet.

    `is_reported` says that the close has positions of savings. `missing` says what is needed
    first; "" where the savings can be brought forward.
    """

    to_bring: list[Shortfall]
    stamp: str
    is_reported: bool
    missing: str = ""

    @property
    def is_open(self) -> bool:
        """Return whether something can be brought forward."""
        return bool(self.to_bring) and not self.missing

    @property
    def total(self) -> str:
        """Return the sum to bring forward in pounds."""
        return plain_pounds(sum(each.brought_forward for each in self.to_bring))


def stamp_of(version: PlanVersion) -> str:
    """Return a text that changes with every change of a version's items or settings."""
    return version.entered_at.isoformat()


def savings_of_plan(plan: PlanView, target: FinancialYear) -> list[RegisteredSaving]:
    """Return the savings of a year of the plan; one without a service is the whole council's."""
    whole = next((node.service.code for node in current_tree(target).nodes), "")
    return [
        RegisteredSaving(
            reference=row.reference,
            title=row.title,
            service=row.service or whole,
            agreed=row.agreed,
            decision=row.decision,
            category=row.category,
            recurrence=row.recurrence,
            plan_reference=row.reference,
        )
        for row in register_rows(plan, target.start)
    ]


def adoption_of(year: FinancialYear) -> AdoptionPreview | None:
    """Return what adopting the year's plan would write into its register; None without a plan."""
    version = find_current_version(year)
    if version is None:
        return None
    plan = plan_of_version(plan_data(year), version)
    savings = savings_of_plan(plan, year) if year.start in plan.settings.years else []
    return AdoptionPreview(version, stamp_of(version), savings)


def shortfalls_at_close(year: FinancialYear) -> list[Shortfall]:
    """Return the shortfall of each saving at a year's close; [] where nothing was reported."""
    register = registry.savings_register()
    savings = register.at_close(year) if register else ()
    return shortfalls_of(savings, next_plan_of(year)) if savings else []


def stamp_of_shortfalls(shortfalls: Sequence[Shortfall]) -> str:
    """Return a text that changes with the references and amounts that are brought forward."""
    plain = repr([(each.saving.reference, each.brought_forward) for each in shortfalls])
    return hashlib.sha256(plain.encode()).hexdigest()


def offer_of(year: FinancialYear) -> Offer:
    """Return what a year's close leaves that is not in the next year's register yet."""
    shortfalls = shortfalls_at_close(year)
    target = FinancialYear.objects.filter(start=year.start + 1).first()
    taken = _references_taken(year, target)
    to_bring = [
        each
        for each in shortfalls
        if each.brought_forward > 0 and each.saving.reference not in taken
    ]
    missing = ""
    if target is None:
        missing = "The next year is not set up yet; bring them forward once it is."
    return Offer(to_bring, stamp_of_shortfalls(shortfalls), bool(shortfalls), missing)


def _references_taken(year: FinancialYear, target: FinancialYear | None) -> set[str]:
    """Return the savings of a year that the next year's register has as brought forward."""
    register = registry.savings_register()
    if register is None or target is None:
        return set()
    suffix = carried_suffix(year)
    return {
        saving.reference.removesuffix(suffix)
        for saving in register.read(target)
        if saving.brought_forward_from == year.start
    }


def carried_suffix(year: FinancialYear) -> str:
    """Return what is added to the reference of a saving that the next year has one of, too."""
    return f" b/f {year.label}"
