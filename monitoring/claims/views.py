"""Check the figures of a text while it is written."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from council_finance.accounts.requests import LoggedInRequest
from council_finance.uploads.cells import TEXT_LENGTH
from monitoring.claims.checking import check_figures
from monitoring.forecasts.selectors.lines import find_service
from monitoring.people.rights import may_see_draft_of, require
from monitoring.reports.selectors.report_data import draft_data
from monitoring.structure.selectors.calendar import periods


@require_POST
def check_text(request: LoggedInRequest, start: int, number: int, code: str) -> HttpResponse:
    """Return the verdicts on the figures of a text on a service, as a part of a page.

    `field` in the address names the text among those sent. Nothing is stored. Only figures that
    the person may see are compared with.
    """
    service = find_service(start, code)
    if service is None:
        raise Http404("There is no such service.")
    require(may_see_draft_of(request.user, service))
    period = get_object_or_404(periods(), year=service.year, number=number)
    if period.is_published or period.batch is None:
        raise Http404("There is no draft to compare the text with.")
    facts = draft_data(period)
    node = next((each for each in facts.nodes if each.key == code), None)
    if node is None:
        raise Http404("There is no such service in this month.")
    text = request.POST.get(request.GET.get("field", "text"), "")[:TEXT_LENGTH]
    verdicts = check_figures(request.user, facts, node, text)
    return render(request, "monitoring/claims.html", {"verdicts": verdicts})
