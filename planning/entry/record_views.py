"""The page on which a record is entered or changed, with the rows under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from council_finance.accounts.current_user import current_user
from council_finance.errors import Refused
from monitoring.people.rights import require
from monitoring.structure.selectors.calendar import years
from planning.entry.forms import PartForms, PartRows, RecordForm, choices_of_year
from planning.entry.record_services import TypedRecord, change_record, enter_record
from planning.entry.records import (
    RecordKind,
    RecordPart,
    StoredRecord,
    lists_of,
    stored_record,
)
from planning.entry.storing import Saved, TableRefused, may_enter
from planning.entry.views import tell_saved

if TYPE_CHECKING:
    from monitoring.models import FinancialYear


@dataclass(frozen=True)
class EntryPage:
    """The page of one record of a year, which is new where `reference` is "".

    `address` is the name of the record's own page, to which saving leads.
    """

    request: HttpRequest
    record: RecordKind
    year: FinancialYear
    reference: str
    address: str

    def show(self, stored: StoredRecord | None) -> HttpResponse:
        """Show the forms with what is stored."""
        return self._render_page(self._record_form(stored), self._part_forms(stored))

    def save(self, stored: StoredRecord | None) -> HttpResponse:
        """Store what was typed, or show it with its faults."""
        form, parts = self._record_form(stored), self._part_forms(stored)
        if not (form.is_valid() and all(each.is_valid() for _, each in parts)):
            return self._render_page(form, parts, status=422)
        typed = TypedRecord(
            form.texts,
            {part.kind: [row.texts for row in _typed_rows(forms)] for part, forms in parts},
        )
        try:
            saved = self._store_record(typed, form.cleaned_data["seen"])
        except TableRefused as refused:
            if refused.kind == self.record.kind:
                form.add_problems(refused.problems)
            for rows in (_typed_rows(rows) for part, rows in parts if part.kind == refused.kind):
                for problem in refused.problems:
                    rows[problem.row or 0].add_problems([problem])
            return self._render_page(form, parts, status=422)
        except Refused as refused:
            return self._render_page(form, parts, refused.messages, status=409)
        tell_saved(self.request, saved, f"{saved.name} is saved.")
        return redirect(self.address, self.year.start, saved.name)

    def _store_record(self, typed: TypedRecord, seen: str) -> Saved:
        user = current_user(self.request)
        if not self.reference:
            return enter_record(record=self.record, year=self.year, typed=typed, by=user)
        return change_record(
            record=self.record,
            year=self.year,
            reference=self.reference,
            typed=typed,
            seen=seen,
            by=user,
        )

    def _record_form(self, stored: StoredRecord | None) -> RecordForm:
        record, is_new = self.record, not self.reference
        # A stored record keeps its reference.
        specs = [spec for spec in record.specs if is_new or spec.name != "reference"]
        return RecordForm(
            self._posted_data,
            specs=specs,
            initial={**stored.own, "seen": stored.digest} if stored else {},
            **self._form_options,
        )

    def _part_forms(self, stored: StoredRecord | None) -> list[tuple[RecordPart, Any]]:
        found = []
        for part in self.record.parts:
            rows = PartForms(
                self._posted_data,
                prefix=part.kind,
                initial=stored.parts[part.kind] if stored else [],
                form_kwargs={"specs": part.specs, "asks_needed": False, **self._form_options},
            )
            cast(PartRows, rows).form_name = part.noun.capitalize()
            found.append((part, rows))
        return found

    @property
    def _posted_data(self) -> Any:
        return self.request.POST if self.request.method == "POST" else None

    @cached_property
    def _form_options(self) -> dict[str, Any]:
        """Return what the forms of the record and of its rows have in common."""
        record = self.record
        choices = choices_of_year(self.year, lists_of(record, self.year))
        return {"choices": choices, "labels": record.labels, "long": record.long}

    def _render_page(
        self,
        form: RecordForm,
        parts: list[tuple[RecordPart, Any]],
        refused: Sequence[str] = (),
        status: int = 200,
    ) -> HttpResponse:
        back = reverse("year", args=[self.year.start])
        if self.reference:
            back = reverse(self.address, args=[self.year.start, self.reference])
        context = {
            "form": form,
            "parts": parts,
            "record": self.record,
            "reference": self.reference,
            "refused": refused,
            "invalid": [form, *(each for _, rows in parts for each in _list_faults(rows))],
            "year": self.year,
            "council": self.year.council,
            "back": back,
            "nav_section": "reports",
        }
        return render(self.request, "planning/entry/record.html", context, status=status)


def _list_faults(rows: Any) -> list[Any]:
    """Return rows for the list of faults, with what is wrong with them as a whole."""
    return [rows, *map(str, rows.non_form_errors())] if rows.is_bound else [rows]


def _typed_rows(forms: Any) -> list[Any]:
    """Return the forms of rows in which anything was typed; emptied rows are taken out."""
    return [row for row in forms.forms if row.is_given]


def enter(
    request: HttpRequest, record: RecordKind, start: int, address: str, reference: str = ""
) -> HttpResponse:
    """Show or save the page of a record; `reference` is "" for a new one."""
    year = get_object_or_404(years(), start=start)
    require(may_enter(current_user(request), record.kind, year))
    stored = stored_record(record, year, reference) if reference else None
    if reference and stored is None:
        raise Http404(f"There is no such {record.noun}.")
    page = EntryPage(request, record, year, reference, address)
    return page.save(stored) if request.method == "POST" else page.show(stored)
