"""Where do I stand? The month that is due, one's own part of it, and the latest report."""

from collections.abc import Container
from dataclasses import dataclass

from monitoring.published.report_rows import ReportRow
from monitoring.publishing.selectors.review import pending_virements
from monitoring.reports.selectors.pages import node_sentence
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import Period

PARTS_SHOWN = 5


@dataclass(frozen=True)
class PartSentence:
    """The position of a part of the tree in a sentence."""

    node: ReportRow
    text: str


def virements_to_approve(period: Period) -> int:
    """How many virements up to a period wait for approval."""
    return pending_virements(period).count()


def part_sentences(tops: list[ReportRow], facts: ReportData) -> list[PartSentence]:
    """The positions of rows of a report, the first few."""
    return [PartSentence(node, node_sentence(facts, node)) for node in tops[:PARTS_SHOWN]]


def topmost(facts: ReportData, part: Container[int]) -> list[ReportRow]:
    """The topmost rows of a part of the tree, those with lines."""
    inside = {node.key for node in facts.nodes if node.service in part}
    return [
        node
        for node in facts.nodes
        if node.key in inside and node.parent_key not in inside and node.lines
    ]
