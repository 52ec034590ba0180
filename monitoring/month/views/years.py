"""The first page, and the page of a year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from council_finance.accounts.models import User
from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.kept_pages import allow_to_keep, kept_while_unchanged
from monitoring.month.selectors.approved_budget import approved_budget_step
from monitoring.month.selectors.duties import duties_of
from monitoring.month.selectors.home import (
    PARTS_SHOWN,
    part_sentences,
    topmost,
)
from monitoring.month.selectors.month import Month, month_of
from monitoring.month.selectors.open_years import OpenYear
from monitoring.month.selectors.steps import OpenMonth
from monitoring.month.selectors.work import months_of, work_due_for
from monitoring.people.rights import (
    Reach,
    lands_on_own_part,
    may_keep_people,
    may_publish,
    may_review,
    may_see_drafts,
    may_see_month,
    may_upload,
    reach_of,
)
from monitoring.people.selectors.service_ties import services_without_director
from monitoring.people.selectors.years_under_way import chosen_year_of, years_under_way
from monitoring.people.services.chosen_year import choose_year
from monitoring.published.report_rows import ReportRow
from monitoring.questions.selectors import questions_waiting_for
from monitoring.reports.changes_of_drafts import unshown_changes
from monitoring.reports.report_access import kept_as_published
from monitoring.reports.selectors.latest import due_period, latest_data, waiting_drafts
from monitoring.reports.selectors.overview import course_of_the_year, overview_of_own
from monitoring.reports.selectors.pages import next_period, period_rows, position_sentence
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement_titles
from monitoring.set_up.selectors import unfinished_set_up
from monitoring.structure.selectors.calendar import all_years, calendar_of, years
from monitoring.structure.selectors.settings import settings_of
from monitoring.uploading.selectors.uploads import uploads_under_way
from monitoring.virements.selectors.pending import count_pending_virements

if TYPE_CHECKING:
    from monitoring.set_up.selectors import SetUp
    from monitoring.structure.models import FinancialYear, Period

_WORK_SHOWN = 12


@require_safe
def home(request: LoggedInRequest) -> HttpResponse:
    """Show the month that is due for one's own services; to members the latest report."""
    user = request.user
    set_up = unfinished_set_up(user)
    if set_up is not None and set_up.comes_first:
        return redirect("set-up")
    return _show_work(request, set_up) if may_see_month(user) else _show_report(request)


def _show_work(request: LoggedInRequest, set_up: SetUp | None) -> HttpResponse:
    """Show what is due, with the month of the year shown in full, else its latest report."""
    user = request.user
    shown = years_under_way(user)
    if shown is None:
        return render(request, "monitoring/empty.html")
    # First the months of all open years, which are read at once.
    months = months_of(user)
    read = {each.month.period.pk: each for each in months}
    context = _year_context(user, shown.first) | {"set_up": set_up}
    if may_keep_people(user):
        context["without"] = services_without_director(shown.first)
    context |= _month_context(user, shown.first, context["next_period"], read)
    if not context.get("month"):
        context |= _report_context(shown.first)
    work = work_due_for(user, timezone.localdate(), months=months)
    context |= {
        "work": work[:_WORK_SHOWN],
        "more_work": len(work[_WORK_SHOWN:]),
        "questions": questions_waiting_for(user),
        "shown": shown,
        "open_years": [_build_open_year(user, each, read) for each in shown.others],
    }
    return render(request, "monitoring/home.html", context)


@kept_while_unchanged(unshown_changes, also=chosen_year_of)
def _show_report(request: LoggedInRequest) -> HttpResponse:
    """Show the latest report to members, whose browsers keep the page: it has nothing of drafts."""
    shown = years_under_way(request.user)
    if shown is None:
        return render(request, "monitoring/empty.html")
    context = _year_context(request.user, shown.first) | _report_context(shown.first)
    context |= {
        "shown": shown,
        "open_years": [OpenYear(each, facts=latest_data(each)) for each in shown.others],
    }
    return allow_to_keep(render(request, "monitoring/home.html", context))


@require_POST
def choose_first(request: LoggedInRequest) -> HttpResponse:
    """Show another open year in full on one's first page."""
    start = request.POST.get("year", "")
    year = next((each for each in years() if str(each.start) == start), None)
    if year is None:
        raise Http404("There is no such year.")
    try:
        choose_year(user=request.user, year=year)
    except Refused as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("home")


@require_safe
@kept_as_published
def year(request: LoggedInRequest, start: int) -> HttpResponse:
    """Show a year: its periods, and the net variance from report to report."""
    found = get_object_or_404(years(), start=start)
    context = _year_context(request.user, found)
    if may_see_month(request.user):
        context["approved_budget"] = approved_budget_step(
            calendar_of(found),
            may_upload=may_upload(request.user),
            may_review=may_review(request.user),
        )
    facts = latest_data(found)
    if facts is not None:
        context["course"] = course_of_the_year(facts)
    page = render(request, "monitoring/year.html", context)
    return page if may_see_month(request.user) else allow_to_keep(page)


def _build_open_year(user: User, year: FinancialYear, read: Mapping[int, OpenMonth]) -> OpenYear:
    """Return what is due for a person in another open year than the one shown in full."""
    own = _find_reach(user, year, read)
    period = due_period(year, next_period(year)) if own else None
    if period is None:
        return OpenYear(year, facts=latest_data(year))
    return OpenYear(year, month=_find_month(user, period, own, read))


def _find_month(user: User, period: Period, own: Reach, read: Mapping[int, OpenMonth]) -> Month:
    """Return the month of a period, read now unless it has been read already."""
    if period.pk in read:
        return read[period.pk].month
    return month_of(period, shown=own, own=own, duties=duties_of(user, period, own))


def _find_reach(user: User, year: FinancialYear, read: Mapping[int, OpenMonth]) -> Reach:
    """Return what a person looks after in a year, read now unless a month of it has been read."""
    of_year = (each.own for each in read.values() if each.month.period.year_id == year.pk)
    return next((own for own in of_year if own is not None), None) or reach_of(user, year)


def _month_context(
    user: User, year: FinancialYear, following: Period | None, read: Mapping[int, OpenMonth]
) -> dict[str, Any]:
    """Return the month's progress for someone who takes part in it.

    `following` is the next period; `read` are months that have been read already, by period (id).
    """
    period = due_period(year, following)
    own = _find_reach(user, year, read)
    if not own:
        return {"looks_after_nothing": True}
    if period is None:
        return {}
    month = _find_month(user, period, own, read)
    facts = month.facts if month.has_figures else latest_data(year)
    tops = topmost(facts, own) if facts else []
    found: dict[str, Any] = {
        "month": month,
        "period": period,
        "sentences": part_sentences(tops, facts) if facts else [],
        "more_parts": max(len(tops) - PARTS_SHOWN, 0),
        "sentences_of": facts.period if facts else None,
    }
    if facts and tops and lands_on_own_part(user):
        found |= _own_overview(facts, tops)
    if may_publish(user):
        drafts = [draft for draft in waiting_drafts(year) if draft.pk != period.pk]
        found |= {"drafts": drafts, "to_approve": count_pending_virements(period)}
    return found


def _own_overview(facts: ReportData, tops: list[ReportRow]) -> dict[str, Any]:
    """Return the overview of the services that a director looks after."""
    return {
        "figures": facts,
        "own": [(node.label, node.code) for node in tops],
        "overview": overview_of_own(facts, tops),
    }


def _report_context(year: FinancialYear) -> dict[str, Any]:
    """Return the latest published report of the year, else of any, as everybody reads it."""
    facts = latest_data(year) or latest_data()
    if facts is None:
        return {}
    return {
        "facts": facts,
        "position": position_sentence(facts),
        "statements": statement_titles(facts),
    }


def _year_context(user: User, year: FinancialYear) -> dict[str, Any]:
    following = next_period(year)
    others = [each for each in all_years() if each != year]
    may_change = not year.is_archived
    return {
        "year": year,
        "council": year.council,
        "other_years": [each for each in others if not each.is_archived],
        "archived_years": [each for each in others if each.is_archived],
        "rows": period_rows(year, following, with_drafts=may_see_drafts(user)),
        "next_period": following,
        "unit": settings_of(year).display.unit_label,
        "may_upload": may_upload(user) and may_change,
        "under_way": uploads_under_way(year) if may_see_drafts(user) else [],
        "may_see_month": may_see_month(user),
        "may_review": may_review(user),
        "nav_section": "home",
    }
