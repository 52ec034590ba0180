"""An item of the plan: its amounts in every version, what it depends on, and its parts."""

from collections.abc import Iterator
from dataclasses import dataclass

from council_finance.periods import financial_year_label
from council_finance.statements import Display
from monitoring.reports.selectors.year_data import YearData
from planning.plan.calculations import Roll, roll_forward
from planning.plan.marks import SIGNS
from planning.plan.report_rows import PlanRow, VersionRows
from planning.plan.selectors.plan_data import PlanView, plan_of
from planning.plan.settings_tables import PlanSettings

_KINDS = {
    "Eff": "Efficiency",
    "SR": "Service reduction",
    "Eff/SR": "Efficiency and service reduction",
    "SR/Eff": "Efficiency and service reduction",
    "Inc": "Income",
}
_TYPES = {
    "transfer": "Transfer",
    "inflation": "Inflation",
    "growth": "Growth",
    "saving": "Saving",
    "reserves": "Reserves",
    "under_development": "Under development: in no total",
    "risk": "Risk: in no total",
}
_STEP = "Step from the year before"
_RECURRENCES = {"recurring": "Recurring", "one_off": "One-off", "time_limited": "Time-limited"}


@dataclass(frozen=True)
class AmountRow:
    """The printed amounts of a row, by the years of the page; `is_current` marks this version."""

    label: str
    amounts: list[str]
    is_current: bool = False


@dataclass(frozen=True)
class Dependency:
    """What the item depends on, with its status in words."""

    reference: str
    title: str
    status: str


@dataclass(frozen=True)
class ItemPage:
    """Everything that the page of an item shows."""

    item: PlanRow
    facts: list[tuple[str, str]]
    unit: str
    years: list[str]
    history: list[AmountRow]
    steps: AmountRow
    dependency: Dependency | None
    dependants: list[PlanRow]
    parts: list[PlanRow]
    risk: str


def item_page(facts: YearData, reference: str) -> ItemPage | None:
    """Return the page of an item of the current version; None where there is none."""
    plan = plan_of(facts)
    item = next((each for each in plan.roll.items if each.reference == reference), None)
    if item is None:
        return None
    display = facts.display("mtfs-savings" if item.type == "saving" else "mtfs-growth")
    return ItemPage(
        item=item,
        facts=list(_list_facts(plan, item)),
        unit=display.unit_label,
        years=[financial_year_label(year) for year in plan.settings.years],
        history=list(_list_versions(plan, reference, display)),
        steps=AmountRow(
            "Step from the year before", _print_row(plan.roll.steps[reference], display)
        ),
        dependency=_find_dependency(plan, item),
        dependants=[each for each in plan.roll.items if each.depends_on == reference],
        parts=plan.roll.children(reference),
        risk=next((each.reason for each in plan.at_risk if each.key == reference), ""),
    )


def _list_facts(plan: PlanView, item: PlanRow) -> Iterator[tuple[str, str]]:
    names = {node.code: node.name for node in plan.section.services}
    sign = SIGNS.get(plan.marks.get(item.reference, ""), "")
    for label, value in (
        ("Type", _TYPES[item.type]),
        ("Kind", _KINDS.get(item.kind, item.kind)),
        ("Service", names.get(item.service, "The whole council")),
        ("Heading", item.heading),
        ("How long", _RECURRENCES[item.recurrence]),
        ("Part of", item.parent),
        ("Ends", item.ends),
        ("Driven by", item.driver),
        ("Against the version before", f"{plan.marks.get(item.reference, '')} {sign}".strip()),
        ("Entered as", item.change),
        ("Note", item.note),
    ):
        if value:
            yield label, value


def _list_versions(plan: PlanView, reference: str, display: Display) -> Iterator[AmountRow]:
    """Yield the cumulative amounts of the item in every version, the oldest first."""
    for version in plan.section.versions:
        roll = plan.roll if version == plan.version else _roll_of(version)
        if reference in roll.cumulative:
            found = dict(zip(roll.years, roll.cumulative[reference], strict=True))
            amounts = tuple(found.get(year) for year in plan.settings.years)
            label = version.version or version.name or "The plan"
            yield AmountRow(label, _print_row(amounts, display), version == plan.version)


def _roll_of(version: VersionRows) -> Roll:
    settings = PlanSettings.from_data(version.settings)
    return roll_forward(version.items, settings.years, settings.amounts)


def _print_row(amounts: tuple[int | None, ...], display: Display) -> list[str]:
    return ["" if pence is None else display.amount(pence) for pence in amounts]


def _find_dependency(plan: PlanView, item: PlanRow) -> Dependency | None:
    if not item.depends_on:
        return None
    for scheme in plan.section.schemes:
        if scheme.reference == item.depends_on:
            status = scheme.status or "no status given"
            return Dependency(scheme.reference, scheme.scheme, status)
    status = plan.section.decisions.get(item.depends_on, "not known")
    return Dependency(item.depends_on, "", status)
