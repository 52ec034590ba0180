"""The questions about a figure, on the pages of the service and of the line."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from council_finance import registry
from monitoring.people.rights import reach_of
from monitoring.questions.rights import may_discuss
from monitoring.questions.selectors import figures_to_ask_about, questions_about
from monitoring.reports.selectors.node_lines import find_line
from monitoring.reports.selectors.report_data import ReportData

if TYPE_CHECKING:
    from monitoring.structure.models import BudgetLine, Service


@registry.reader_panel("questions", template="monitoring/figure_questions.html")
def list_questions(
    user: Any, facts: ReportData, service: "Service", line_id: int | None
) -> Mapping[str, Any] | None:
    """Return the questions about a figure for people who may see its draft.

    They are listed beside the draft and, once the month is published, beside its latest report.
    """
    if not user.is_authenticated or not user.has_role:
        return None
    own = reach_of(user, facts.period.year)
    line = None if line_id is None else find_line(facts.period.year, line_id)
    if not may_discuss(user, service, line, own):
        return None
    rows = questions_about(user, facts.period, service, line, own)
    takes_questions = (
        facts.report is None
        and not facts.period.year.is_archived
        and _can_be_asked_about(facts, service, line)
    )
    if not rows and not takes_questions:
        return None
    asked = reverse(
        "question-new", args=[facts.period.year.start, facts.period.number, service.code]
    )
    if line is not None:
        asked = f"{asked}?{urlencode({'line': line.pk})}"
    return {"rows": rows, "ask_url": asked if takes_questions else "", "of_line": line is not None}


def _can_be_asked_about(facts: ReportData, service: "Service", line: "BudgetLine | None") -> bool:
    """Return whether a draft has figures to ask about; those of a service have been read."""
    if line is not None:
        return figures_to_ask_about(facts.period, service, line) is not None
    if facts.period.is_published or facts.period.batch_id is None:
        return False
    return any(node.service == service.pk and not node.is_closed for node in facts.nodes)
