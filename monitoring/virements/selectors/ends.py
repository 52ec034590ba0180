"""The names of virements' budget lines, as each reader of the register may see them."""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from monitoring.ledger.selectors.line_names import descriptions_in, public_line_name
from monitoring.published.models import Report
from monitoring.reports.selectors.node_lines import exempt_ids, places_in
from monitoring.reports.selectors.report_data import published_data
from monitoring.structure.models import BudgetLine, FinancialYear

ELSEWHERE = "a budget line of another service"
"""The name of a line of another service that no report has named."""


@dataclass(frozen=True)
class End:
    """A leg's line with the name that this reader may see, and its service."""

    name: str
    service: str
    service_id: int


class EndNames:
    """The names of the lines of some legs, for one reader.

    `exempt` says that exempt lines are named. `reach`, where given, holds the services whose
    drafts the reader sees: a line outside them is named as the year's latest report names it, and
    not at all where no report has it.
    """

    def __init__(
        self,
        year: FinancialYear,
        lines: Iterable[BudgetLine | None],
        *,
        exempt: bool,
        reach: Container[int] | None,
    ) -> None:
        self._exempt, self._reach = exempt, reach
        outside = {line.pk: line for line in lines if line is not None and not self._is_own(line)}
        self._published = published_ends(year, list(outside.values())) if outside else {}

    def _is_own(self, line: BudgetLine) -> bool:
        return self._reach is None or line.service_id in self._reach

    def of(self, line: BudgetLine | None) -> End | None:
        """Return the end; None for outside the budget."""
        if line is None:
            return None
        if not self._is_own(line):
            name, service = self._published.get(line.pk, (ELSEWHERE, ""))
            return End(name, service, line.service_id)
        name = officers_line_name(line) if self._exempt else public_line_name(line)
        return End(name, line.service.name, line.service_id)


def officers_line_name(line: BudgetLine) -> str:
    """Return code and description, of exempt lines as well."""
    name = f"{line.code} {line.description}".strip()
    return f"{name} (exempt)" if line.exempt else name


def published_ends(year: FinancialYear, lines: list[BudgetLine]) -> dict[int, tuple[str, str]]:
    """Return name and service, by id, of those lines that the year's latest report has."""
    reports = Report.objects.filter(period__year=year).order_by("-period__number", "-version")
    report = reports.select_related("period__year").first()
    if report is None:
        return {}
    facts = published_data(report)
    ids = [line.pk for line in lines]
    places, hidden = places_in(facts, ids), exempt_ids(facts)
    descriptions = descriptions_in(report, lines)
    return {
        line.pk: (_published_name(line, descriptions, hidden, places[line.pk]), places[line.pk])
        for line in lines
        if line.pk in places
    }


def _published_name(
    line: BudgetLine, descriptions: dict[int, str], hidden: set[int], service: str
) -> str:
    if line.pk in hidden:
        return f"an exempt line of {service}"
    return f"{line.code} {descriptions[line.pk]}".strip()
