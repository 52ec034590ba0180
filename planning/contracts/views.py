"""The page of contracts of a report, that of one contract, and the calendar of both."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.statements.presenting import for_page
from council_finance.statements.tabular import csv_bytes
from monitoring.people.rights import may_see_drafts, may_upload
from monitoring.reports.report_access import (
    explain_missing_report,
    frame,
    keep_for_readers,
    keep_published,
    kept_as_published,
    report_for,
)
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement
from monitoring.structure.selectors.calendar import years
from planning.contracts import overview
from planning.contracts.contract_page import ContractPage
from planning.contracts.entry import CONTRACT
from planning.contracts.report_section import build_contracts, section_of
from planning.contracts.transparency import COLUMNS, describe_threshold, transparency_rows
from planning.entry.record_views import enter
from planning.entry.storing import may_enter
from planning.page_parts import has_statement, last_report, own_page_context


@require_safe
@kept_as_published
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
        "renewal": overview.RenewalTable(facts),
        "publishes": describe_threshold(facts),
        "unit": facts.display("contracts").unit_label,
        "may_upload": may_upload(current_user(request)) and facts.report is None,
        "may_enter": may_enter(current_user(request), CONTRACT.kind, facts.period.year),
    }
    if has_statement(facts, "contracts"):
        links = _link_rows(facts)
        context["statement"] = for_page(statement(facts, "contracts"), links)
        context["due"] = for_page(statement(facts, "contracts-due"), links)
    page = render(request, "planning/contracts.html", context)
    return keep_published(page, facts)


@require_safe
@kept_as_published
def contracts_published(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Download the contracts above the council's threshold for the Transparency Code as CSV."""
    facts = report_for(request, start, number)
    if not describe_threshold(facts):
        raise Http404("The council has not set from which value contracts are published.")
    content = csv_bytes(COLUMNS, transparency_rows(facts))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    name = f"contracts-{facts.period.year.slug}-{number:02d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return keep_published(response, facts)


@require_safe
@kept_as_published
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
    context |= {
        "opens": "decisions",
        "sentence": sentence,
        "blocks": blocks,
        "may_enter": facts.report is None
        and may_enter(current_user(request), "meetings", facts.period.year),
    }
    page = render(request, "planning/dates.html", context)
    return keep_published(page, facts)


def _link_rows(facts: ReportData) -> dict[str, str]:
    """Return the address of the page of each contract, by the keys of its rows."""
    found: dict[str, str] = {}
    for each in section_of(facts).contracts:
        url = reverse("contract", args=[facts.period.year.start, each.reference])
        found[each.reference] = url
        found |= {f"{each.reference}:{share.service}": url for share in each.shares}
    return found


@require_safe
@kept_as_published
def contract(request: HttpRequest, start: int, reference: str) -> HttpResponse:
    """Show one contract with all that is kept of it: as it is now, or as last published.

    Who sees drafts reads what is stored now; others read the last published report.
    """
    year, user = get_object_or_404(years(), start=start), current_user(request)
    report = last_report(user, year)
    if may_see_drafts(user):
        rows = build_contracts(year)
    elif report is not None:
        rows = section_of(report).contracts
    else:
        raise Http404("There is no report to read it in.")
    row = next((each for each in rows if each.reference == reference), None)
    if row is None:
        raise Http404("There is no such contract.")
    context = own_page_context(user, year, CONTRACT, reference) | {
        "page": ContractPage(row, rows, report),
        "period": report.period if report else None,
    }
    return keep_for_readers(request, render(request, "planning/contract.html", context))


def new_contract(request: HttpRequest, start: int) -> HttpResponse:
    """Enter a contract with its shares and prices."""
    return enter(request, CONTRACT, start, "contract")


def change_contract(request: HttpRequest, start: int, reference: str) -> HttpResponse:
    """Change a contract, its shares and its prices."""
    return enter(request, CONTRACT, start, "contract", reference)
