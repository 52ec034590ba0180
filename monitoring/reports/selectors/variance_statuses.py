"""The status of each row of a report by the council's scheme for variances."""

from council_finance.statements.presenting import PageStatement, with_statuses
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.variance_scheme import variance_status


def variance_status_of(node: ReportRow, facts: ReportData) -> str:
    """The status of a service, subtotal or total by its net variance; none without a scheme.

    A group without a total of its own is no level of a scheme.
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
    """Annex A on its page with the statuses; other statements, or without a scheme, as they are.

    The statement itself has the columns of its contract, so downloads stay as they are.
    """
    if page.key != "annex-a" or not facts.settings.variance_rules:
        return page
    statuses = {node.key: variance_status_of(node, facts) for node in facts.nodes}
    return with_statuses(page, statuses)
