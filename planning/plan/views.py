"""Pages of the plan: the plan on one screen, and an item with its history."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.models import FinancialYear
from monitoring.people.rights import (
    may_publish,
    may_see_audit,
    may_see_drafts,
    may_upload,
    require,
)
from monitoring.reports.report_access import (
    explain_missing_report,
    frame,
    keep_published,
    kept_as_published,
    report_for,
)
from monitoring.reports.selectors.year_data import YearData, current_year_data
from monitoring.structure.selectors.calendar import years
from planning.plan.records import plan_record
from planning.plan.selectors.adoption import shortfalls_at_close
from planning.plan.selectors.item_page import item_page
from planning.plan.selectors.page import PlanPage, plan_page


@require_safe
def plan_of_year(request: HttpRequest, start: int) -> HttpResponse:
    """Show the plan of a year as it is today, to people who see drafts."""
    facts = _find_draft(request, start)
    record, user = plan_record(facts.year), current_user(request)
    context = _page_context(facts, links=True)
    context |= {
        "year": facts.year,
        "council": facts.year.council,
        "may_upload": may_upload(user) and not facts.year.is_archived,
        "may_adopt": may_publish(user) and _can_be_adopted(context["page"]),
        "before": _year_before(facts.year),
        "history": history_of(record),
        "history_record": record if may_see_audit(user) else "",
        "nav_section": "home",
    }
    return render(request, "planning/plan.html", context)


def _can_be_adopted(page: PlanPage) -> bool:
    version = page.plan.version
    return version is not None and not version.adopted_on


def _year_before(year: FinancialYear) -> FinancialYear | None:
    """Return the year before, where its close has savings of which something was reported."""
    before = FinancialYear.objects.filter(start=year.start - 1).first()
    return before if before is not None and shortfalls_at_close(before) else None


@require_safe
@kept_as_published
@explain_missing_report("plan-of-report")
def plan_of_report(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show the plan as a period's report has it: a draft's as it is today, else as frozen."""
    report = report_for(request, start, number)
    context = frame(request, report, "plan-of-report", "Medium-term plan")
    context |= _page_context(report.of_year, links=may_see_drafts(request.user))
    page = render(request, "planning/plan_of_report.html", context)
    # Those who see drafts are shown what the last close leaves uncovered, too.
    return keep_published(page, report, for_everybody=not may_see_drafts(request.user))


@require_safe
def plan_item(request: HttpRequest, start: int, reference: str) -> HttpResponse:
    """Show an item of the plan with its amounts in every version."""
    facts = _find_draft(request, start)
    page = item_page(facts, reference)
    if page is None:
        raise Http404("There is no such item in the plan.")
    context = {"year": facts.year, "council": facts.year.council, "page": page}
    return render(request, "planning/plan_item.html", context | {"nav_section": "home"})


def _find_draft(request: HttpRequest, start: int) -> YearData:
    year = get_object_or_404(years(), start=start)
    require(may_see_drafts(request.user))
    return current_year_data(year)


def _page_context(facts: YearData, *, links: bool) -> dict[str, Any]:
    return {"page": plan_page(facts, links=links), "links_to_statements": links}
