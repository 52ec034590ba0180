"""The pages of aged debt and of the contingency: a table of a report with sentences about it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from council_finance.accounts.requests import LoggedInRequest
from council_finance.statements.presenting import for_page
from monitoring.debt import selectors
from monitoring.people.rights import may_see_drafts, may_see_virements, may_upload
from monitoring.reports.report_access import frame, report_for
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement, statement_titles

_CONTINGENCY = "contingency"


@require_safe
def debt(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show debt by how long it is overdue, with last year's share over 90 days."""
    facts = report_for(request, start, number)
    before = selectors.last_years_debt(facts)
    context = frame(request, facts, "debt", "Aged debt")
    if selectors.debt_rows(facts):
        context |= {
            "sentence": selectors.debt_sentence(facts, before),
            "statement": for_page(statement(facts, selectors.NAME)),
            "chart": selectors.debt_chart(facts),
            "overdue": selectors.overdue(facts, before),
            "before": before,
            "unit": facts.display(selectors.NAME).unit_label,
        }
    context["may_upload"] = may_upload(request.user) and facts.report is None
    return render(request, "monitoring/debt.html", context)


@require_safe
def contingency(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show the contingency at the start, the amount drawn from it, and what is left."""
    facts = report_for(request, start, number)
    made = None
    if _CONTINGENCY in {name for name, _ in statement_titles(facts)}:
        made = statement(facts, _CONTINGENCY)
    context = frame(request, facts, _CONTINGENCY, "Contingency")
    if made is not None and made.rows:
        words = facts.display(_CONTINGENCY).in_words
        amounts = {row.key: row.cells["amount"].pence or 0 for row in made.rows}
        context |= {
            "statement": for_page(made, _virement_links(request, facts)),
            "opening": words(amounts["opening"]),
            "unallocated": words(amounts["unallocated"]),
            "offset": words(-amounts["offset"]) if amounts["offset"] else "",
            "drawn": words(amounts["opening"] - amounts["after"])
            if amounts["opening"] != amounts["after"]
            else "",
        }
    return render(request, "monitoring/contingency.html", context)


def _virement_links(request: LoggedInRequest, facts: ReportData) -> dict[str, str]:
    """Return the address of each transfer's virement by row; none where they may not be seen."""
    user = request.user
    if not may_see_virements(user) or not may_see_drafts(user):
        return {}
    start = facts.period.year.start
    return {
        f"transfer:{leg.reference}#{leg.leg}": reverse("virement", args=[start, leg.reference])
        for leg in facts.approved_virements
    }
