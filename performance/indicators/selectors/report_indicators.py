"""The indicators of a report as its statements, checks and pages read them: from its section."""

from collections.abc import Container, Sequence
from dataclasses import replace

from monitoring.reports.selectors.report_data import ReportData
from performance.indicators.report_rows import IndicatorRow, IndicatorsSection

NAME = "indicators"


def section_of(facts: ReportData) -> IndicatorsSection:
    """Return the indicators section of a report, draft or published."""
    return facts.typed_section(NAME, IndicatorsSection.from_data)


def indicators_of(facts: ReportData) -> Sequence[IndicatorRow]:
    """Return the indicators that a report lists, in their order."""
    return [row for row in section_of(facts).indicators if row.is_listed]


def indicators_under(facts: ReportData, key: str) -> list[IndicatorRow]:
    """Return the indicators at a row of the tree and below it."""
    keys = facts.keys_under(key)
    return [row for row in indicators_of(facts) if row.home in keys]


def limit_to_services(facts: ReportData, services: Container[int]) -> ReportData:
    """Return a draft with the indicators of some services (ids) only."""
    ids = {node.key: node.service for node in facts.nodes}
    section = section_of(facts)
    kept = tuple(row for row in section.indicators if ids.get(row.home) in services)
    return facts.with_report_section(NAME, replace(section, indicators=kept).to_data())
