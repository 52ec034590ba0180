"""Pages that return a statement, or a whole report, as a file."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from council_finance.accounts.middleware import open_to_the_public
from council_finance.accounts.throttle import may_have_pdf
from council_finance.errors import Refused
from council_finance.headers import KEPT_BY_PERSON, NOT_KEPT
from council_finance.statements.model import Statement
from council_finance.statements.renderers import FORMATS, WHOLE_REPORT_FORMATS, Format
from council_finance.statements.whole_report import WholeReport
from monitoring.reports.report_access import (
    explain_no_file,
    keep_published,
    kept_as_published,
    refuse_more_pdfs,
    report_for,
)
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.row_services import with_service_codes
from monitoring.reports.selectors.statements import all_statements
from monitoring.reports.selectors.statements import statement as find_statement
from monitoring.reports.views.reports import known_statement


@open_to_the_public
@require_safe
@kept_as_published
def download(
    request: HttpRequest, start: int, number: int, name: str, format_name: str
) -> HttpResponse:
    """Return one statement as a file."""
    chosen = _find_format(FORMATS, format_name)
    if chosen.render is None:
        raise Http404("There is no such format.")
    facts = report_for(request, start, number)
    known_statement(facts, name)
    if chosen.takes_long and not may_have_pdf(request):
        return refuse_more_pdfs(request, start, number)
    made = with_service_codes(find_statement(facts, name), facts.nodes)
    try:
        response = _file_response(facts, name, chosen, chosen.render(made))
    except Refused as refusal:
        return explain_no_file(request, start, number, refusal)
    if chosen.name != "json" or not made.sha256:
        return response
    # These are the frozen bytes: their SHA-256 as ETag spares a program a second download.
    response["ETag"], response["Cache-Control"] = f'"{made.sha256}"', KEPT_BY_PERSON
    known = get_conditional_response(request, etag=response["ETag"], response=response)
    return known or response


@open_to_the_public
@require_safe
@kept_as_published
def whole_report(request: HttpRequest, start: int, number: int, format_name: str) -> HttpResponse:
    """Return the whole report in one file."""
    chosen = _find_format(WHOLE_REPORT_FORMATS, format_name)
    if chosen.render_whole is None:
        raise Http404("There is no such format.")
    facts = report_for(request, start, number)
    if chosen.takes_long and not may_have_pdf(request):
        return refuse_more_pdfs(request, start, number)
    whole = WholeReport(facts.header, _statements_to_print(facts))
    try:
        return _file_response(facts, "report", chosen, chosen.render_whole(whole))
    except Refused as refusal:
        return explain_no_file(request, start, number, refusal)


def _statements_to_print(facts: ReportData) -> tuple[Statement, ...]:
    """Return the statements with rows: a council without a capital programme prints none of it."""
    every = all_statements(facts).values()
    made = tuple(with_service_codes(each, facts.nodes) for each in every)
    return tuple(each for each in made if each.rows) or made


def _find_format(formats: dict[str, Format], name: str) -> Format:
    if name not in formats:
        raise Http404("There is no such format.")
    return formats[name]


def _file_response(facts: ReportData, name: str, chosen: Format, content: bytes) -> HttpResponse:
    """Return the file to download; its name holds year, period, and version or `draft`."""
    year, number = facts.period.year.slug, facts.period.number
    version = f"v{facts.version}" if facts.report else "draft"
    response = HttpResponse(content, content_type=chosen.content_type)
    response["Content-Disposition"] = (
        f'attachment; filename="{name}-{year}-{number:02d}-{version}.{chosen.name}"'
    )
    response["Cache-Control"] = NOT_KEPT
    return keep_published(response, facts)
