"""The API that reads: years, periods, reports, statements, the tree of services and figures."""

import functools
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from council_finance.accounts.current_user import current_user
from council_finance.accounts.middleware import public
from council_finance.errors import Refused
from council_finance.statements.renderers import to_json
from monitoring.api.asked import FiguresAsked
from monitoring.api.describing import (
    address_of,
    describe_listed,
    describe_period,
    describe_report,
    describe_year,
    place_of,
)
from monitoring.api.openapi import document
from monitoring.api.operations import Answer, Operation, json_answer, read_only, reads
from monitoring.api.paging import PAGE, PER_PAGE, paged
from monitoring.api.problems import Problem, problem
from monitoring.api.selectors import (
    find_report,
    last_versions,
    readable_reports,
    readable_years,
    statement_digests,
)
from monitoring.open_data.flat_rows import flat_rows
from monitoring.open_data.responses import seal_of, table_response
from monitoring.open_data.selectors import published_data_of
from monitoring.open_data.selectors import readable_reports as readable_published
from monitoring.open_data.writers import TABLE_FORMATS
from monitoring.people.rights import may_see_drafts
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import published_sha256, statement_titles
from monitoring.reports.selectors.statements import statement as find_statement
from monitoring.structure.selectors.calendar import calendar_of
from monitoring.structure.selectors.calendar import periods as all_periods

_REPORT = "/reports/{year}/{period}/{version}"
_NO_REPORT = "There is no such report, or not for you. “reports” lists those that you may read."


@reads(
    Operation(
        "/",
        "start",
        "Where to begin",
        "The addresses of the lists, and the name of the person whose token this is.",
        answer="Start",
    )
)
def start(request: HttpRequest) -> Answer:
    """Return the addresses of the lists."""
    return {
        "person": current_user(request).name,
        "years": address_of(request, "api-years"),
        "reports": address_of(request, "api-reports"),
        "openapi": address_of(request, "api-openapi"),
    }


@reads(
    Operation(
        "/years",
        "years",
        "Financial years",
        "The financial years of which you may read anything, the latest first.",
        answer="Years",
    )
)
def years(request: HttpRequest) -> Answer:
    """Return the financial years."""
    found = readable_years(current_user(request))
    return {"items": [describe_year(request, year) for year in found]}


@reads(
    Operation(
        "/years/{year}/periods",
        "periods",
        "Periods of a year",
        "The approved budget (0), months 1 to 12 and the close (13), each with the address of its "
        "latest published report and, where you may see it, of its draft.",
        answer="Periods",
        statuses=(404,),
    )
)
def periods(request: HttpRequest, start: int) -> Answer:
    """Return the periods of a year."""
    person = current_user(request)
    year = readable_years(person).filter(start=start).first()
    if year is None:
        raise Problem(404, "No such year", "There is no such year, or nothing of it for you.")
    calendar, sees_drafts = calendar_of(year), may_see_drafts(person)
    return {
        "items": [
            describe_period(request, period, calendar, sees_drafts=sees_drafts)
            for period in all_periods().filter(year=year).order_by("number")
        ]
    }


@reads(
    Operation(
        "/reports",
        "reports",
        "Published reports",
        "Every published version of every report that you may read, the latest month first.",
        answer="Reports",
        query=(PAGE, PER_PAGE),
        statuses=(400,),
    )
)
def reports(request: HttpRequest) -> Answer:
    """Return the published reports, a page at a time."""
    return paged(
        request,
        readable_reports(current_user(request)),
        functools.partial(describe_listed, request, last_versions()),
    )


@reads(
    Operation(
        _REPORT,
        "report",
        "One report",
        "A published version, “latest” for the newest one, or “draft” for those who may see it. "
        "Where a version is withheld from you, the redacted one is returned in its place.",
        answer="Report",
        statuses=(404,),
    )
)
def report(request: HttpRequest, start: int, number: int, version: str) -> Answer:
    """Return what a report is, and the addresses of its parts."""
    facts = _find_report(request, start, number, version)
    return describe_report(request, facts)


@reads(
    Operation(
        f"{_REPORT}/statements",
        "statements",
        "Statements of a report",
        "The name, title and SHA-256 of each; a draft has no SHA-256, as it may still change.",
        answer="Statements",
        statuses=(404,),
    )
)
def statements(request: HttpRequest, start: int, number: int, version: str) -> Answer:
    """Return the statements of a report."""
    facts = _find_report(request, start, number, version)
    digests = statement_digests(facts)
    return {
        "items": [
            {
                "name": name,
                "title": title,
                "sha256": digests.get(name),
                "url": address_of(request, "api-statement", *place_of(facts), name),
            }
            for name, title in statement_titles(facts)
        ]
    }


@reads(
    Operation(
        f"{_REPORT}/statements/{{statement}}",
        "statement",
        "One statement",
        "The statement as on its page: of a published report byte for byte what was frozen, with "
        "its SHA-256 as ETag. Send it as If-None-Match, and an unchanged statement is answered "
        "with 304 and no content.",
        answer="Statement",
        statuses=(404,),
        cached=True,
    )
)
def statement(
    request: HttpRequest, start: int, number: int, version: str, name: str
) -> HttpResponse:
    """Return a statement: of a published report the frozen bytes, with their SHA-256 as ETag."""
    facts = _find_report(request, start, number, version)
    if name not in dict(statement_titles(facts)):
        detail = "This report has no such statement. “statements” lists those it has."
        raise Problem(404, "No such statement", detail)
    answer = HttpResponse(content_type="application/json")
    answer["Cache-Control"] = "private, no-store"
    if sha256 := published_sha256(facts, name):
        answer["ETag"], answer["Cache-Control"] = f'"{sha256}"', "private, no-cache"
        known = get_conditional_response(request, etag=answer["ETag"], response=answer)
        if known is not None and known.status_code == 304:
            return known
    answer.content = to_json(_make_statement(facts, name))
    return answer


@reads(
    Operation(
        f"{_REPORT}/services",
        "services",
        "Tree of services",
        "The services and groups of services by which the report was made, in the order of its "
        "tables. A code is text, even where it is all digits.",
        answer="Services",
        statuses=(404,),
    )
)
def services(request: HttpRequest, start: int, number: int, version: str) -> Answer:
    """Return the tree of services of a report."""
    facts = _find_report(request, start, number, version)
    codes = {node.key: node.code for node in facts.nodes}
    return {
        "items": [
            {
                "code": node.code,
                "name": node.label,
                "level": node.level,
                "parent": codes.get(node.parent_key),
                "kind": node.kind,
            }
            for node in facts.nodes
        ]
    }


@reads(
    Operation(
        "/figures.{format}",
        "figures",
        "All figures as one table",
        "Every cell of the published statements as a row, of each period the latest version, sent "
        "while it is made. Of JSON Lines the schema is that of each line.",
        answer="Figure",
        query=("year", "period", "statement"),
        statuses=(404,),
        cached=True,
        files=tuple(each.content_type for each in TABLE_FORMATS.values()),
    )
)
def figures(request: HttpRequest, format_name: str) -> Answer:
    """Return the table of published figures, or of those of a year, a period or a statement."""
    if format_name not in TABLE_FORMATS:
        raise Problem(404, "No such format", f"The formats are {', '.join(TABLE_FORMATS)}.")
    asked = FiguresAsked.of(request)
    person = current_user(request)
    found = readable_published(person, start=asked.start, number=asked.number)
    if not found:
        raise Problem(404, "No such report", _NO_REPORT)
    names = [asked.statement] if asked.statement else None
    return table_response(
        request,
        flat_rows(published_data_of(found), statements=names),
        TABLE_FORMATS[format_name],
        name=asked.file_name,
        seal=seal_of(found, asked.statement),
    )


@read_only
@public
def openapi(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI document, which says nothing about the council's money."""
    return json_answer(document())


@public
def nowhere(request: HttpRequest, rest: str) -> HttpResponse:
    """Refuse an address that the API does not have."""
    detail = "The API has no such address. /api/v1/openapi.json lists those it has."
    return problem(404, "No such address", detail)


def _find_report(request: HttpRequest, start: int, number: int, version: str) -> ReportData:
    facts = find_report(current_user(request), start, number, version)
    if facts is None:
        raise Problem(404, "No such report", _NO_REPORT)
    return facts


def _make_statement(facts: ReportData, name: str) -> Any:
    try:
        return find_statement(facts, name)
    except Refused as refusal:
        raise Problem(404, "No such statement", " ".join(refusal.messages)) from refusal
