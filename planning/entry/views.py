"""Pages on which the rows of the plan are listed, entered, changed and removed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from council_finance.accounts.current_user import current_user
from council_finance.errors import Refused
from monitoring.models import FinancialYear
from monitoring.people.rights import may_see_drafts, require
from monitoring.structure.selectors.calendar import years
from planning.entry.changes import RowChange
from planning.entry.forms import RowForm, choices_of_year
from planning.entry.registers import REGISTERS, EntryRegister
from planning.entry.rows import (
    Key,
    StoredRows,
    digest_of,
    refusals_of,
    row_texts,
    stored_rows,
)
from planning.entry.selectors import (
    EffectTable,
    describe_effect,
    describe_row,
    list_rows,
    references_to_name,
)
from planning.entry.services import RowClashed, RowRefused, preview_change, save_change
from planning.entry.storing import Saved, may_enter

_REMOVE = ("remove", "confirm-remove")


@require_safe
def rows(request: HttpRequest, start: int, name: str) -> HttpResponse:
    """List the rows of a register, with the way to enter another."""
    year, register = find_register(start, name)
    require(may_see_drafts(request.user))
    stored = stored_rows(register, year)
    refusals = refusals_of(stored)
    may_enter_rows = may_enter(current_user(request), name, year)
    context = page_context(year, register) | {
        "list": list_rows(stored),
        "refusals": refusals,
        "may_enter": not refusals and may_enter_rows and not year.is_archived,
        "registers": REGISTERS.values(),
    }
    return render(request, "planning/entry/rows.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def row(request: HttpRequest, start: int, name: str) -> HttpResponse:
    """Show a row or a new one, then what it would do, and store it once that was seen."""
    year, register = find_register(start, name)
    require(may_enter(current_user(request), name, year))
    page = RowPage(request, year, stored_rows(register, year))
    if page.key and page.stored.place_of(page.key) is None and request.method != "POST":
        raise Http404("There is no such row.")
    if request.method != "POST":
        return page.render(page.first_form())
    if request.POST.get("action") in _REMOVE:
        return page.remove()
    return page.enter()


def find_register(start: int, name: str) -> tuple[FinancialYear, EntryRegister]:
    """Return the year and the register. Raise `Http404` where there is none."""
    if name not in REGISTERS:
        raise Http404("There is no such register.")
    return get_object_or_404(years(), start=start), REGISTERS[name]


def page_context(year: FinancialYear, register: EntryRegister) -> dict[str, Any]:
    """Return what the pages of a register have in common."""
    return {
        "year": year,
        "council": year.council,
        "register": register,
        "nav_section": "home",
    }


def tell_saved(request: HttpRequest, saved: Saved, sentence: str) -> None:
    """Say on the next page what was saved, and what its file would warn of."""
    if saved.has_changed:
        messages.success(request, sentence)
    else:
        messages.info(request, "Nothing had changed, so nothing was saved.")
    for warning in saved.warnings:
        messages.warning(request, warning)


class RowPage:
    """The page of a row: `key` names the stored row, empty for a new one."""

    def __init__(self, request: HttpRequest, year: FinancialYear, stored: StoredRows):
        self.request, self.year, self.stored = request, year, stored
        self.user = current_user(request)
        self.key: Key = tuple(request.GET.getlist("key"))
        self.lists = references_to_name(year, stored)

    def enter(self) -> HttpResponse:
        """Preview or store the row that was sent."""
        form = self._make_form(self.request.POST)
        if not form.is_valid():
            return self.render(form, status=422)
        change = RowChange(self.stored.register, self.key, form.row, form.cleaned_data["seen"])
        # What was typed after the effect was shown has an effect that nobody has seen.
        is_seen = self.request.POST.get("previewed") == digest_of([form.row])
        store = self.request.POST.get("action") == "store" and is_seen
        return self._carry_out(change, form, store=store)

    def remove(self) -> HttpResponse:
        """Preview or carry out the removal of the row."""
        change = RowChange(
            self.stored.register, self.key, None, self.request.POST.get("seen", "")[:64]
        )
        confirmed = self.request.POST.get("action") == "confirm-remove"
        return self._carry_out(change, self.first_form(), store=confirmed)

    def _carry_out(self, change: RowChange, form: RowForm, *, store: bool) -> HttpResponse:
        try:
            if not store:
                effect = preview_change(year=self.year, change=change, by=self.user)
                table = describe_effect(effect)
                return self.render(form, effect=table, removes=change.row is None)
            saved = save_change(year=self.year, change=change, by=self.user)
        except RowRefused as refused:
            for (_, column), fault in refused.cells.items():
                form.add_error(column, fault)
            return self.render(form, refused=refused.messages, status=422)
        except RowClashed as clashed:
            return self._render_clash(form, clashed)
        except Refused as refused:
            return self.render(form, refused=refused.messages, status=409)
        done = "removed" if change.row is None else "saved"
        tell_saved(self.request, saved, f"The {change.register.noun} is {done}.")
        return redirect("plan-entry", self.year.start, change.register.name)

    def first_form(self) -> RowForm:
        """Return the form as the row is stored, or empty for a new one."""
        place = self.stored.place_of(self.key) if self.key else None
        texts = {} if place is None else row_texts(self.stored, self.stored.rows[place])
        return self._make_form(None, initial=texts | {"seen": self.stored.digest})

    def _make_form(self, data: Any, **options: Any) -> RowForm:
        list_ids = {name: f"known-{name}" for name in self.lists}
        choices = choices_of_year(self.year, self.stored.lists)
        return RowForm(self.stored, data, choices=choices, list_ids=list_ids, **options)

    def _render_clash(self, form: RowForm, clashed: RowClashed) -> HttpResponse:
        """Render what was typed beside what is stored now, to be saved after a look."""
        if form.is_bound:
            form = self._make_form(self.request.POST.dict() | {"seen": self.stored.digest})
        place = self.stored.place_of(self.key) if self.key else None
        theirs = [] if place is None else describe_row(self.stored, self.stored.rows[place])
        return self.render(form, refused=clashed.messages, theirs=theirs, status=409)

    def render(
        self,
        form: RowForm,
        *,
        effect: EffectTable | None = None,
        removes: bool = False,
        refused: list[str] | tuple[str, ...] = (),
        theirs: list[tuple[str, str]] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """Render the page with what was typed and what it would do."""
        context = page_context(self.year, self.stored.register) | {
            "form": form,
            "key": self.key,
            "name": " ".join(self.key),
            "seen": self.stored.digest,
            "effect": effect,
            "previewed": digest_of([form.row]),
            "removes": removes,
            "refused": refused,
            "theirs": theirs,
            "lists": self.lists,
            "amounts": self._describe_amounts(),
        }
        return render(self.request, "planning/entry/row.html", context, status=status)

    def _describe_amounts(self) -> str:
        """Return what the columns of years hold, in words."""
        return self.stored.register.describe_amounts(self.year)
