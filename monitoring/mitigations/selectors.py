"""The underlying position of a report: what was stated, and what follows for each row."""

import hashlib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from council_finance import registry
from council_finance.one_reading import TableOfYears
from monitoring.mitigations.calculations import (
    StatedPart,
    Underlying,
    add_up,
    split_variance,
)
from monitoring.mitigations.models import VariancePart
from monitoring.published.models import Report
from monitoring.published.report_rows import ReportRow
from monitoring.published.selectors.published_data import frozen_of
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import Period, Service

SECTION = "variance_parts"
UNDERLYING_POSITION, MITIGATIONS = "underlying-position", "mitigations"
_PARTS = TableOfYears(VariancePart, "period__year")
PartsByCode = Mapping[str, tuple[StatedPart, ...]]


@registry.report_section(SECTION)
def variance_parts_section(period: Period) -> list[dict[str, Any]]:
    """Return the period's stated parts as publishing keeps them, in pence, in a fixed order."""
    if _PARTS.is_known_empty(period.year):
        return []
    rows = VariancePart.objects.filter(period=period.pk).select_related("service")
    return [
        {
            "service": row.service.code,
            "part": row.part,
            "amount": row.amount_pence,
            "description": row.description,
            "lasting": row.lasting,
        }
        for row in sorted(rows, key=lambda row: (row.service.code, row.part, row.order))
    ]


def stated_parts(facts: ReportData) -> PartsByCode:
    """Return what services state in a draft or a report, by service code."""
    return facts.typed_section(SECTION, _read_parts)


def _read_parts(data: Iterable[Mapping[str, Any]] | None) -> PartsByCode:
    found: dict[str, list[StatedPart]] = {}
    for each in data or ():
        given = {key: value for key, value in each.items() if key != "service"}
        found.setdefault(each["service"], []).append(StatedPart(**given))
    return {code: tuple(parts) for code, parts in found.items()}


def parts_of(facts: ReportData, node: ReportRow) -> tuple[StatedPart, ...]:
    """Return what a service without others under it states; nothing for a group."""
    return () if node.is_group else stated_parts(facts).get(node.code, ())


def underlying_rows(facts: ReportData) -> dict[str, Underlying]:
    """Return the underlying position of each row by its key, summed from services upwards."""
    found: dict[str, Underlying] = {}
    for node in reversed(facts.nodes):
        if node.is_group:
            children = facts.children.get(node.key, [])
            found[node.key] = add_up([found[child.key] for child in children])
        else:
            found[node.key] = _underlying_of_leaf(facts, node)
    return found


def underlying_of(facts: ReportData, node: ReportRow) -> Underlying:
    """Return the underlying position of one row, without that of rows elsewhere in the tree."""
    if not node.is_group:
        return _underlying_of_leaf(facts, node)
    return add_up([underlying_of(facts, child) for child in facts.children.get(node.key, [])])


def _underlying_of_leaf(facts: ReportData, node: ReportRow) -> Underlying:
    return split_variance(
        gross=node.gross_variance,
        net=node.net_variance,
        use_of_reserves=node.use_of_reserves,
        use_of_capital_receipts=node.use_of_capital_receipts,
        stated=parts_of(facts, node),
    )


@dataclass(frozen=True)
class StatedShare:
    """How much of the services' variances is explained by what they state, as counts and pence.

    `silent` are services with a variance that say nothing about mitigations, `none` those that say
    that there are none; `not_counted` names services whose parts have no row or no forecast.
    """

    silent: list[ReportRow]
    none: list[ReportRow]
    not_counted: list[str]


def stated_share(facts: ReportData) -> StatedShare:
    """Return which services state nothing, state none, or state parts that cannot be counted."""
    silent, none, counted = [], [], set()
    for node in facts.leaves:
        mitigations = [each for each in parts_of(facts, node) if each.is_mitigation]
        if node.gross_variance is not None:
            counted.add(node.code)
        if not mitigations and node.net_variance:
            silent.append(node)
        if any(each.says_none for each in mitigations):
            none.append(node)
    left = [code for code in stated_parts(facts) if code not in counted]
    return StatedShare(silent, none, sorted(left))


def stored_parts(period: Period, services: Container[int] | None = None) -> list[VariancePart]:
    """Return a period's rows as they are stored, with their services; `services` are ids."""
    rows = VariancePart.objects.filter(period=period).select_related("service", "stated_by")
    return [row for row in rows if services is None or row.service_id in services]


def as_stated(rows: Iterable[VariancePart]) -> list[StatedPart]:
    """Return stored rows of one service as what they state."""
    return [StatedPart(row.part, row.amount_pence, row.description, row.lasting) for row in rows]


def frozen_parts(report: Report) -> PartsByCode:
    """Return what services stated in a published report, by service code."""
    return _read_parts(frozen_of(report).get("parts", {}).get(SECTION))


def previous_parts(facts: ReportData, node: ReportRow) -> tuple[Report, list[StatedPart]] | None:
    """Return the report that these figures are compared with, and what the service stated in it."""
    report = facts.period.compared_with
    if report is None:
        return None
    parts = frozen_parts(report).get(node.code)
    return (report, list(parts)) if parts else None


def parts_version(parts: Iterable[StatedPart], net_variance: int | None) -> str:
    """Return a mark that changes with the parts or the net variance, as forms send it back."""
    text = repr([*parts, net_variance])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def parts_record(period: Period, service: Service) -> str:
    """Return the audit trail's name of what a service states in a period."""
    return f"mitigations {period.year.label} period {period.number} {service.code}"
