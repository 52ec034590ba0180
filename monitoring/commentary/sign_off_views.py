"""The page on which a director signs off many texts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.typed_text import whole_number
from monitoring.commentary.due_selectors import DueText, find_services, texts_to_sign
from monitoring.commentary.due_views import count_texts, find_period_with_figures, period_context
from monitoring.commentary.forms import SignOffForm
from monitoring.commentary.services import SignedText, TextsRefused, sign_off_texts
from monitoring.people.rights import Reach, may_sign_off, reach_of, require, signs_off_commentary
from monitoring.reports.report_access import explain_missing_report
from monitoring.reports.selectors.report_data import draft_data

if TYPE_CHECKING:
    from monitoring.structure.models import Period, Service

_INCOMPLETE = "The page was not sent whole. Look at the texts and figures and sign again."


@dataclass(frozen=True)
class SigningItem:
    """A text to be signed off, whether it is ticked, and why it was not signed off."""

    due: DueText
    ticked: bool
    faults: tuple[str, ...]


@explain_missing_report("commentary")
def sign_off(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """List the texts that wait for the reader's sign-off, and sign off those that are ticked."""
    user = request.user
    require(signs_off_commentary(user))
    period = find_period_with_figures(start, number)
    reach = reach_of(user, period.year)
    if request.method != "POST":
        if period.is_published or period.year.is_archived:
            return redirect("commentary", start, number)
        return _render_page(request, period, reach)
    ticked = {int(pk) for pk in request.POST.getlist("sign") if whole_number(pk, digits=18)}
    services = find_services(period.year, ticked)
    for service in services.values():
        require(may_sign_off(user, service, reach))
    try:
        texts = [_read_text(request.POST, service) for service in services.values()]
        signed = sign_off_texts(period=period, texts=texts, by=user)
    except Refused as refused:
        return _render_page(request, period, reach, ticked, refused)
    messages.success(request, f"{count_texts(len(signed))} signed off.")
    return redirect("commentary", start, number)


def _read_text(post: QueryDict, service: Service) -> SignedText:
    form = SignOffForm(post, prefix=str(service.pk))
    if not form.is_valid():
        raise Refused(_INCOMPLETE)
    shown = form.cleaned_data
    return SignedText(service, shown["seen"], shown["budget"], shown["net_variance"])


def _render_page(
    request: LoggedInRequest,
    period: Period,
    reach: Reach,
    ticked: Collection[int] | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    """Return the page; at first every text is ticked, later those that were sent."""
    facts = draft_data(period)
    faults: Mapping[int, Refused] = refused.faults if isinstance(refused, TextsRefused) else {}
    items = [
        SigningItem(
            each,
            ticked is None or each.service.pk in ticked,
            tuple(faults[each.service.pk].messages) if each.service.pk in faults else (),
        )
        for each in texts_to_sign(facts, reach, request.user)
    ]
    listed = {item.due.service.pk for item in items if item.faults}
    context = {
        **period_context(period),
        "facts": facts,
        "items": items,
        "refused": _find_other_messages(refused, listed),
        "unit": facts.display("annex-a").unit_label,
        "behind": period.figures_revision != period.year.revision,
    }
    status = 200 if refused is None else 409
    return render(request, "monitoring/commentary_sign_off.html", context, status=status)


def _find_other_messages(refused: Refused | None, listed: Collection[int]) -> list[str]:
    """Return the messages of a refusal that no text on the page shows beside it."""
    if not isinstance(refused, TextsRefused):
        return refused.messages if refused else []
    return [refused.messages[0], *refused.messages_without(listed)]
