"""The pages of the set-up: its steps, and those that no other page does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from council_finance.accounts.current_user import current_user
from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.periods import APPROVED_BUDGET, CLOSE
from council_finance.typed_text import whole_number
from monitoring.identity.selectors import council_name
from monitoring.identity.views import council_page
from monitoring.people.rights import (
    may_change_settings,
    may_change_structure,
    may_read_settings,
    may_upload,
    require,
)
from monitoring.restructuring.selectors.structure import structure
from monitoring.set_up.forms import PasteForm, TreeFileForm, YearForm
from monitoring.set_up.selectors import (
    draft_of,
    has_services,
    set_up_of,
    settings_are_marked,
    year_to_set_up,
)
from monitoring.set_up.services import progress, trees
from monitoring.settings.selectors import tables_in_words
from monitoring.structure.selectors.calendar import periods

if TYPE_CHECKING:
    from monitoring.set_up.models import TreeDraft
    from monitoring.structure.models import FinancialYear

_CODE, _TOTAL = "code-", "total-"
"""Beginnings of the names of the fields of a service, which its row ends."""


@require_safe
def steps(request: LoggedInRequest) -> HttpResponse:
    """Show the steps of the set-up, what is still to do, and one next step."""
    user = current_user(request)
    require(may_read_settings(user))
    context = {
        "set_up": set_up_of(user),
        "may_dismiss": may_change_structure(user),
        "nav_section": "home",
    }
    return render(request, "monitoring/set_up.html", context)


@require_POST
def dismiss(request: LoggedInRequest) -> HttpResponse:
    """Stop showing the set-up first, or show it first again."""
    user = current_user(request)
    require(may_change_structure(user))
    if request.POST.get("show") == "again":
        progress.show_set_up_again(by=user)
        return redirect("set-up")
    progress.dismiss_set_up(by=user)
    messages.success(request, "The set-up is no longer shown first. It stays under Settings.")
    return redirect("home")


def council(request: LoggedInRequest) -> HttpResponse:
    """Name the council, and choose its colour and logo."""
    require(may_change_settings(current_user(request)))
    return council_page(request, after="set-up", in_set_up=True)


def year(request: LoggedInRequest) -> HttpResponse:
    """Make the first financial year."""
    user = current_user(request)
    require(may_change_structure(user))
    form = YearForm(request.POST or None, today=timezone.localdate())
    refused: list[str] = []
    if form.is_bound and form.is_valid():
        try:
            made = progress.set_up_first_year(start=form.cleaned_data["start"], by=user)
        except Refused as refusal:
            refused = refusal.messages
        else:
            messages.success(request, f"{made.label} has been set up.")
            return redirect("set-up")
    context = {
        "form": form,
        "refused": refused,
        "there_is": year_to_set_up(),
        "name": council_name(),
        "nav_section": "home",
    }
    return render(
        request, "monitoring/set_up_year.html", context, status=_response_status(form, refused)
    )


def _response_status(form: Any, refused: list[str]) -> int:
    return 409 if refused else 422 if form.errors else 200


def services(request: LoggedInRequest) -> HttpResponse:
    """Type or paste the services, or choose a file; once they are stored, show them."""
    require(may_change_structure(current_user(request)))
    found = _year_or_404()
    draft = draft_of(found)
    if request.method == "POST":
        return _keep_tree(request, found)
    if draft is not None and "new" not in request.GET:
        return redirect("set-up-services-preview")
    if has_services(found) and "new" not in request.GET:
        context = _year_context(found) | {"structure": structure(found)}
        return render(request, "monitoring/set_up_services_stored.html", context)
    context = _year_context(found) | {"paste": PasteForm(), "upload": TreeFileForm()}
    return render(request, "monitoring/set_up_services.html", context)


def _year_or_404() -> FinancialYear:
    found = year_to_set_up()
    if found is None:
        raise Http404("There is no financial year yet.")
    return found


def _year_context(found: FinancialYear) -> dict[str, Any]:
    return {"year": found, "council": found.council, "nav_section": "home"}


def _keep_tree(request: LoggedInRequest, found: FinancialYear) -> HttpResponse:
    """Keep what was pasted, or the file that was chosen, and show it before it is stored."""
    user = current_user(request)
    is_file = request.POST.get("act") == "file"
    paste = PasteForm(None if is_file else request.POST)
    upload = TreeFileForm(request.POST, request.FILES) if is_file else TreeFileForm()
    form = upload if is_file else paste
    refused: list[str] = []
    if form.is_valid():
        try:
            if is_file:
                trees.keep_tree_file(
                    year=found, content=upload.content(), file_name=upload.file_name, by=user
                )
            else:
                trees.keep_pasted_tree(year=found, **paste.cleaned_data, by=user)
            return redirect("set-up-services-preview")
        except Refused as refusal:
            refused = refusal.messages
            for message in refused:
                form.add_error("file" if is_file else "text", message)
    context = _year_context(found) | {"paste": paste, "upload": upload}
    return render(
        request, "monitoring/set_up_services.html", context, status=_response_status(form, refused)
    )


def preview(request: LoggedInRequest) -> HttpResponse:
    """Show the services before they are stored; change their codes, and store them."""
    require(may_change_structure(current_user(request)))
    found = _year_or_404()
    refused: list[str] = []
    if request.method == "POST":
        try:
            return _act_on_draft(request, found)
        except Refused as refusal:
            refused = refusal.messages
    draft = draft_of(found)
    if draft is None:
        return redirect("set-up-services")
    return _preview_page(request, draft, refused)


def _preview_page(request: LoggedInRequest, draft: TreeDraft, refused: list[str]) -> HttpResponse:
    checked = trees.check_draft(draft)
    context = _year_context(draft.year) | {
        "draft": draft,
        "checked": checked,
        # A refusal to store repeats the faults, which are listed once.
        "refused": [each for each in refused if each not in checked.faults],
        "name": council_name(),
    }
    status = 409 if refused else 200
    return render(request, "monitoring/set_up_services_preview.html", context, status=status)


def _act_on_draft(request: LoggedInRequest, found: FinancialYear) -> HttpResponse:
    """Change the draft as its form says, then do what was asked. Raise `Refused` as its service."""
    user, sent = current_user(request), request.POST
    act = sent.get("act", "")
    revision = whole_number(sent.get("revision", ""), digits=9) or 0
    if act == "discard":
        trees.discard_draft(year=found, revision=revision)
        return redirect("set-up-services")
    draft = draft_of(found)
    if draft is not None and not draft.is_file:
        revision = trees.change_draft(
            year=found,
            revision=revision,
            codes=_by_row(sent, _CODE),
            total_labels=_by_row(sent, _TOTAL),
            by=user,
        ).revision
    if act == "top":
        trees.add_top(year=found, revision=revision, name=council_name(), by=user)
    elif act == "store":
        stored = trees.store_tree(year=found, revision=revision, by=user)
        messages.success(request, f"{stored.row_count:,} services and groups have been stored.")
        return redirect("set-up")
    return redirect("set-up-services-preview")


def _by_row(sent: QueryDict, beginning: str) -> dict[int, str]:
    """Return the values of the fields whose names begin so, by the row that ends the name."""
    return {
        row: str(sent[name])
        for name in sent
        if name.startswith(beginning)
        and (row := whole_number(name.removeprefix(beginning))) is not None
    }


def settings(request: LoggedInRequest) -> HttpResponse:
    """Show the settings that a year begins with, and note that somebody finds them right."""
    user = current_user(request)
    require(may_change_settings(user))
    found = _year_or_404()
    if request.method == "POST":
        progress.accept_settings(by=user)
        return redirect("set-up")
    context = _year_context(found) | {
        "is_marked": settings_are_marked(),
        "tables": tables_in_words(found),
    }
    return render(request, "monitoring/set_up_settings.html", context)


@require_safe
def first_month(request: LoggedInRequest) -> HttpResponse:
    """Choose the month whose figures are uploaded first."""
    require(may_upload(current_user(request)))
    found = _year_or_404()
    months = periods().filter(year=found, number__gt=APPROVED_BUDGET, number__lt=CLOSE)
    context = _year_context(found) | {"months": months.order_by("number")}
    return render(request, "monitoring/set_up_first_month.html", context)
