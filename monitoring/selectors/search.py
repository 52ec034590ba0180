"""Finding a service, a budget line, or what other apps know, by a few words."""

from dataclasses import dataclass

from council_finance import registry
from council_finance.registry import Found
from monitoring.models import BudgetLine, Position
from monitoring.selectors.facts import ReportFacts
from monitoring.selectors.line_search import MOST, MOST_WORDS, search_lines
from monitoring.selectors.node_lines import exempt_ids
from monitoring.selectors.overview import code_of


@dataclass(frozen=True)
class Results:
    """What a search found in one report: services as rows with their codes, lines, the apps' own.

    `more` says that not every service or line is shown.
    """

    services: list[tuple[dict, str]]
    lines: list[BudgetLine]
    others: list[tuple[str, list[Found]]]
    more: bool

    def __bool__(self) -> bool:
        return bool(self.services or self.lines or self.others)


def search(facts: ReportFacts, text: str, *, with_exempt: bool) -> Results:
    """Services by name or code, lines by code, description or service, and the apps' own.

    Every word must be there. Lines are those with figures in this report; exempt ones only where
    `with_exempt`.
    """
    words = text.casefold().split()[:MOST_WORDS]
    if not words:
        return Results([], [], [], more=False)
    services = [node for node in facts.nodes if _has(words, node["key"], node["label"])]
    hidden = set() if with_exempt else exempt_ids(facts)
    batch = facts.report.batch_id if facts.report else facts.period.batch_id
    here = Position.objects.filter(batch=batch).values("line")
    lines, more = search_lines(facts.period.year, text, leave_out=hidden, among=here)
    others = registry.find(facts, words)
    shown = [(node, code_of(node)) for node in services[:MOST]]
    return Results(shown, lines, others, more or len(services) > MOST)


def _has(words: list[str], *texts: str) -> bool:
    whole = " ".join(texts).casefold()
    return all(word in whole for word in words)
