"""The pages of layouts: list, one layout in words, try it on a file, rename, delete, TOML."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from council_finance.accounts.current_user import current_user
from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.uploads.layout_toml import write_layout_toml
from council_finance.uploads.layout_words import describe_layout
from council_finance.uploads.layouts import read_layout
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.people.rights import may_read_settings, may_see_audit, require
from monitoring.uploading.layout_forms import ImportForm, RenameForm, TrialForm
from monitoring.uploading.rights import why_not_change_layouts, why_not_save_layout
from monitoring.uploading.selectors.layouts import (
    columns_of_kinds,
    find_layout,
    kinds_named,
    label_of_kind,
    layout_by_name,
    layout_record,
    layout_versions,
    layouts_by_kind,
    names_of_kinds,
    uploads_of_layout,
)
from monitoring.uploading.services import layouts as services
from monitoring.uploading.services.trials import try_layout

_UPLOADS_SHOWN = 10


@require_safe
def layouts(request: LoggedInRequest) -> HttpResponse:
    """List the saved layouts by kind of file."""
    require(may_read_settings(current_user(request)))
    context = {
        "kinds": layouts_by_kind(),
        "may_import": bool(_kinds_to_save(request)),
        "nav_section": "settings",
    }
    return render(request, "monitoring/layouts.html", context)


@require_safe
def layout(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Show one layout in plain sentences, with its versions and the uploads read through it."""
    return _render_layout(request, pk)


def _layout_context(request: LoggedInRequest, pk: int) -> dict[str, Any]:
    """Return what every page of one layout shows. Raise `PermissionDenied` or `Http404`."""
    user = current_user(request)
    require(may_read_settings(user))
    found = get_object_or_404(find_layout(pk))
    versions = layout_versions(found)
    kinds = kinds_named(found.kind)
    return {
        "layout": found,
        "kind_label": label_of_kind(found.kind),
        "kinds": kinds,
        "versions": versions,
        "version": versions[0],
        "may_save": not why_not_save_layout(user, kinds),
        "may_change": not why_not_change_layouts(user),
        "nav_section": "settings",
    }


def _render_layout(
    request: LoggedInRequest, pk: int, rename: RenameForm | None = None, **sent: Any
) -> HttpResponse:
    """Return the page of a layout; `sent` is what was refused and the status of the answer."""
    context = _layout_context(request, pk)
    found, used = context["layout"], uploads_of_layout(context["layout"])
    record = layout_record(found)
    specs = columns_of_kinds(context["kinds"])
    context |= {
        "words": describe_layout(read_layout(context["version"].definition), specs),
        "uploads": used[:_UPLOADS_SHOWN],
        "upload_count": used.count(),
        "rename": rename or RenameForm(initial={"name": found.name}),
        "refused": sent.get("refused", ()),
        "history": history_of(record),
        "history_record": record if may_see_audit(current_user(request)) else "",
    }
    return render(request, "monitoring/layout.html", context, status=sent.get("status", 200))


@require_safe
def by_name(request: LoggedInRequest, name: str) -> HttpResponse:
    """Lead from a layout's name, as the audit trail has it, to its page."""
    require(may_read_settings(current_user(request)))
    return redirect("layout", get_object_or_404(layout_by_name(name)).pk)


@require_safe
def export(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Download a layout as the TOML file that `save_layout` takes."""
    context = _layout_context(request, pk)
    found, specs = context["layout"], columns_of_kinds(context["kinds"])
    text = write_layout_toml(context["version"].definition, specs)
    response = HttpResponse(text.encode(), content_type="application/toml; charset=utf-8")
    file_name = slugify(found.name) or f"layout-{found.pk}"
    response["Content-Disposition"] = f'attachment; filename="{file_name}.toml"'
    return response


def trial(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Read a file through a layout and show what would be read; nothing is stored."""
    context = _layout_context(request, pk)
    form = TrialForm(context["kinds"], request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file, period = form.cleaned_data["file"], form.cleaned_data["period"]
            try:
                context["trial"] = try_layout(
                    version=context["version"], content=file.read(), period=period
                )
                context["file_name"], status = file.name, 200
            except Refused as refused:
                for message in refused.messages:
                    form.add_error("file", message)
    context["form"] = form
    return render(request, "monitoring/layout_trial.html", context, status=status)


@require_POST
def rename(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Give a layout another name."""
    found = _layout_to_change(request, pk)
    form = RenameForm(request.POST)
    if not form.is_valid():
        return _render_layout(request, pk, form, status=422)
    try:
        services.rename_layout(
            layout=found, name=form.cleaned_data["name"], by=current_user(request)
        )
    except Refused as refused:
        for message in refused.messages:
            form.add_error("name", message)
        return _render_layout(request, pk, form, status=409)
    messages.success(request, "Renamed. Uploads read earlier keep the name that it had.")
    return redirect("layout", pk)


def delete(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Ask whether a layout is to be deleted, and delete it once that is confirmed."""
    found = _layout_to_change(request, pk)
    if request.method == "POST" and request.POST.get("confirm") == "yes":
        services.delete_layout(layout=found, by=current_user(request))
        messages.success(request, f"The layout {found.name} is deleted.")
        return redirect("layouts")
    context = _layout_context(request, pk) | {"upload_count": uploads_of_layout(found).count()}
    status = 422 if request.method == "POST" else 200
    return render(request, "monitoring/layout_delete.html", context, status=status)


def _layout_to_change(request: LoggedInRequest, pk: int) -> Any:
    require(not why_not_change_layouts(current_user(request)))
    return get_object_or_404(find_layout(pk))


@require_POST
def restore(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Put an earlier version of a layout back, as its newest version."""
    context = _layout_context(request, pk)
    require(context["may_save"])
    numbers = {str(version.number): version.number for version in context["versions"]}
    number = numbers.get(request.POST.get("number", ""), 0)
    try:
        version = services.restore_version(
            layout=context["layout"], number=number, by=current_user(request)
        )
    except Refused as refused:
        return _render_layout(request, pk, refused=refused.messages, status=409)
    messages.success(request, f"Version {number} is in use again, as version {version.number}.")
    return redirect("layout", pk)


def import_file(request: LoggedInRequest) -> HttpResponse:
    """Save a layout from a TOML file: a new one, or a new version of the one of that name."""
    kinds = _kinds_to_save(request)
    require(bool(kinds))
    form, status = ImportForm(kinds, request.POST or None, request.FILES or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            name, kind, definition = (form.cleaned_data[key] for key in ("name", "kind", "file"))
            try:
                version = services.save_layout(
                    name=name, kind=kind, definition=definition, by=current_user(request)
                )
                messages.success(request, f"Saved as version {version.number}.")
                return redirect("layout", version.layout_id)
            except Refused as refused:
                status = 409
                for message in refused.messages:
                    form.add_error("file", message)
    context = {"form": form, "nav_section": "settings"}
    return render(request, "monitoring/layout_import.html", context, status=status)


def _kinds_to_save(request: LoggedInRequest) -> list[tuple[str, str]]:
    """Return name and label of the kinds of file for which a person may save layouts."""
    user = current_user(request)
    return [
        (name, label_of_kind(name))
        for name in names_of_kinds()
        if not why_not_save_layout(user, kinds_named(name))
    ]
