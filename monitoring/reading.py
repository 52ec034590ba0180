"""Which report an address asks for, and whether who asks may read it: one answer for every page."""

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from council_finance.typed_text import whole_number
from monitoring.rights import may_see_drafts, readable_facts
from monitoring.selectors.facts import ReportFacts
from monitoring.selectors.reports import periods


def asked_version(request: HttpRequest) -> int | None:
    """The version that the address names, or None. 404 for what is no number."""
    text = request.GET.get("version", "")
    if not text:
        return None
    version = whole_number(text, digits=3)
    if version is None:
        raise Http404("There is no such version.")
    return version


def facts_for(request: HttpRequest, start: int, number: int) -> ReportFacts:
    """The report that this person, or a stranger, may read; or 404: nobody hears of a draft."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    facts = readable_facts(request.user, period, asked_version(request))
    if facts is None:
        raise Http404("There is no report for this period yet.")
    return facts


def frame(request: HttpRequest, facts: ReportFacts, here: str, title: str) -> dict:
    """What templates/components/balances_frame.html shows; `here` is the name of the address."""
    period = facts.period
    return {
        "title": title,
        "facts": facts,
        "period": period,
        "year": period.year,
        "council": facts.header.council,
        "here": here,
        "query": f"?version={facts.version}" if request.GET.get("version") else "",
        "periods": facts.calendar.readable(with_drafts=may_see_drafts(request.user)),
        "nav_section": "reports",
    }
