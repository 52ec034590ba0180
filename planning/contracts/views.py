"""The page of contracts of a report, and the calendar of decisions and contracts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.statements.presenting import for_page
from monitoring.people.rights import may_upload
from monitoring.reports.report_access import explain_missing_report, frame, report_for
from monitoring.reports.selectors.statements import statement
from planning.contracts import overview
from planning.contracts.report_section import section_of
from planning.page_parts import has_statement


@require_safe
@explain_missing_report("decisions")
def contracts(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show contracts that end or need notice, what renewals would do, and the register."""
    facts = report_for(request, start, number)
    context = frame(request, facts, "contracts", "Contracts") | {
        "opens": "decisions",
        "contracts": section_of(facts).contracts,
        "sentence": overview.contracts_sentence(facts),
        "sentences": overview.more_sentences(facts),
        "renewals": overview.renewal_rows(facts),
        "unit": facts.display("contracts").unit_label,
        "may_upload": may_upload(current_user(request)) and facts.report is None,
    }
    if has_statement(facts, "contracts"):
        context["statement"] = for_page(statement(facts, "contracts"))
        context["due"] = for_page(statement(facts, "contracts-due"))
    return render(request, "planning/contracts.html", context)


@require_safe
@explain_missing_report("decisions")
def dates(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show the days of decisions, meetings and contracts: those to come, then those past."""
    facts = report_for(request, start, number)
    entries, as_at = overview.calendar_entries(facts), facts.header.as_at
    to_come = [each for each in entries if as_at is None or each.day > as_at]
    past = [each for each in reversed(entries) if each not in to_come]
    blocks = [
        {"title": title, "entries": found}
        for title, found in (("Days to come", to_come), ("Days past, the latest first", past))
        if found
    ]
    sentence = "No day of a decision, a meeting or a contract is known yet."
    if entries:
        noun = "day is" if len(to_come) == 1 else "days are"
        sentence = f"{len(to_come)} {noun} to come for decisions, meetings and contracts."
    context = frame(request, facts, "decision-dates", "Calendar of decisions and contracts")
    context |= {"opens": "decisions", "sentence": sentence, "blocks": blocks}
    return render(request, "planning/dates.html", context)
