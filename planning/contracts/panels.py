"""Decisions and contracts on services' pages and on the overview, and the search for them."""

from typing import Any

from django.urls import reverse

from council_finance import registry
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from planning.contracts.findings import findings_of, names_of_suppliers
from planning.contracts.overview import contracts_sentence
from planning.contracts.report_section import section_of
from planning.contracts.table import contract_day
from planning.decisions.overview import DecisionsOverview, anchor_of
from planning.decisions.report_rows import DecisionRow, EffectRow
from planning.decisions.report_section import section_of as decisions_of
from planning.decisions.statements.effects import describe_effect, effect_cell

Context = dict[str, Any]
_FOUND_AT_MOST = 20


@registry.panel("decisions", place="overview", template="planning/overview_panel.html")
def decisions_in_brief(facts: ReportData, _node: ReportRow) -> Context | None:
    """Return what decisions do beside the forecast and which contracts end, in a sentence each."""
    overview = DecisionsOverview(facts)
    has_contracts = bool(section_of(facts).contracts)
    if not overview.decisions and not has_contracts:
        return None
    return {
        "decisions": overview.sentence if overview.decisions else "",
        "contracts": contracts_sentence(facts) if has_contracts else "",
        "start": facts.period.year.start,
        "number": facts.period.number,
    }


@registry.panel("decisions-of-service", place="service", template="planning/service_panel.html")
def decisions_of_service(facts: ReportData, node: ReportRow) -> Context | None:
    """Return the effects of decisions on a service, and the contracts that it bears."""
    overview = DecisionsOverview(facts)
    keys = facts.keys_under(node.key)
    effects = [
        _describe_effect(overview, decision, effect)
        for decision in overview.decisions
        for effect in decision.effects
        if effect.service in keys and decision.status != "withdrawn"
    ]
    contracts = _contracts_of(facts, keys)
    if node.key == facts.top.key or not (effects or contracts):
        return None
    return {"effects": effects, "contracts": contracts, "unit": overview.display.unit_label}


def _describe_effect(
    overview: DecisionsOverview, decision: DecisionRow, effect: EffectRow
) -> tuple[str, ...]:
    return (
        f"{decision.reference} {decision.title}",
        describe_effect(effect),
        effect.year_label,
        effect_cell(effect, overview.display).text,
        effect.in_forecast.capitalize() or "Not stated",
    )


def _contracts_of(facts: ReportData, keys: set[str]) -> list[tuple[str, ...]]:
    """Return the contracts that services bear: title, supplier, annual value and findings."""
    contracts, day = section_of(facts).contracts, contract_day(facts)
    names, amount = names_of_suppliers(contracts), facts.display("contracts").amount
    found: list[tuple[str, ...]] = []
    for contract in contracts:
        bearers = [each for each in contract.bearers if each.service in keys]
        given = [each.annual_value for each in bearers if each.annual_value is not None]
        if bearers:
            value = amount(sum(given)) if given else "\N{EN DASH}"
            label = f"{contract.reference} {contract.title}"
            findings = "; ".join(findings_of(contract, day, names))
            found.append((label, contract.supplier, value, findings))
    return found


@registry.finder("Decisions", noun="decision")
def find_decisions(facts: ReportData, words: list[str]) -> list[registry.Found]:
    """Return decisions of the report that have all the words in reference or title."""
    address = reverse("decisions", args=[facts.period.year.start, facts.period.number])
    return [
        registry.Found(each.reference, each.title, f"{address}#{anchor_of(each)}")
        for each in decisions_of(facts).decisions
        if _has_words(f"{each.reference} {each.title}", words)
    ][:_FOUND_AT_MOST]


@registry.finder("Contracts", noun="contract")
def find_contracts(facts: ReportData, words: list[str]) -> list[registry.Found]:
    """Return contracts of the report that have all the words in reference, title or supplier."""
    address = reverse("contracts", args=[facts.period.year.start, facts.period.number])
    return [
        registry.Found(each.reference, f"{each.title}, {each.supplier or 'not awarded'}", address)
        for each in section_of(facts).contracts
        if _has_words(f"{each.reference} {each.title} {each.supplier}", words)
    ][:_FOUND_AT_MOST]


def _has_words(text: str, words: list[str]) -> bool:
    return all(word in text.casefold() for word in words)
