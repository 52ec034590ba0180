"""The pages of the audit trail: search and download."""

import csv
import datetime
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.accounts.requests import LoggedInRequest
from council_finance.csv_safe import harmless
from council_finance.forms.fields import set_choices, text_field
from council_finance.periods import YEARS
from council_finance.typed_text import whole_number
from monitoring.audit.selectors.audit_trail import (
    AuditRow,
    Search,
    audit_page,
    audit_rows,
    people,
    recent_actions,
)
from monitoring.people.rights import may_see_audit, require

_HEADINGS = ("Entry", "When", "Who", "What was done", "Record", "Detail")


class _DayField(forms.DateField):
    """A day, as the browser's own field sends it or as people write it."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": f"{label}: write the day as 30/06/2019."},
        )

    def prepare_value(self, value: Any) -> datetime.date | None:
        """Return the day that was sent, for the browser's field; blank where it is none."""
        try:
            return self.to_python(value)
        except forms.ValidationError:
            return None

    def clean(self, value: Any) -> datetime.date | None:
        """Refuse a day outside the years that the product knows."""
        day: datetime.date | None = super().clean(value)
        if day is not None and day.year not in YEARS:
            raise forms.ValidationError(self.error_messages["invalid"])
        return day


class AuditSearchForm(forms.Form):
    """A search of the audit trail, which is part of the page's address."""

    record = text_field(
        "Record",
        "All or part of its name: upload 5, period 3, V-2019-001",
        max_length=200,
        required=False,
    )
    whole = forms.BooleanField(label="Match the record’s whole name", required=False)
    person = forms.ChoiceField(
        label="Person",
        required=False,
        error_messages={"invalid_choice": "Person: choose someone from the list."},
    )
    action = text_field("What was done", max_length=60, attrs={"list": "actions"}, required=False)
    since = _DayField("From")
    until = _DayField("To")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "person", [("", "Anyone"), *people()])

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since is not None and until is not None and until < since:
            self.add_error("until", "To: choose a day that is not before the first.")
        return self.cleaned_data

    def search(self) -> Search:
        """Return the search, once the form is valid."""
        return Search(**self.cleaned_data)


@require_safe
def audit(request: LoggedInRequest) -> HttpResponse:
    """Show the audit trail, the newest first, fifty entries at a time."""
    require(may_see_audit(current_user(request)))
    form = AuditSearchForm(request.GET)
    context = {
        "form": form,
        "actions": recent_actions(),
        "nav_section": "audit",
    }
    if not form.is_valid():
        return render(request, "monitoring/audit.html", context, status=422)
    search = form.search()
    before = _read_before(request)
    page = audit_page(search, before)
    asked = _write_query(search)
    context |= {
        "caption": "What matches" if asked else "Everything that was done",
        "rows": page.rows,
        "asked": asked,
        "newest": before is None,
        "older": _write_query(search, before=page.before) if page.before else "",
    }
    return render(request, "monitoring/audit.html", context)


@require_safe
def download(request: LoggedInRequest) -> HttpResponseBase:
    """Download every entry that matches as a CSV file, written while it is read."""
    require(may_see_audit(current_user(request)))
    form = AuditSearchForm(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('audit')}?{request.GET.urlencode()}")
    response = StreamingHttpResponse(
        _csv_lines(audit_rows(form.search())), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="audit-trail.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _read_before(request: LoggedInRequest) -> int | None:
    text = request.GET.get("before", "")
    if text and whole_number(text, digits=18) is None:
        raise Http404("There is no such page.")
    return int(text) if text else None


def _write_query(search: Search, **more: int) -> str:
    """Return the search as the query of an address; empty where every field is empty."""
    asked = {name: value for name, value in asdict(search).items() if value}
    if "whole" in asked:
        asked["whole"] = 1
    return urlencode(asked | more)


class _LineEcho:
    """A file for a csv writer that returns each line written to it."""

    def write(self, text: str) -> str:
        return text


def _csv_lines(rows: Iterator[AuditRow]) -> Iterator[str]:
    writer = csv.writer(_LineEcho())
    yield writer.writerow(_HEADINGS)
    for row in rows:
        at = timezone.localtime(row.at).isoformat(timespec="seconds")
        detail = "; ".join(str(line) for line in row.lines)
        words = (row.who, row.action, row.record, detail)
        yield writer.writerow([row.pk, at, *(harmless(each) for each in words)])
