"""The texts of a draft whose figures agree with no table."""

from django.urls import reverse

from council_finance.accounts.models import User
from monitoring.claims.presenting import CheckedText, show_verdicts
from monitoring.claims.selectors import TableFigures, texts_to_look_at
from monitoring.claims.verdicts import Answer
from monitoring.documents.checked_texts import judge_outline
from monitoring.documents.settings_tables import NAME as OUTLINE
from monitoring.documents.settings_tables import outline_of
from monitoring.people.rights import may_change_settings
from monitoring.reports.selectors.report_data import ReportData


def texts_to_correct(facts: ReportData, user: User) -> list[CheckedText]:
    """Return the texts with figures that differ or are not found: commentary, then the outline's.

    Each has the address at which the person changes or reads it.
    """
    display, year, number = facts.display("annex-a"), facts.period.year.start, facts.period.number
    figures = TableFigures(facts)
    found = [
        CheckedText(
            node.label,
            reverse("commentary-edit", args=[year, number, node.key]),
            show_verdicts(verdicts, display),
        )
        for node, verdicts in texts_to_look_at(figures)
    ]
    if may_change_settings(user):
        address = reverse("settings-table", args=[year, OUTLINE])
    else:
        address = reverse("settings-year", args=[year])
    for judged in judge_outline(figures, outline_of(facts.settings)):
        left = [each for each in judged.verdicts if each.answer is not Answer.AGREES]
        if left:
            found.append(CheckedText(judged.title, address, show_verdicts(left, display)))
    return found
