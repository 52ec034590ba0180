"""Where do I stand? The month that is due, one's own part of it, and the latest report."""

from collections.abc import Container
from dataclasses import dataclass

from django.db.models import QuerySet

from monitoring.models import FinancialYear, Period, PeriodState, Report
from monitoring.selectors.facts import ReportFacts, report_facts
from monitoring.selectors.pages import next_period, node_sentence
from monitoring.selectors.reports import periods
from monitoring.selectors.review import pending_virements

PARTS_SHOWN = 5


@dataclass(frozen=True)
class PartSentence:
    """The position of a part of the tree in a sentence."""

    node: dict
    text: str


def due_period(year: FinancialYear, following: Period | None) -> Period | None:
    """The period whose work is due: the next one, or one that was reopened while that waits."""
    if following is None or following.batch_id is None:
        reopened = _drafts(year).first()
        following = reopened or following
    return periods().get(pk=following.pk) if following else None


def _drafts(year: FinancialYear) -> QuerySet[Period]:
    """Open periods with figures that may still be published, in their order."""
    last = next_period(year)
    reported = Report.objects.filter(period__year=year).values("period")
    open_ones = year.periods.filter(state=PeriodState.OPEN, batch__isnull=False)
    may_be = open_ones.filter(pk__in=reported)
    if last is not None:
        may_be |= open_ones.filter(number__gte=last.number)
    return may_be.order_by("number")


def waiting_drafts(year: FinancialYear) -> list[Period]:
    """The drafts that wait for their publication."""
    return list(_drafts(year))


def virements_to_approve(period: Period) -> int:
    """How many virements up to a period wait for approval."""
    return pending_virements(period).count()


def latest_facts(year: FinancialYear | None = None) -> ReportFacts | None:
    """The latest published report: of a year, or of the latest year that has one."""
    reports = Report.objects.order_by("-period__year__start", "-period__number", "-version")
    if year is not None:
        reports = reports.filter(period__year=year)
    report = reports.select_related("period__year", "published_by").first()
    return report_facts(report) if report else None


def published_labels(year: FinancialYear) -> dict[int, str]:
    """What the year's latest report calls its services, by their ids."""
    facts = latest_facts(year)
    return {node["service"]: node["label"] for node in facts.nodes} if facts else {}


def part_sentences(tops: list[dict], facts: ReportFacts) -> list[PartSentence]:
    """The positions of rows of a report, the first few."""
    return [PartSentence(node, node_sentence(facts, node)) for node in tops[:PARTS_SHOWN]]


def topmost(facts: ReportFacts, part: Container[int]) -> list[dict]:
    """The topmost rows of a part of the tree, those with lines."""
    inside = {node["key"] for node in facts.nodes if node["service"] in part}
    return [
        node
        for node in facts.nodes
        if node["key"] in inside and node["parent_key"] not in inside and node["lines"]
    ]
