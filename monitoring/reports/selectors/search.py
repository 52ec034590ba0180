"""Search of services, budget lines and the records of other apps, by a few words."""

from dataclasses import dataclass

from django.db.models import Q

from council_finance import registry
from council_finance.among import among
from council_finance.registry import Found
from monitoring.ledger.models import Position
from monitoring.ledger.selectors.line_search import (
    MOST,
    MOST_WORDS,
    search_lines,
    search_published_lines,
)
from monitoring.published.models import Report
from monitoring.published.report_lines import lines_in
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.node_lines import exempt_ids, places_in
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import BudgetLine


@dataclass(frozen=True)
class FoundLine:
    """A line that was found, as the report that was searched names it and its service."""

    pk: int
    code: str
    description: str
    service: str


@dataclass(frozen=True)
class Results:
    """The results in one report: services as rows with their codes, lines, records of other apps.

    `more` is True where not every service or line is shown.
    """

    services: list[tuple[ReportRow, str]]
    lines: list[FoundLine]
    others: list[tuple[str, list[Found]]]
    more: bool

    def __bool__(self) -> bool:
        return bool(self.services or self.lines or self.others)


def search(facts: ReportData, text: str, *, with_exempt: bool) -> Results:
    """Return services by name or code, lines by code, description or service, and apps' records.

    Every word must be found. Lines are those with figures in this report, by their names in it;
    exempt ones only `with_exempt`.
    """
    words = text.casefold().split()[:MOST_WORDS]
    if not words:
        return Results([], [], [], more=False)
    services = [node for node in facts.nodes if _has_words(words, node.key, node.label)]
    hidden = set() if with_exempt else exempt_ids(facts)
    if facts.report is None:
        lines, more = _draft_lines(facts, text, hidden)
    else:
        lines, more = _published_lines(facts, facts.report, text, hidden)
    others = registry.find(facts, words)
    shown = [(node, node.code) for node in services[:MOST]]
    return Results(shown, lines, others, more or len(services) > MOST)


def _draft_lines(facts: ReportData, text: str, hidden: set[int]) -> tuple[list[FoundLine], bool]:
    here = Position.objects.of_period(facts.period).values("line")
    lines, more = search_lines(facts.period.year, text, leave_out=hidden, among=here)
    return [_build_found_line(line, line.description, line.service.name) for line in lines], more


def _published_lines(
    facts: ReportData, report: Report, text: str, hidden: set[int]
) -> tuple[list[FoundLine], bool]:
    leaves = [node for node in facts.leaves if node.lines]

    def at_services(word: str) -> Q:
        named = [leaf for leaf in leaves if _has_words([word.casefold()], leaf.label)]
        lines = lines_in(report, {leaf.service for leaf in named}) if named else ""
        return Q(among("pk", lines))

    lines, more = search_published_lines(report, text, leave_out=hidden, at_services=at_services)
    places = places_in(facts, [line.pk for line in lines])
    # The search adds `description_then` to each line.
    found = [
        _build_found_line(line, vars(line)["description_then"], places[line.pk]) for line in lines
    ]
    return found, more


def _build_found_line(line: BudgetLine, description: str, service: str) -> FoundLine:
    return FoundLine(line.pk, line.code, description, service)


def _has_words(words: list[str], *texts: str) -> bool:
    whole = " ".join(texts).casefold()
    return all(word in whole for word in words)
