"""The savings of a report as its statements, checks and pages read them: from its section alone."""

from collections.abc import Container, Sequence
from dataclasses import replace

from monitoring.reports.selectors.report_data import ReportData
from savings.report_rows import RemovedSaving, SavingRow, SavingsSection
from savings.selectors.report_section import NAME


def section_of(facts: ReportData) -> SavingsSection:
    """Return the savings section of a report, draft or published."""
    return facts.typed_section(NAME, SavingsSection.from_data)


def savings_of(facts: ReportData) -> Sequence[SavingRow]:
    """Return the savings that count in a report, in register order."""
    return section_of(facts).savings


def removed_from(facts: ReportData) -> Sequence[RemovedSaving]:
    """Return the savings of the previous report that no longer count."""
    return section_of(facts).removed


def savings_under(facts: ReportData, key: str) -> list[SavingRow]:
    """Return the savings at a row of the tree and below it."""
    keys = facts.keys_under(key)
    return [saving for saving in savings_of(facts) if saving.home in keys]


def services_with_savings(facts: ReportData) -> list[str]:
    """Return the keys of the rows with savings in tree order; rows not in the tree come last."""
    homes = dict.fromkeys(saving.home for saving in savings_of(facts))
    inside = [node.key for node in facts.nodes if node.key in homes]
    return [*inside, *(home for home in homes if home not in inside)]


def service_names(facts: ReportData) -> dict[str, str]:
    """Return the names of the rows with savings by their keys."""
    named = {saving.home: saving.service_name for saving in savings_of(facts)}
    return named | {node.key: node.label for node in facts.nodes if node.key in named}


def limit_to_services(facts: ReportData, services: Container[int]) -> ReportData:
    """Return a draft with the savings of some services (ids) only; every sum is then of these."""
    ids = {node.key: node.service for node in facts.nodes}
    section = section_of(facts)
    limited = replace(
        section,
        savings=tuple(row for row in section.savings if ids.get(row.home) in services),
        removed=tuple(row for row in section.removed if ids.get(row.service) in services),
    )
    return facts.with_report_section(NAME, limited.to_data())
