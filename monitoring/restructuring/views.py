"""The structure of services: look at it, change it, and carry it into the next year.

Every change is shown with what it restates before anything is stored. The confirmation brings the
same fields, and the year's revision that the effect was worked out at.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpResponse
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
from monitoring.restructuring.changes import Register
from monitoring.restructuring.forms import AddForm, LinesForm, MergeForm, PlaceForm, WordsForm
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

_LINES_ON_A_PAGE = 200


@dataclass(frozen=True)
class Act:
    """Something to do to a service: how it would stand then, and how it is stored.

    `question` heads the preview, `done` is said afterwards; both name the service by {name}.
    """

    plan: Callable
    store: Callable
    question: str
    done: str


ACTS = {
    "add": Act(
        restructuring.add, services.add_service, "Add {name}?", "{name} now stands in the tree."
    ),
    "rename": Act(
        restructuring.rename,
        services.rename_service,
        "Change the words for {name}?",
        "{name} has its new words.",
    ),
    "move": Act(
        restructuring.move, services.move_service, "Move {name}?", "{name} has its new place."
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
    """A change that a person asked for: how its effect is seen, and how it is stored.

    `store` takes the revision it was seen at. `back` and `on` are where cancelling and storing
    lead; `heads` are the heads of the table that says what changes.
    """

    question: str
    done: str
    see: Callable[[], Preview]
    store: Callable[[int], None]
    back: str
    on: str
    heads: tuple[str, str, str] = ("What", "Now", "After")


def _carry_out(request: LoggedInRequest, year, proposal: Proposal) -> HttpResponse:
    """Store what was confirmed, or show what it would do. Raises Refused."""
    meanwhile: list[str] = []
    if request.POST.get("confirm") == "yes":
        try:
            proposal.store(_whole(request.POST.get("revision", "")))
        except services.ChangedMeanwhile as changed:
            meanwhile = changed.messages
        else:
            messages.success(request, proposal.done)
            return redirect(proposal.on)
    sent = request.POST.lists()
    ours = ("csrfmiddlewaretoken", "confirm", "revision")
    context = _context(year) | {
        "proposal": proposal,
        "preview": proposal.see(),
        "meanwhile": meanwhile,
        "sent": [(name, each) for name, values in sent if name not in ours for each in values],
    }
    status = 409 if meanwhile else 200
    return render(request, "monitoring/structure_preview.html", context, status=status)


def _whole(text: str) -> int:
    """A revision as it was posted; anything else is one that no year is at."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _context(year) -> dict:
    return {"year": year, "council": year.council, "nav_section": "home"}


def _status(form: Form | None, refused: list[str]) -> int:
    if form is not None and form.errors:
        return 422
    return 409 if refused else 200


@require_safe
def show(request: LoggedInRequest, start: int) -> HttpResponse:
    """Today's tree, and what has closed."""
    require(may_see_drafts(request.user))
    year = get_object_or_404(years(), start=start)
    context = _context(year) | {
        "structure": structure(year),
        "may_change": may_change_structure(request.user),
        "may_upload": may_change_structure(request.user),
        "next_year": next_year(year),
    }
    return render(request, "monitoring/structure.html", context)


def new(request: LoggedInRequest, start: int) -> HttpResponse:
    """Add a service."""
    require(may_change_structure(request.user))
    year = get_object_or_404(years(), start=start)
    register = register_of(year)
    under = {"parent": request.GET.get("under", "")}
    form = AddForm(register, request.POST if request.method == "POST" else None, initial=under)
    refused: list[str] = []
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        back = reverse("service-new", args=[year.start])
        proposal = _proposal(request, year, ACTS["add"], data["name"], data, back)
        try:
            return _carry_out(request, year, proposal)
        except Refused as refusal:
            refused = refusal.messages
    context = _context(year) | {"form": form, "refused": refused, "register": register}
    status = _status(form, refused)
    return render(request, "monitoring/service_new.html", context, status=status)


def _proposal(
    request: LoggedInRequest, year, act: Act, name: str, fields: dict, back: str
) -> Proposal:
    def as_it_would_stand(register: Register) -> list[ServiceRow]:
        return act.plan(register, **fields)

    return Proposal(
        question=act.question.format(name=name),
        done=act.done.format(name=name),
        see=lambda: preview_change(year, fields["code"], as_it_would_stand),
        store=lambda revision: act.store(year=year, revision=revision, by=request.user, **fields),
        back=back,
        on=reverse("structure", args=[year.start]),
    )


def change(request: LoggedInRequest, start: int, code: str) -> HttpResponse:
    """One service, and what can be done to it."""
    require(may_change_structure(request.user))
    year, register, row = _service(start, code)
    act = request.POST.get("act", "")
    forms = _forms(register, row, act, request.POST if request.method == "POST" else None)
    if request.method == "POST" and act not in forms:
        raise Http404("That cannot be done to this service.")
    form, refused = forms.get(act), []
    if form is not None and form.is_valid():
        fields = {"code": code, **form.cleaned_data}
        proposal = _proposal(request, year, ACTS[act], row.name, fields, request.path)
        try:
            return _carry_out(request, year, proposal)
        except Refused as refusal:
            refused = refusal.messages
    context = _context(year) | {
        **_facts(year, register, row),
        "forms": forms,
        "form": form,
        "refused": refused,
    }
    status = _status(form, refused)
    return render(request, "monitoring/service_change.html", context, status=status)


def _service(start: int, code: str) -> tuple:
    year = get_object_or_404(years(), start=start)
    register = register_of(year)
    if code not in register.by_code:
        raise Http404("There is no such service.")
    return year, register, register.by_code[code]


def _forms(register: Register, row: ServiceRow, act: str, data) -> dict[str, Form]:
    """The forms of what can be done to a service in its state; `act` is the one that was sent."""
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


def _facts(year, register: Register, row: ServiceRow) -> dict:
    by_id = {each.id: each for each in register.rows}
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
    """The lines that stand on a service, and where to put them instead."""
    require(may_change_structure(request.user))
    year, register, row = _service(start, code)
    posted = request.method == "POST"
    text = (request.POST if posted else request.GET).get("q", "").strip()[:100]
    form = LinesForm(register, code, request.POST if posted else None)
    refused: list[str] = []
    if form.is_bound and form.is_valid():
        try:
            return _carry_out(
                request, year, _line_proposal(request, year, register, row, form, text)
            )
        except Refused as refusal:
            refused = refusal.messages
    page = Paginator(lines_at(year, row, text), _LINES_ON_A_PAGE).get_page(request.GET.get("page"))
    form.label_all(page.paginator.count, searched=bool(text), pages=page.has_other_pages())
    period = latest_figures(year)
    budgets = {line: plain_pounds(pence) for line, pence in budgets_of(period, list(page)).items()}
    context = _context(year) | {
        **_facts(year, register, row),
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
        "ticked": form.data.getlist("line") if posted else [],
    }
    status = _status(form if posted else None, refused)
    return render(request, "monitoring/structure_lines.html", context, status=status)


def _line_proposal(request, year, register, row, form: LinesForm, text: str) -> Proposal:
    data = form.cleaned_data
    ids = None if data["all"] else data["line"]
    to = restructuring.destination(register, data["destination"])
    here = f"{request.path}?{request.GET.urlencode()}" if request.GET else request.path
    move = line_move(year, row, to=to, ids=ids, text=text)
    number = "1 line" if len(move.ids) == 1 else f"{len(move.ids):,} lines"
    return Proposal(
        question=f"Move {number} to {to.name}?",
        done=f"{number} now {'hangs' if number == '1 line' else 'hang'} on {to.name}.",
        see=lambda: preview_lines(year, move),
        store=lambda revision: services.move_lines(
            year=year,
            code=row.code,
            destination=to.code,
            lines=ids,
            text=text,
            reason=data["reason"],
            revision=revision,
            by=request.user,
        ),
        back=here,
        on=reverse("lines-move", args=[year.start, row.code]),
        heads=("Lines", "From", "To"),
    )


def roll(request: LoggedInRequest, start: int) -> HttpResponse:
    """Make the next year from this one; once it is there, what to do next."""
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
    context = _context(year) | {
        "next_label": financial_year_label(year.start + 1),
        "following": following,
        "has_figures": following is not None and latest_figures(following) is not None,
        "following_structure": structure(following) if following else None,
        "carried": None if following else roll_forward(year),
        "may_upload": may_upload(request.user),
        "refused": refused,
    }
    status = _status(None, refused)
    return render(request, "monitoring/roll_forward.html", context, status=status)
