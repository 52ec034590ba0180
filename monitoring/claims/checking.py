"""The verdicts on a text's figures, for a person who writes or reads it."""

from council_finance.accounts.models import User
from monitoring.claims.presenting import ShownVerdict, show_verdicts
from monitoring.claims.selectors import TableFigures, judge_row_text, readable_rows
from monitoring.people.rights import may_see_drafts, reach_of
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData


def check_figures(
    user: User, facts: ReportData, node: ReportRow, text: str
) -> tuple[ShownVerdict, ...]:
    """Return the verdicts on the figures of a text on a row of a draft.

    Only figures that the person may see are compared with.
    """
    if not text.strip():
        return ()
    sees_all = may_see_drafts(user)
    readable = None if sees_all else readable_rows(facts, reach_of(user, facts.period.year))
    figures = TableFigures(facts, readable)
    return show_verdicts(judge_row_text(figures, node, text), facts.display("annex-a"))
