"""Published reports that name lines made exempt since, and the texts that redacting replaces."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from council_finance import registry
from monitoring.ledger.selectors.line_names import descriptions_in
from monitoring.published.models import Report, ReportDocument, ReportStatement
from monitoring.reports.redaction import Redactor, Secret, texts_in
from monitoring.reports.selectors.node_lines import places_in
from monitoring.reports.selectors.report_data import ReportData, published_data
from monitoring.structure.models import BudgetLine, FinancialYear, Period


@dataclass(frozen=True)
class ToRedact:
    """The reports of a period that name lines which are exempt today.

    `versions` are those that name one of `lines`. Where the `latest` version is among them, a
    redacted version is to follow it; else the latest already replaces them.
    """

    period: Period
    latest: Report
    versions: tuple[Report, ...]
    lines: tuple[BudgetLine, ...]

    @property
    def makes_version(self) -> int | None:
        """Return the version that redacting makes; None where none is needed."""
        return self.latest.version + 1 if self.latest in self.versions else None


def reports_to_redact(year: FinancialYear) -> list[ToRedact]:
    """Return, by period, reports to redact or withhold because they name lines exempt today."""
    exempt = exempt_today(year)
    if not exempt:
        return []
    by_period: dict[int, list[Report]] = {}
    reports = Report.objects.filter(period__year=year).select_related("period__year")
    for report in reports.order_by("period__number", "version"):
        by_period.setdefault(report.period_id, []).append(report)
    found = []
    for versions in by_period.values():
        named = {
            report: lines
            for report in versions
            if report.withheld_for_id is None and (lines := lines_named(report, exempt))
        }
        if named:
            by_id = {line.pk: line for each in named.values() for line in each}
            latest = versions[-1]
            found.append(ToRedact(latest.period, latest, tuple(named), tuple(by_id.values())))
    return found


def exempt_today(year: FinancialYear) -> list[BudgetLine]:
    """Return the year's exempt lines."""
    return list(BudgetLine.objects.filter(year=year, exempt=True).select_related("service"))


def lines_named(report: Report, exempt: Iterable[BudgetLine]) -> list[BudgetLine]:
    """Return those of the lines exempt today that a report names."""
    facts = published_data(report)
    was_exempt = set(facts.exempt_lines)
    lines = [line for line in exempt if line.pk not in was_exempt]
    if not lines:
        return []
    texts = "\n".join(_texts_of(facts))
    # A name includes the code: a text without the code has no name of the line either.
    lines = [line for line in lines if line.code in texts]
    secrets = secrets_of(facts, lines)
    return [line for line in lines if Redactor([secrets[line.pk]]).text(texts) != texts]


def _texts_of(facts: ReportData) -> Iterable[str]:
    """Yield every text of a report, of its statements and of its document."""
    yield from texts_in(dict(facts.frozen))
    for text in ReportStatement.objects.filter(report=facts.report).values_list("text", flat=True):
        yield from texts_in(json.loads(text))
    for text in ReportDocument.objects.filter(report=facts.report).values_list("text", flat=True):
        yield from texts_in(json.loads(text))


def secrets_of(facts: ReportData, lines: list[BudgetLine]) -> dict[int, Secret]:
    """Return, by line id, the line's names in a report and the text that replaces them."""
    places = places_in(facts, [line.pk for line in lines])
    descriptions = descriptions_in(facts.report, lines)
    found = {}
    for line in lines:
        place = places.get(line.pk) or line.service.name
        names = {line.code, f"{line.code} {descriptions[line.pk]}".strip()}
        names |= _names_in(facts, line)
        found[line.pk] = Secret(frozenset(names), f"an exempt line of {place}")
    return found


def _names_in(facts: ReportData, line: BudgetLine) -> set[str]:
    """Return a line's exact names in a report: in virements, and in lists of forecasts."""
    ends = (end for leg in facts.virements for end in leg.ends)
    found = {end.name for end in ends if end.line == line.pk}
    for node in facts.nodes:
        for change in (node.first_forecast, node.no_longer_forecast):
            listed = change.lines if change else ()
            found |= {name for name in listed if name.startswith(f"{line.code} ")}
    return found


@dataclass(frozen=True)
class Seal:
    """A statement's SHA-256 in the version that was redacted and in this one."""

    title: str
    before: str
    now: str


def seals(facts: ReportData) -> list[Seal]:
    """Return the statements' SHA-256 in a redacted version and in the version before it.

    All differ, as each statement prints its version.
    """
    if facts.report is None:
        return []
    before = Report.objects.filter(period=facts.period, version=facts.version - 1).first()
    now, earlier = _seals_of(facts.report), _seals_of(before) if before else {}
    return [
        Seal(entry.title, earlier.get(name, ""), now[name])
        for name, entry in registry.statements().items()
        if name in now
    ]


def _seals_of(report: Report) -> dict[str, str]:
    statements = ReportStatement.objects.filter(report=report)
    return dict(statements.values_list("name", "sha256"))
