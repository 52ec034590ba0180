"""The page that shows what undoing a stored file changes, and undoes it."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from council_finance.accounts.current_user import current_user
from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from monitoring.people.rights import require
from monitoring.uploading.decision_forms import UndoForm
from monitoring.uploading.prepared import kind_of
from monitoring.uploading.rights import may_upload_files, may_upload_kind
from monitoring.uploading.selectors.undo import preview_undo
from monitoring.uploading.selectors.uploads import period_of, service_of, uploads
from monitoring.uploading.services.undo import undo_upload
from monitoring.uploading.views.frame import year_context


def undo(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Show what undoing a stored file changes; undo it once a person has given the reason."""
    user = current_user(request)
    require(may_upload_files(user))
    upload = get_object_or_404(uploads(), pk=pk)
    kind = kind_of(upload)
    require(may_upload_kind(user, kind))
    form = UndoForm(request.POST or None)
    refused: Sequence[str] = ()
    if request.method == "POST" and form.is_valid():
        try:
            undo_upload(
                upload=upload,
                reason=form.cleaned_data["reason"],
                basis=form.cleaned_data["basis"],
                by=user,
            )
        except Refused as error:
            refused = error.messages
        else:
            return redirect("upload", pk)
    try:
        preview = preview_undo(upload, user)
    except Refused as error:
        preview, refused = None, refused or error.messages
    context = year_context(upload.year, period_of(upload)) | {
        "upload": upload,
        "kind": kind,
        "scope": service_of(upload),
        "form": form,
        "preview": preview,
        "refused": refused,
    }
    status = 422 if form.errors else 409 if refused and form.is_bound else 200
    return render(request, "monitoring/upload_undo.html", context, status=status)
