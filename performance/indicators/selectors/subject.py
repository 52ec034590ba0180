"""Everything reported on one service: its own facts, and those that they name."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from council_finance.registry import SubjectFact, facts_of_subjects
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from performance.indicators.contradictions import contradictions

KINDS = ("Budget", "Activity", "Indicator", "Saving", "Grant", "Reserve")
"""The kinds in the order of the table; others come after them."""


@dataclass(frozen=True)
class Subject:
    """The facts of a subject by kind, and the sentences where they contradict each other."""

    facts: tuple[SubjectFact, ...]
    sentences: tuple[str, ...]

    @property
    def finding(self) -> str:
        """Return how many facts are good and bad, in a sentence."""
        good = sum(each.is_good is True for each in self.facts)
        bad = sum(each.is_good is False for each in self.facts)
        return f"Of {len(self.facts)} facts {_print_count(good)} good and {_print_count(bad)} bad."


def _print_count(number: int) -> str:
    return "1 is" if number == 1 else f"{number} are"


def subject_of(
    facts: ReportData, node: ReportRow, services: Container[int] | None = None
) -> Subject:
    """Return what is reported on a service and those below it, and what that is tied to.

    Of the budgets only the service's own is shown. `services` (ids) limits what a person sees.
    """
    ids = {each.key: each.service for each in facts.nodes}
    found = [
        each
        for each in facts_of_subjects(facts)
        if services is None or ids.get(each.service) in services
    ]
    keys = facts.keys_under(node.key)
    own = [each for each in found if _belongs_to(each, node, keys)]
    chosen = _with_ties(own, found)
    order = {kind: place for place, kind in enumerate(KINDS)}
    chosen.sort(key=lambda each: order.get(each.kind, len(order)))
    return Subject(tuple(chosen), tuple(dict.fromkeys(contradictions(chosen))))


def _belongs_to(fact: SubjectFact, node: ReportRow, keys: Container[str]) -> bool:
    return fact.service == node.key if fact.kind == "Budget" else fact.service in keys


def _with_ties(own: Sequence[SubjectFact], found: Sequence[SubjectFact]) -> list[SubjectFact]:
    """Return facts with those that they name, those that name them, and budgets of tied savings."""
    chosen = list(own)
    for _ in range(2):
        names = {each.reference for each in chosen if each.kind != "Budget"}
        named = {link for each in chosen for link in each.links}
        chosen += [
            each
            for each in found
            if each not in chosen
            and each.kind != "Budget"
            and (each.reference in named or names & set(each.links))
        ]
    return chosen
