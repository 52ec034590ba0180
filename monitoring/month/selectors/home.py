"""The first page: the position of a person's own services."""

from collections.abc import Container
from dataclasses import dataclass

from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.pages import node_sentence
from monitoring.reports.selectors.report_data import ReportData

PARTS_SHOWN = 5


@dataclass(frozen=True)
class PartSentence:
    """The position of a part of the tree in a sentence."""

    node: ReportRow
    text: str


def part_sentences(tops: list[ReportRow], facts: ReportData) -> list[PartSentence]:
    """Return the positions of the first few of these rows of a report."""
    return [PartSentence(node, node_sentence(facts, node)) for node in tops[:PARTS_SHOWN]]


def topmost(facts: ReportData, part: Container[int]) -> list[ReportRow]:
    """Return the topmost rows of a part of the tree, those with lines."""
    inside = {node.key for node in facts.nodes if node.service in part}
    return [
        node
        for node in facts.nodes
        if node.key in inside and node.parent_key not in inside and node.lines
    ]
