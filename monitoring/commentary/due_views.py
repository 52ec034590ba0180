"""The page of all commentary that is due from one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.typed_text import whole_number
from monitoring.commentary.drafts import MARK
from monitoring.commentary.due_selectors import (
    DueText,
    count_unsigned,
    find_services,
    texts_due,
    waiting_texts,
)
from monitoring.commentary.forms import DueTextForm
from monitoring.commentary.selectors import due_rule, text_version, texts_of, tidy_text
from monitoring.commentary.services import (
    CommentaryClashed,
    TextChange,
    TextsRefused,
    write_texts,
)
from monitoring.people.rights import (
    Reach,
    may_comment,
    reach_of,
    require,
    signs_off_commentary,
    writes_commentary,
)
from monitoring.reports.report_access import NoReport, explain_missing_report
from monitoring.reports.selectors.report_data import draft_data
from monitoring.structure.selectors.calendar import periods

if TYPE_CHECKING:
    from monitoring.structure.models import Period, Service

_ENDING = "-text"
"""The end of the name of a text's field; the id of its service comes before it."""


@dataclass(frozen=True)
class Work:
    """The texts that a person works on: the period, what they look after, the services sent."""

    period: Period
    reach: Reach
    services: Mapping[int, Service]


@dataclass(frozen=True)
class Outcome:
    """The result of saving: texts sent by service id, those stored, and why one was refused.

    `refused` is for all texts together; what is wrong with one is an error of its form.
    """

    forms: Mapping[int, DueTextForm]
    changed: int = 0
    clashes: Mapping[int, CommentaryClashed] = field(default_factory=dict)
    refused: Refused | None = None

    @property
    def failed(self) -> bool:
        """Return whether nothing was stored because something is wrong."""
        return self.refused is not None or any(form.errors for form in self.forms.values())


@dataclass(frozen=True)
class WritingItem:
    """A text on the page with its form, and the refusal where a colleague changed it meanwhile."""

    due: DueText
    form: DueTextForm
    clash: CommentaryClashed | None

    @property
    def is_unsaved(self) -> bool:
        """Return whether the field has another text than the stored one."""
        return tidy_text(self.form["text"].value() or "") != self.due.text


@explain_missing_report("commentary")
def write(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show all commentary that is due from the reader, and store the texts that are sent."""
    user, post = request.user, request.POST
    require(writes_commentary(user))
    period = find_period_with_figures(start, number)
    reach = reach_of(user, period.year)
    if request.method != "POST":
        if period.is_published or period.year.is_archived:
            return redirect("commentary", start, number)
        return _render_page(request, Work(period, reach, {}), Outcome({}))
    services = find_services(period.year, _posted_ids(post))
    for service in services.values():
        require(may_comment(user, service, reach))
    work = Work(period, reach, services)
    forms = {
        pk: DueTextForm(post, prefix=str(pk), label=_label_of(service))
        for pk, service in services.items()
    }
    if "use_last" in post or "use_draft" in post:
        return _render_page(request, work, Outcome(forms))
    outcome = _save_texts(request, work, forms)
    if request.headers.get("Accept") == "application/json":
        return _answer_in_json(work, outcome)
    if outcome.failed:
        return _render_page(request, work, outcome, status=409)
    changed = outcome.changed
    messages.success(request, f"{count_texts(changed)} saved." if changed else "Nothing changed.")
    return redirect(_next_address(request, work))


def find_period_with_figures(start: int, number: int) -> Period:
    """Return a period; 404 where there is none. Raise `NoReport` where it has no figures."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    if period.batch is None:
        raise NoReport(period)
    return period


def count_texts(number: int) -> str:
    """Return a number of texts in words."""
    return "1 text" if number == 1 else f"{number:,} texts"


def _posted_ids(post: QueryDict) -> set[int]:
    """Return the ids of the services of which a text was sent."""
    found = (name.removesuffix(_ENDING) for name in post if name.endswith(_ENDING))
    return {int(pk) for pk in found if whole_number(pk, digits=18) is not None}


def _label_of(service: Service) -> str:
    return f"Commentary on {service.name}"


def _save_texts(request: LoggedInRequest, work: Work, forms: Mapping[int, DueTextForm]) -> Outcome:
    """Store the texts that changed, all or none."""
    if any(form.errors for form in forms.values()):
        return Outcome(forms)
    changes = [
        TextChange(work.services[pk], form.cleaned_data["text"], form.cleaned_data["seen"])
        for pk, form in forms.items()
        if form.is_changed
    ]
    clashes = {}
    try:
        changed = write_texts(period=work.period, changes=changes, by=request.user)
    except TextsRefused as faulty:
        for pk, fault in faulty.faults.items():
            forms[pk].add_error("text", fault.messages)
            if isinstance(fault, CommentaryClashed):
                clashes[pk] = fault
                forms[pk].show_version(text_version(fault.theirs))
        return Outcome(forms, clashes=clashes)
    except Refused as refused:
        return Outcome(forms, refused=refused)
    return Outcome(forms, changed=len(changed))


def _answer_in_json(work: Work, outcome: Outcome) -> JsonResponse:
    """Answer a page that saves by itself: when and what was stored, or what is wrong, by service.

    The page itself counts what is still to be written, as that would need the figures again here.
    """
    if not outcome.failed:
        stored = texts_of(work.period, work.services)
        seen = {pk: text_version(stored.get(pk)) for pk in work.services}
        return JsonResponse({"at": f"{timezone.localtime():%H:%M}", "seen": seen})
    faults = {
        pk: [str(text) for errors in form.errors.values() for text in errors]
        for pk, form in outcome.forms.items()
        if form.errors
    }
    theirs = {
        pk: {"text": clash.theirs.text if clash.theirs else "", "seen": text_version(clash.theirs)}
        for pk, clash in outcome.clashes.items()
    }
    refused = outcome.refused.messages if outcome.refused else []
    return JsonResponse({"refused": refused, "faults": faults, "theirs": theirs}, status=409)


def _next_address(request: LoggedInRequest, work: Work) -> str:
    """Return the page's address, at the next text to be written where that was asked for."""
    address = reverse("commentary-write", args=[work.period.year.start, work.period.number])
    after = whole_number(request.POST.get("next", ""), digits=18)
    if after is None:
        return address
    texts = texts_due(draft_data(work.period), work.reach, request.user)
    ids = [each.service.pk for each in texts]
    place = ids.index(after) + 1 if after in ids else 0
    following = waiting_texts([*texts[place:], *texts[:place]])
    return f"{address}#{following[0].anchor}" if following else address


def _render_page(
    request: LoggedInRequest, work: Work, outcome: Outcome, status: int = 200
) -> HttpResponse:
    period, user, forms = work.period, request.user, outcome.forms
    facts = draft_data(period)
    texts = texts_due(facts, work.reach, user, also=work.services)
    if "use_last" in request.POST:
        _add_text(
            request.POST["use_last"], {str(due.service.pk): due.previous for due in texts}, forms
        )
    if "use_draft" in request.POST:
        _add_text(
            request.POST["use_draft"], {str(due.service.pk): due.draft for due in texts}, forms
        )
    items = [
        WritingItem(
            each,
            forms.get(each.service.pk) or _stored_form(each),
            outcome.clashes.get(each.service.pk),
        )
        for each in texts
    ]
    shown = {item.due.service.pk for item in items}
    context = {
        **period_context(period),
        "facts": facts,
        "items": items,
        "waiting": waiting_texts(texts),
        "left_over": [form for pk, form in forms.items() if pk not in shown],
        "refused": outcome.refused.messages if outcome.refused else [],
        "forms": list(forms.values()),
        "draft_mark": MARK,
        "rule": due_rule(facts.settings.commentary),
        "unit": facts.display("annex-a").unit_label,
        "behind": period.figures_revision != period.year.revision,
        "unsigned": count_unsigned(facts, work.reach) if signs_off_commentary(user) else 0,
    }
    return render(request, "monitoring/commentary_write.html", context, status=status)


def _stored_form(due: DueText) -> DueTextForm:
    initial = {"text": due.text, "seen": due.seen}
    return DueTextForm(initial=initial, prefix=str(due.service.pk), label=_label_of(due.service))


def _add_text(asked: str, offered: Mapping[str, str], forms: Mapping[int, DueTextForm]) -> None:
    """Put a text that is offered into the field of one service, below what is typed there.

    `offered` has the texts by the id of the service.
    """
    form = next((form for pk, form in forms.items() if str(pk) == asked), None)
    if form is not None and asked in offered:
        form.add_text(offered[asked])


def period_context(period: Period) -> dict[str, Any]:
    """Return what every page of a period's commentary shows."""
    return {
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "nav_section": "home",
    }
