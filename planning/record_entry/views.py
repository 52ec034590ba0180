"""The page on which a record is entered or changed, with the rows under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from council_finance.accounts.current_user import current_user
from council_finance.errors import Refused
from monitoring.people.rights import require
from monitoring.structure.selectors.calendar import years
from planning.record_entry.forms import PartForms, PartRows, RecordForm
from planning.record_entry.records import (
    RecordKind,
    RecordPart,
    StoredRecord,
    lists_of,
    stored_record,
)
from planning.record_entry.services import (
    RecordRefused,
    SavedRecord,
    TypedRecord,
    change_record,
    enter_record,
    may_enter_records,
)

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
        except RecordRefused as refused:
            form.add_problems(refused.problems.get(self.record.kind, []))
            for part, forms in parts:
                rows = _typed_rows(forms)
                for problem in refused.problems.get(part.kind, []):
                    rows[problem.row or 0].add_problems([problem])
            return self._render_page(form, parts, status=422)
        except Refused as refused:
            return self._render_page(form, parts, refused.messages, status=409)
        words = "is saved" if saved.has_changed else "is as it was"
        messages.success(self.request, f"{saved.reference} {words}.")
        for warning in saved.warnings:
            messages.warning(self.request, warning)
        return redirect(self.address, self.year.start, saved.reference)

    def _store_record(self, typed: TypedRecord, seen: str) -> SavedRecord:
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
        return RecordForm(
            self.request.POST if self.request.method == "POST" else None,
            record=self.record,
            lists=lists_of(self.record, self.year),
            is_new=not self.reference,
            initial={**stored.own, "seen": stored.digest} if stored else {},
        )

    def _part_forms(self, stored: StoredRecord | None) -> list[tuple[RecordPart, Any]]:
        lists = lists_of(self.record, self.year)
        data = self.request.POST if self.request.method == "POST" else None
        found = []
        for part in self.record.parts:
            rows = PartForms(
                data,
                prefix=part.kind,
                initial=stored.parts[part.kind] if stored else [],
                form_kwargs={"record": self.record, "specs": part.specs, "lists": lists},
            )
            cast(PartRows, rows).form_name = part.noun.capitalize()
            found.append((part, rows))
        return found

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
        return render(self.request, "planning/record_entry.html", context, status=status)


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
    require(may_enter_records(current_user(request), year))
    stored = stored_record(record, year, reference) if reference else None
    if reference and stored is None:
        raise Http404(f"There is no such {record.noun}.")
    page = EntryPage(request, record, year, reference, address)
    return page.save(stored) if request.method == "POST" else page.show(stored)
