"""Pages that show the structure of services, change it, and roll it forward into the next year.

Every change is shown with what it restates before anything is stored. The confirmation sends the
same fields, and the year's revision for which the effect was calculated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.forms.filters import Filter, filter_form
from council_finance.money import plain_pounds
from council_finance.periods import financial_year_label
from monitoring.people.rights import may_change_structure, may_see_drafts, may_upload, require
from monitoring.restructuring import changes as restructuring
from monitoring.restructuring.changes import Register, Rows
from monitoring.restructuring.forms import (
    AddForm,
    FirstForm,
    LinesForm,
    MergeForm,
    PlaceForm,
    WordsForm,
)
from monitoring.restructuring.selectors.preview import Preview, preview_change, preview_lines
from monitoring.restructuring.selectors.structure import (
    budgets_of,
    latest_figures,
    line_move,
    lines_at,
    next_year,
    register_of,
    roll_forward,
    structure,
)
from monitoring.restructuring.services import structure as services
from monitoring.restructuring.services.years import roll_year_forward
from monitoring.structure.selectors.calendar import years
from monitoring.structure.trees import ServiceRow

if TYPE_CHECKING:
    from monitoring.structure.models import FinancialYear

_LINES_ON_A_PAGE = 200


@dataclass(frozen=True)
class Act:
    """A kind of change of a service: `plan` returns the rows after it, `store` makes it.

    `question` is the heading of the preview, `done` the message afterwards; both name the service
    by {name}.
    """

    plan: Callable[..., Rows]
    store: Callable[..., None]
    question: str
    done: str


ACTS = {
    "add": Act(restructuring.add, services.add_service, "Add {name}?", "{name} has been added."),
    "rename": Act(
        restructuring.rename,
        services.rename_service,
        "Rename {name}?",
        "{name} has been renamed.",
    ),
    "move": Act(
        restructuring.move, services.move_service, "Move {name}?", "{name} has been moved."
    ),
    "merge": Act(
        restructuring.merge,
        services.merge_service,
        "Merge {name} into another service?",
        "{name} has closed; its lines stand under its successor.",
    ),
    "close": Act(
        restructuring.close,
        services.close_service,
        "Close {name}?",
        "{name} closes once no line of an open period hangs on it.",
    ),
    "reopen": Act(
        restructuring.reopen,
        services.reopen_service,
        "Open {name} again?",
        "{name} is open again.",
    ),
}


@dataclass(frozen=True)
class Proposal:
    """A change that a person has filled in: `preview` returns its effect, `store` makes it.

    `store` takes the revision for which the effect was shown. `back` and `on` are the addresses
    after cancelling and storing; `heads` are the headings of the table of changes.
    """

    question: str
    done: str
    preview: Callable[[], Preview]
    store: Callable[[int], None]
    back: str
    on: str
    heads: tuple[str, str, str] = ("What", "Now", "After")


def _carry_out(request: LoggedInRequest, year: FinancialYear, proposal: Proposal) -> HttpResponse:
    """Store the change if it was confirmed, else show its effect. Raise `Refused` as the change."""
    meanwhile: list[str] = []
    if request.POST.get("confirm") == "yes":
        try:
            proposal.store(_read_revision(request.POST.get("revision", "")))
        except services.ChangedMeanwhile as changed:
            meanwhile = changed.messages
        else:
            messages.success(request, proposal.done)
            return redirect(proposal.on)
    sent = request.POST.lists()
    own = ("csrfmiddlewaretoken", "confirm", "revision")
    context = _page_context(year) | {
        "proposal": proposal,
        "preview": proposal.preview(),
        "meanwhile": meanwhile,
        "sent": [(name, each) for name, values in sent if name not in own for each in values],
    }
    status = 409 if meanwhile else 200
    return render(request, "monitoring/structure_preview.html", context, status=status)


def _read_revision(text: str) -> int:
    """Return a posted revision; anything else is 0, at which no year is."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _page_context(year: FinancialYear) -> dict[str, Any]:
    return {"year": year, "council": year.council, "nav_section": "home"}


def _response_status(form: Form | None, refused: list[str]) -> int:
    if form is not None and form.errors:
        return 422
    return 409 if refused else 200


@require_safe
def show(request: LoggedInRequest, start: int) -> HttpResponse:
    """Show today's tree, and the closed services."""
    require(may_see_drafts(request.user))
    year = get_object_or_404(years(), start=start)
    context = _page_context(year) | {
        "structure": structure(year),
        "may_change": may_change_structure(request.user) and not year.is_archived,
        "may_upload": may_change_structure(request.user) and not year.is_archived,
        "next_year": next_year(year),
    }
    return render(request, "monitoring/structure.html", context)


def new(request: LoggedInRequest, start: int) -> HttpResponse:
    """Add a service."""
    require(may_change_structure(request.user))
    year = get_object_or_404(years(), start=start)
    register = register_of(year)
    sent = request.POST if request.method == "POST" else None
    under = {"parent": request.GET.get("under", "")}
    form = AddForm(register, sent, initial=under) if register.rows else FirstForm(sent)
    refused: list[str] = []
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        back = reverse("service-new", args=[year.start])
        proposal = _propose_change(request, year, ACTS["add"], data["name"], data, back)
        try:
            return _carry_out(request, year, proposal)
        except Refused as refusal:
            refused = refusal.messages
    context = _page_context(year) | {"form": form, "refused": refused, "register": register}
    status = _response_status(form, refused)
    return render(request, "monitoring/service_new.html", context, status=status)


def _propose_change(
    request: LoggedInRequest,
    year: FinancialYear,
    act: Act,
    name: str,
    fields: dict[str, Any],
    back: str,
) -> Proposal:
    """Return the change of one service that was filled in; `fields` are arguments of the act."""
    user = request.user

    def rows_after(register: Register) -> Rows:
        return act.plan(register, **fields)

    return Proposal(
        question=act.question.format(name=name),
        done=act.done.format(name=name),
        preview=lambda: preview_change(year, fields["code"], rows_after),
        store=lambda revision: act.store(year=year, revision=revision, by=user, **fields),
        back=back,
        on=reverse("structure", args=[year.start]),
    )


def change(request: LoggedInRequest, start: int, code: str) -> HttpResponse:
    """Show one service with the changes that it allows, and carry one out."""
    require(may_change_structure(request.user))
    year, register, row = _find_service(start, code)
    act = request.POST.get("act", "")
    forms = _build_forms(register, row, act, request.POST if request.method == "POST" else None)
    if request.method == "POST" and act not in forms:
        raise Http404("That cannot be done to this service.")
    form = forms.get(act)
    refused: list[str] = []
    if form is not None and form.is_valid():
        fields = {"code": code, **form.cleaned_data}
        proposal = _propose_change(request, year, ACTS[act], row.name, fields, request.path)
        try:
            return _carry_out(request, year, proposal)
        except Refused as refusal:
            refused = refusal.messages
    context = _page_context(year) | {
        **_service_context(year, register, row),
        "forms": forms,
        "form": form,
        "refused": refused,
    }
    status = _response_status(form, refused)
    return render(request, "monitoring/service_change.html", context, status=status)


def _find_service(start: int, code: str) -> tuple[FinancialYear, Register, ServiceRow]:
    """Return the year, its register and the service. Raise `Http404` where there is none."""
    year = get_object_or_404(years(), start=start)
    register = register_of(year)
    if code not in register.by_code:
        raise Http404("There is no such service.")
    return year, register, register.by_code[code]


def _build_forms(
    register: Register, row: ServiceRow, act: str, data: QueryDict | None
) -> dict[str, Form]:
    """Return the forms of the changes that a service allows; `data` belongs to that of `act`."""
    sent = {act: data}
    state, top = register.state(row), row.parent is None
    forms: dict[str, Form] = {}
    if row.code == register.kept:
        return forms
    if state == "open":
        words = {"name": row.name, "total_label": row.total_label, "section": row.section}
        forms["rename"] = WordsForm(sent.get("rename"), initial=words)
    if state == "open" and not top:
        above = next(each.code for each in register.rows if each.id == row.parent)
        own = frozenset(register.under(row.code))
        forms["move"] = PlaceForm(
            register, sent.get("move"), without=own, initial={"parent": above}
        )
    if state != "closed" and not top and row.id not in register.tree.parents:
        forms["merge"] = MergeForm(register, row.code, sent.get("merge"))
        if state == "open":
            forms["close"] = Form(sent.get("close"))
    if state != "open":
        forms["reopen"] = Form(sent.get("reopen"))
    return forms


def _service_context(year: FinancialYear, register: Register, row: ServiceRow) -> dict[str, Any]:
    """Return what the pages of a service show of it."""
    by_id: dict[int | None, ServiceRow] = {each.id: each for each in register.rows}
    home = register.tree.home(row.id)
    return {
        "service": row,
        "state": register.state(row),
        "above": by_id.get(row.parent),
        "home": None if home == row.id else by_id[home],
        "has_children": row.id in register.tree.parents,
        "is_kept": row.code == register.kept,
        "lines": lines_at(year, row).count(),
    }


def lines(request: LoggedInRequest, start: int, code: str) -> HttpResponse:
    """Show the lines of a service, and move some to another."""
    require(may_change_structure(request.user))
    year, register, row = _find_service(start, code)
    posted = request.method == "POST"
    text = (request.POST if posted else request.GET).get("q", "").strip()[:100]
    form = LinesForm(register, code, request.POST if posted else None)
    refused: list[str] = []
    if form.is_bound and form.is_valid():
        try:
            return _carry_out(
                request, year, _propose_line_move(request, year, register, row, form, text)
            )
        except Refused as refusal:
            refused = refusal.messages
    page = Paginator(lines_at(year, row, text), _LINES_ON_A_PAGE).get_page(request.GET.get("page"))
    form.label_all(page.paginator.count, searched=bool(text), pages=page.has_other_pages())
    period = latest_figures(year)
    budgets = {line: plain_pounds(pence) for line, pence in budgets_of(period, list(page)).items()}
    context = _page_context(year) | {
        **_service_context(year, register, row),
        "form": form,
        "refused": refused,
        "text": text,
        "filter": filter_form(
            Filter(
                "q",
                "Find lines",
                text,
                help_text="Part of a cost centre, account or description",
            ),
            auto_id="id_%s",
        ),
        "page": page,
        "period": period,
        "rows": [(line, budgets.get(line.pk, "")) for line in page],
        "ticked": request.POST.getlist("line") if posted else [],
    }
    status = _response_status(form if posted else None, refused)
    return render(request, "monitoring/structure_lines.html", context, status=status)


def _propose_line_move(
    request: LoggedInRequest,
    year: FinancialYear,
    register: Register,
    row: ServiceRow,
    form: LinesForm,
    text: str,
) -> Proposal:
    """Return the move of lines that was filled in. Raise `Refused` as line_move."""
    data, user = form.cleaned_data, request.user
    ids = None if data["all"] else data["line"]
    to = restructuring.destination(register, data["destination"])
    here = f"{request.path}?{request.GET.urlencode()}" if request.GET else request.path
    move = line_move(year, row, to=to, ids=ids, text=text)
    number = "1 line" if len(move.ids) == 1 else f"{len(move.ids):,} lines"
    return Proposal(
        question=f"Move {number} to {to.name}?",
        done=f"{number} moved to {to.name}.",
        preview=lambda: preview_lines(year, move),
        store=lambda revision: services.move_lines(
            year=year,
            code=row.code,
            destination=to.code,
            lines=ids,
            text=text,
            reason=data["reason"],
            revision=revision,
            by=user,
        ),
        back=here,
        on=reverse("lines-move", args=[year.start, row.code]),
        heads=("Lines", "From", "To"),
    )


def roll(request: LoggedInRequest, start: int) -> HttpResponse:
    """Roll the year forward into the next; once that exists, show what to do next."""
    require(may_change_structure(request.user))
    year = get_object_or_404(years(), start=start)
    refused: list[str] = []
    if request.method == "POST":
        try:
            roll_year_forward(year=year, by=request.user)
            return redirect("year-roll-forward", year.start)
        except Refused as refusal:
            refused = refusal.messages
    following = next_year(year)
    context = _page_context(year) | {
        "next_label": financial_year_label(year.start + 1),
        "following": following,
        "has_figures": following is not None and latest_figures(following) is not None,
        "following_structure": structure(following) if following else None,
        "carried": None if following else roll_forward(year),
        "may_upload": may_upload(request.user),
        "refused": refused,
    }
    status = _response_status(None, refused)
    return render(request, "monitoring/roll_forward.html", context, status=status)
