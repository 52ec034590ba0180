"""The plan's section of a report: read live for a draft, kept as plain data when published."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Sum

from council_finance import registry
from monitoring.models import FinancialYear, Period, Position, Virement
from monitoring.structure.selectors.tree import current_tree
from planning.plan.models import (
    CapitalScheme,
    CouncilTaxYear,
    FundingSource,
    PlanItem,
    PlanVersion,
    QuotedGap,
    ScenarioAmount,
)
from planning.plan.selectors.versions import current_version, plan_versions, settings_of_year

NAME = "plan"
_TABLES = (PlanVersion, FundingSource, ScenarioAmount, QuotedGap, CouncilTaxYear, CapitalScheme)


@registry.report_section(NAME, of_year=True)
def plan_data(year: FinancialYear) -> dict[str, Any]:
    """Return the plan of a year as plain data; {} where it has none of it, by one query."""
    held = {f"holds_{place}": _has_rows(table) for place, table in enumerate(_TABLES)}
    if not any(FinancialYear.objects.filter(pk=year.pk).values_list(*held.values()).get()):
        return {}
    register = registry.savings_register()
    savings = register.read(year) if register else ()
    versions = plan_versions(year)
    current = current_version(versions, settings_of_year(year))
    return {
        "current": None if current is None else versions.index(current),
        "versions": [_version_data(version) for version in versions],
        "funding": [_funding_data(row) for row in _of_year(FundingSource, year)],
        "scenarios": [
            {"scenario": row.scenario, "reference": row.reference, "amounts": row.amounts}
            for row in ScenarioAmount.objects.filter(year=year).order_by("order")
        ],
        "gaps": [
            {"year": row.financial_year, "gap": row.gap_pence, "scope": row.scope}
            for row in QuotedGap.objects.filter(year=year)
        ],
        "council_tax": [_tax_data(row) for row in CouncilTaxYear.objects.filter(year=year)],
        "schemes": [_scheme_data(row) for row in _of_year(CapitalScheme, year)],
        "services": _service_data(year),
        "ledger_base": _original_budgets(year.start - 1, first=False),
        "ledger": _original_budgets(year.start, first=True),
        "permanent_virements": permanent_virements(year.start - 1),
        "decisions": dict(registry.references_of("decision", year)),
        "not_started": _not_started(savings),
        "deliveries": _deliveries_before(year),
        "register": {
            saving.plan_reference: saving.agreed
            for saving in savings
            if saving.plan_reference and saving.brought_forward_from is None
        },
    }


def _has_rows(table: Any) -> Exists:
    return Exists(table.objects.filter(year=OuterRef("pk")))


def _of_year(table: Any, year: FinancialYear) -> list[Any]:
    return list(table.objects.filter(year=year).select_related("service").order_by("order"))


def _code_of(row: Any) -> str:
    return row.service.code if row.service else ""


def _version_data(version: PlanVersion) -> dict[str, Any]:
    return {
        "name": version.name,
        "version": version.version,
        "settings": version.settings,
        "adopted_on": version.adopted_on.isoformat() if version.adopted_on else "",
        "adopted_year": version.adopted_year,
        "items": [
            _item_data(item) for item in version.items.select_related("service").order_by("order")
        ],
    }


def _item_data(item: PlanItem) -> dict[str, Any]:
    same = ("reference", "title", "type", "heading", "kind", "change", "recurrence")
    more = ("depends_on", "ends", "driver", "note", "amounts")
    return {name: getattr(item, name) for name in (*same, *more)} | {
        "service": _code_of(item),
        "parent": item.parent_reference,
        "low": item.amount_low_pence,
        "high": item.amount_high_pence,
    }


def _funding_data(row: FundingSource) -> dict[str, Any]:
    same = ("reference", "source", "heading", "recurrence", "last_year", "amounts")
    found = {name: getattr(row, name) for name in same}
    return found | {"service": _code_of(row), "grant": row.grant_reference}


def _scheme_data(row: CapitalScheme) -> dict[str, Any]:
    same = ("reference", "scheme", "heading", "funding", "status", "note", "amounts")
    found = {name: getattr(row, name) for name in same}
    range_of = {"low": row.amount_low_pence, "high": row.amount_high_pence}
    return found | range_of | {"service": _code_of(row)}


def _tax_data(row: CouncilTaxYear) -> dict[str, Any]:
    return {
        "year": row.financial_year,
        "tax_base": row.tax_base,
        "general": row.band_d_general_pence,
        "collection_rate": row.collection_rate_percent,
        "adult_social_care": row.band_d_adult_social_care_pence,
        "collection_fund": row.collection_fund_pence,
        "limit_general": row.limit_general_percent,
        "limit_adult_social_care": row.limit_adult_social_care_percent,
        "gross_expenditure": row.gross_expenditure_pence,
        "gross_income": row.gross_income_pence,
        "special_items": row.special_items_pence,
    }


def _service_data(year: FinancialYear) -> list[dict[str, Any]]:
    return [
        {
            "code": node.service.code,
            "name": node.service.name,
            "parent": node.parent_key,
            "level": node.level,
            "total_label": node.service.total_label,
        }
        for node in current_tree(year).nodes
        if node.kind != "closed"
    ]


def _deliveries_before(year: FinancialYear) -> list[dict[str, int]]:
    """Return what each earlier year with a close delivered of its agreed savings."""
    register = registry.savings_register()
    found = []
    for earlier in FinancialYear.objects.filter(start__lt=year.start) if register else ():
        savings = register.at_close(earlier) if register else ()
        if savings:
            agreed = sum(saving.agreed for saving in savings)
            delivered = sum(saving.delivered or 0 for saving in savings)
            found.append({"year": earlier.start, "agreed": agreed, "delivered": delivered})
    return found


def _not_started(savings: Sequence[registry.RegisteredSaving]) -> list[str]:
    """Return the items of the plan whose savings of the register are not started yet."""
    # Before anything is reported nothing is known of any of them.
    if not any(saving.is_started for saving in savings):
        return []
    return sorted(
        saving.plan_reference
        for saving in savings
        if saving.plan_reference and not saving.is_started
    )


def permanent_virements(start: int) -> dict[str, int]:
    """Return what approved permanent virements of a year moved, net, by the service's code."""
    legs = Virement.objects.filter(
        year__start=start, permanent=True, approved_on__isnull=False
    ).select_related("from_line__service", "to_line__service")
    found: dict[str, int] = {}
    for leg in legs:
        for line, sign in ((leg.to_line, 1), (leg.from_line, -1)):
            if line is not None:
                code = line.service.code
                found[code] = found.get(code, 0) + sign * leg.amount_pence
    return found


def _original_budgets(start: int, *, first: bool) -> dict[str, int]:
    """Return the original budget by service of a year's first figures, or of its last."""
    periods = Period.objects.filter(year__start=start, batch__isnull=False)
    period = periods.order_by("number" if first else "-number").first()
    if period is None:
        return {}
    sums = (
        Position.objects.of_period(period)
        .filter(line__year=period.year_id)
        .order_by()
        .values_list("line__service__code")
        .annotate(total=Sum("original_budget_pence"))
    )
    return {code: total for code, total in sums if total is not None}
