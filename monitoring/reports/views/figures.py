"""Pages that break a figure down: a service, a budget line, and the uploaded file."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from council_finance import registry
from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.periods import period_name
from council_finance.statuses import tone_of
from monitoring.forecast_methods.selectors.line_proposal import proposal_of_line
from monitoring.forecasts.selectors.lines import find_service
from monitoring.ledger.selectors.line_names import descriptions_in, lines_at
from monitoring.ledger.selectors.line_origins import LineSource, cells_behind, with_origins
from monitoring.people.rights import (
    EVERYTHING,
    NOTHING,
    Reach,
    may_forecast,
    may_see_draft_of,
    may_see_drafts,
    may_see_exempt_lines,
    reach_of,
    require,
)
from monitoring.published.report_rows import ReportRow
from monitoring.reports.line_markup import draw_lines
from monitoring.reports.report_access import (
    asked_version,
    keep_published,
    kept_as_published,
    readable_report,
)
from monitoring.reports.selectors.breakdown import exact, node_of, part_row, periods_with_row, steps
from monitoring.reports.selectors.latest import published_labels
from monitoring.reports.selectors.node_lines import (
    LineFigures,
    exempt_ids,
    find_line,
    line_course,
    line_entries,
    line_in,
    line_sources,
    line_virements,
    place_of,
)
from monitoring.reports.selectors.overview import overview
from monitoring.reports.selectors.pages import node_sentence
from monitoring.reports.selectors.planned_use import may_have_planned_use, planned_use_of
from monitoring.reports.selectors.report_data import ReportData, draft_data
from monitoring.reports.selectors.service_lines import ListedLine, figures_of, listed_lines
from monitoring.reports.selectors.spending import (
    available_sentence,
    compared_lines,
    compared_under,
    spending_of,
)
from monitoring.reports.selectors.variance_statuses import variance_status_of
from monitoring.reports.spending import available
from monitoring.structure.selectors.calendar import period_or_404
from monitoring.uploading.selectors.uploads import file_content, uploads

if TYPE_CHECKING:
    from monitoring.structure.models import BudgetLine, FinancialYear, Period, Service
    from monitoring.uploading.models import Upload

_LINES_A_PAGE = 100
_LEDGER_FIGURES = (
    "original_budget",
    "current_budget",
    "actual_to_date",
    "commitments",
    "profiled_budget_to_date",
)


@require_safe
@kept_as_published
def service(request: LoggedInRequest, start: int, number: int, code: str) -> HttpResponse:
    """Show one row of a report: its position, how that is worked out, and the rows under it."""
    period = period_or_404(start, number)
    chosen = find_service(start, code)
    # Everybody may read all of a published report, so the part of the tree is not looked up.
    own = NOTHING if period.is_published else reach_of(request.user, period.year)
    if chosen is None:
        raise Http404("There is no such service.")
    facts = _readable_data(request, period, chosen, own)
    node = node_of(facts, code) if facts else None
    if facts is None or node is None:
        raise Http404("There is no such service in this report.")
    # Somebody who sees a draft of their own part only has no pages of the rest of it.
    partly = facts.report is None and not may_see_drafts(request.user)
    context = {
        **_report_context(facts),
        **_position_context(facts, node),
        "service": chosen,
        "above": _rows_above(facts, node, own if partly else EVERYTHING),
        "commentary": facts.commentary.get(chosen.code, ""),
        "partly": partly,
        "periods": periods_with_row(facts, code, with_drafts=may_see_drafts(request.user)),
        "panels": registry.panels("service", facts, node),
        "reader_panels": registry.reader_panels(request.user, facts, chosen),
        "may_forecast": facts.report is None and may_forecast(request.user, chosen, own),
        "may_see_work": facts.report is None and may_see_draft_of(request.user, chosen, own),
    }
    if facts.has_ledger and not node.is_group:
        context |= _lines_context(request, facts, node, with_available=bool(context["available"]))
    elif facts.has_ledger and node is not facts.top:
        # No spending rate for the whole council: adding up all its lines would be slow.
        context["spending"] = spending_of(facts, compared_under(facts, node))
    page = render(request, "monitoring/service.html", context)
    return keep_published(page, facts, for_everybody=not may_see_exempt_lines(request.user))


def _position_context(facts: ReportData, node: ReportRow) -> dict[str, Any]:
    """Return the context of a row: its figures, their steps, charts and the rows under it."""
    display = facts.display("annex-a")
    children = facts.children.get(node.key, [])
    rows = [part_row(display, child) for child in children]
    word = variance_status_of(node, facts)
    return {
        "node": node,
        "sentence": node_sentence(facts, node),
        "steps": steps(facts, node),
        "available": available_sentence(node, display),
        "children": rows,
        "any_restated": any(row["restated"] for row in rows),
        "overview": overview(facts, node, children),
        "unit": display.unit_label,
        "own": part_row(display, node),
        "variance_status": word,
        "variance_tone": tone_of(word),
    }


def _readable_data(
    request: LoggedInRequest, period: "Period", chosen: "Service", own: Reach
) -> ReportData | None:
    """Return the version asked for, else the draft if they may see this service's.

    Otherwise return the report that they may read, or None.
    """
    version = asked_version(request)
    draft = not period.is_published and period.batch is not None
    if version is None and draft and may_see_draft_of(request.user, chosen, own):
        return draft_data(period)
    return readable_report(request.user, period, version)


def _report_context(facts: ReportData) -> dict[str, Any]:
    return {
        "facts": facts,
        "header": facts.header,
        "period": facts.period,
        "year": facts.period.year,
        "council": facts.header.council,
        "compared_with": facts.compared_with,
        "compared_name": facts.compared_with.period_text if facts.compared_with else "",
        "query": f"?version={facts.version}" if facts.report else "",
        "nav_section": "reports",
    }


def _rows_above(facts: ReportData, node: ReportRow, own: Reach) -> list[tuple[ReportRow, bool]]:
    """Return the rows above from the top, each with True where the person may open its page.

    A row whose page they may not open has its name in the latest report, not in the draft.
    """
    rows = {each.key: each for each in facts.nodes}
    published = {} if own.everything else published_labels(facts.period.year)
    path: list[tuple[ReportRow, bool]] = []
    while node.parent_key:
        node = rows[node.parent_key]
        if node.service in own:
            path.insert(0, (node, True))
        elif node.service in published:
            path.insert(0, (replace(node, label=published[node.service]), False))
    return path


def _lines_context(
    request: LoggedInRequest, facts: ReportData, node: ReportRow, *, with_available: bool
) -> dict[str, Any]:
    listed = listed_lines(facts, node)
    with_exempt = may_see_exempt_lines(request.user)
    shown = [each for each in listed if with_exempt or not each.exempt]
    page = Paginator(shown, _LINES_A_PAGE).get_page(request.GET.get("page"))
    listed_here = list(page.object_list)
    found = figures_of(facts, listed_here)
    rows = _line_rows(facts, listed_here, found)
    query = f"?version={facts.version}" if facts.report else ""
    return {
        "lines": draw_lines(rows, lines_at(facts.period), query, with_available=with_available),
        "planned_use": [
            (
                str(each.figures.line.pk),
                each.figures.line.code,
                each.label,
                exact(each.pence),
                each.source,
            )
            for each in planned_use_of(filter(may_have_planned_use, found), facts.period.year)
            if each.pence or each.source != "nil"
        ],
        "lines_at": lines_at(facts.period),
        "page": page,
        "hidden_exempt": len(listed) - len(shown),
        "spending": spending_of(facts, compared_lines(listed)),
    }


def _line_rows(
    facts: ReportData, listed: list[ListedLine], found: list[LineFigures]
) -> list[dict[str, Any]]:
    """Return the lines of a row as printed, with their names in the report."""
    names = descriptions_in(facts.report, [each.line for each in found])
    exempt = {each.line for each in listed if each.exempt}
    return [
        _line_figures(each)
        | {
            "pk": str(each.line.pk),
            "code": each.line.code,
            "name": names[each.line.pk],
            "exempt": each.line.pk in exempt,
        }
        for each in found
    ]


def _line_figures(figures: LineFigures) -> dict[str, str | bool]:
    position = figures.position
    return {
        "unbudgeted": figures.is_unbudgeted,
        "budget": exact(position.current_budget_pence),
        "actual": exact(position.actual_to_date_pence),
        "committed": exact(position.commitments_pence),
        "available": exact(
            available(
                position.current_budget_pence,
                position.commitments_pence,
                position.actual_to_date_pence,
            )
        ),
        "forecast": exact(figures.forecast),
        "source": _forecast_source(figures),
        "variance": exact(figures.net_variance),
    }


def _forecast_source(figures: LineFigures) -> str:
    carried_from = figures.position.forecast_carried_from
    if figures.source == "carried" and carried_from is not None:
        return f"carried forward from {period_name(carried_from).lower()}"
    words = {"typed": "entered by hand", "file": "ledger’s file", "none": "no forecast"}
    return words[figures.source]


@require_safe
@kept_as_published
def line(request: LoggedInRequest, start: int, number: int, pk: int) -> HttpResponse:
    """Show one budget line: each figure with the file's row or the person it came from."""
    period = period_or_404(start, number)
    chosen = find_line(period.year, pk)
    if chosen is None:
        raise Http404("There is no such line.")
    own = reach_of(request.user, period.year)
    drafts = may_see_draft_of(request.user, chosen.service, own)
    facts = _readable_data(request, period, chosen.service, own)
    if facts is None:
        raise Http404("There is no report for this period yet.")
    with_exempt = may_see_exempt_lines(request.user)
    if not with_exempt and chosen.pk in exempt_ids(facts):
        raise Http404("There is no such line.")
    through = facts.report.last_forecast_entry if facts.report else None
    if (found := line_in(period, facts.batch, chosen, through)) is None:
        raise Http404("The line has no figures in this period.")
    sources = with_origins(line_sources(found.position))
    service_code, service_name = place_of(facts, found)
    context = {
        **_report_context(facts),
        "line": chosen,
        "description": descriptions_in(facts.report, [chosen])[chosen.pk],
        "service_code": service_code,
        "service_name": service_name,
        "figures": found,
        "unbudgeted": found.is_unbudgeted,
        "sources": sources,
        "amounts": _amounts_with_sources(found, sources, period.year),
        "entries": [
            (entry, exact(entry.previous_pence), exact(entry.forecast_pence))
            for entry in (line_entries(period, chosen, through) if drafts else ())
        ],
        "virements": [(each, exact(each.into)) for each in line_virements(facts, chosen)],
        "course": [
            (each, _line_figures(one))
            for each, one in line_course(chosen, with_drafts=drafts, with_exempt=with_exempt)
        ],
        "drafts": drafts,
        "reader_panels": registry.reader_panels(request.user, facts, chosen.service, chosen.pk),
        **(_proposal_context(facts, chosen) if drafts else {}),
        "may_see_uploads": may_see_drafts(request.user),
    }
    page = render(request, "monitoring/line.html", context)
    return keep_published(page, facts, for_everybody=not (drafts or with_exempt))


def _proposal_context(facts: ReportData, chosen: "BudgetLine") -> dict[str, Any]:
    """Return the forecast proposed for a line of a draft; nothing for a published report."""
    if facts.report is not None:
        return {}
    return {"shows_proposal": True, "proposal": proposal_of_line(facts.period, chosen)}


def _amounts_with_sources(
    found: LineFigures, sources: list[LineSource], year: "FinancialYear"
) -> list[tuple[str, str, str]]:
    """Return label, amount and source of every figure of the line."""
    rows = []
    for name in _LEDGER_FIGURES:
        pence, cells = getattr(found.position, f"{name}_pence"), cells_behind(sources, name)
        source = ", ".join(filter(None, ("ledger’s file", cells)))
        source = "not given" if pence is None else source
        rows.append((name.replace("_", " ").capitalize(), exact(pence), source))
    for each in planned_use_of([found], year):
        rows.append((each.label, exact(each.pence), each.source))
    rows.append(("Forecast", exact(found.forecast), _forecast_source(found)))
    rows.append(("Net variance", exact(found.net_variance), "forecast less budget, planned use"))
    return rows


@require_safe
def upload_file(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Return an uploaded file unchanged."""
    require(may_see_drafts(request.user))
    upload = get_object_or_404(uploads(), pk=pk)
    try:
        content = file_content(upload)
    except Refused as refused:
        raise Http404(str(refused)) from refused
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="upload-{pk}{_file_ending(upload)}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _file_ending(upload: "Upload") -> str:
    ending = upload.file_name.rpartition(".")[2].lower()
    return f".{ending}" if ending in ("csv", "txt", "xlsx", "xls", "ods") else ""
