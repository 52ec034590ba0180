"""A year's settings as a pack.toml: downloaded, and imported once its effect was shown."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from monitoring.people.rights import may_change_settings, may_read_settings, require
from monitoring.settings.forms.import_form import LARGEST, ImportForm, read_for_year
from monitoring.settings.pack_file import PackFile, write_pack_file
from monitoring.settings.selectors import import_previews
from monitoring.settings.services import ChangedMeanwhile, digest_of_year, import_settings
from monitoring.structure.selectors.calendar import years

if TYPE_CHECKING:
    from monitoring.structure.models import FinancialYear


@require_safe
def download(request: LoggedInRequest, start: int) -> HttpResponse:
    """Download the council and settings of a year as a pack.toml."""
    require(may_read_settings(current_user(request)))
    year = get_object_or_404(years(), start=start)
    content = write_pack_file(year.council, year.start, year.settings)
    response = HttpResponse(content, content_type="application/toml")
    response["Content-Disposition"] = 'attachment; filename="pack.toml"'
    response["Cache-Control"] = "no-store"
    return response


def import_file(request: LoggedInRequest, start: int) -> HttpResponse:
    """Check a pack.toml, show what it would change, and store all of it."""
    require(may_change_settings(current_user(request)))
    year = get_object_or_404(years(), start=start)
    if request.method != "POST":
        return _draw_form(request, year, ImportForm(year))
    if request.POST.get("do") == "store":
        return _store_import(request, year)
    form = ImportForm(year, request.POST, request.FILES)
    if not form.is_valid():
        return _draw_form(request, year, form, status=422)
    return _draw_preview(request, year, form.cleaned_data["file"], form.cleaned_data["pack"])


def _store_import(request: LoggedInRequest, year: FinancialYear) -> HttpResponse:
    """Store the file that the preview sent again."""
    try:
        content = _read_sent(request.POST.get("content", ""))
        pack = read_for_year(content, year)
    except Refused as refused:
        return _draw_form(request, year, ImportForm(year), refused=refused.messages, status=422)
    try:
        import_settings(
            year=year, pack=pack, by=current_user(request), before=request.POST.get("shown", "")
        )
    except ChangedMeanwhile as changed:
        year.refresh_from_db()
        return _draw_preview(request, year, content, pack, meanwhile=changed.messages)
    except Refused as refused:
        return _draw_form(request, year, ImportForm(year), refused=refused.messages, status=409)
    messages.success(request, f"The settings of {year.label} are those of the file.")
    return redirect("settings-year", year.start)


def _read_sent(text: str) -> bytes:
    """Return the content that the preview sent again. Raise `Refused` where it is none."""
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Refused("The file did not arrive. Choose it again.") from error
    if not 0 < len(content) <= LARGEST:
        raise Refused("The file did not arrive. Choose it again.")
    return content


def _draw_form(
    request: LoggedInRequest,
    year: FinancialYear,
    form: ImportForm,
    *,
    refused: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = _page_context(year) | {"form": form, "refused": refused or []}
    return render(request, "monitoring/settings_import.html", context, status=status)


def _draw_preview(
    request: LoggedInRequest,
    year: FinancialYear,
    content: bytes,
    pack: PackFile,
    *,
    meanwhile: list[str] | None = None,
) -> HttpResponse:
    context = _page_context(year) | {
        "pack": pack,
        "previews": import_previews(year, pack),
        "new_council": pack.council if pack.council != year.council else "",
        "content": base64.b64encode(content).decode(),
        "shown": digest_of_year(year),
        "meanwhile": meanwhile or [],
    }
    status = 409 if meanwhile else 200
    return render(request, "monitoring/settings_import_preview.html", context, status=status)


def _page_context(year: FinancialYear) -> dict[str, Any]:
    return {"year": year, "council": year.council, "nav_section": "settings"}
