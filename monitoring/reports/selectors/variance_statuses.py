"""The status of each row of a report by the council's scheme for variances."""

from council_finance.statements.presenting import PageStatement, with_statuses
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.variance_scheme import variance_status


def variance_status_of(node: ReportRow, facts: ReportData) -> str:
    """Return the status of a row by its net variance; empty without a scheme.

    A group without a total of its own has none, as schemes have no level for it.
    """
    level = "service"
    if node.is_group:
        if node.key == facts.top.key:
            level = "total"
        elif node.total_label:
            level = "subtotal"
        else:
            return ""
    rules = facts.settings.variance_rules
    return variance_status(rules, node.budget, node.net_variance, level) if rules else ""


def with_variance_statuses(page: PageStatement, facts: ReportData) -> PageStatement:
    """Return the page of Annex A with statuses; other pages, or without a scheme, unchanged.

    The columns of the statement itself are fixed, so downloads have no statuses.
    """
    if page.key != "annex-a" or not facts.settings.variance_rules:
        return page
    statuses = {node.key: variance_status_of(node, facts) for node in facts.nodes}
    return with_statuses(page, statuses)
