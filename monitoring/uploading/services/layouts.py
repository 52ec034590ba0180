"""What people do with layouts: save a version, restore one, rename and delete a layout."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.typed_text import holds_nul
from council_finance.uploads.layouts import LayoutError, read_layout
from council_finance.uploads.year_columns import year_names
from monitoring.uploading.models import Layout, LayoutVersion
from monitoring.uploading.rights import why_not_change_layouts, why_not_save_layout
from monitoring.uploading.selectors.layouts import kinds_named

LONGEST_NAME = 100


@transaction.atomic
def save_layout(
    *,
    name: str,
    kind: str,
    definition: Mapping[str, Any],
    by: User | None,
    seen_version: int | None = None,
) -> LayoutVersion:
    """Save a layout as a new version of the one of that name, or as the first. Raise `Refused`.

    A definition that is the one in use makes no new version. Uploads keep the definition that they
    were read through. A name is for one kind of file only. `seen_version` is the version from which
    a person began: where there is a later one, nothing is saved.
    """
    kinds = kinds_named(kind)
    if not kinds:
        raise Refused(f"There is no kind of upload called “{kind}”.")
    if by is not None and (fault := why_not_save_layout(by, kinds)):
        raise Refused(fault)
    name = _check_name(name)
    if holds_nul([name, definition]):
        raise Refused("The layout has a NUL character in a text, which cannot be stored.")
    try:
        layout = read_layout(definition)
    except LayoutError as error:
        raise Refused(*error.sentences) from error
    columns = {column.name for each in kinds for column in each.columns}
    if any(each.year_column for each in kinds):
        columns |= set(year_names(layout.made))
    if unknown := sorted(set(layout.made) - columns):
        raise Refused(*(f"No file of the kind {kind} has a column {column}." for column in unknown))
    saved, _ = Layout.objects.select_for_update().get_or_create(name=name, defaults={"kind": kind})
    if saved.kind != kind:
        raise Refused(
            f"There is a layout called “{name}” for another kind of file. Choose another name."
        )
    last = saved.versions.order_by("-number").first()
    if last is not None and seen_version is not None:
        _refuse_later_version(last, seen_version)
    if last is not None and last.definition == definition:
        return last
    return _add_version(saved, definition, by, kind=kind)


def _refuse_later_version(last: LayoutVersion, seen: int) -> None:
    """Raise `Refused` where a layout has a later version than the one that a person saw."""
    if last.number > seen:
        who = last.saved_by.name if last.saved_by else "a command"
        raise Refused(
            f"Version {last.number} of “{last.layout}” was saved by {who} since you opened this "
            "page. Open the page again to begin with that version, or give another name."
        )


def _check_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise Refused(f"A layout needs a name of at most {LONGEST_NAME} characters.")
    return name


def _add_version(
    layout: Layout, definition: Mapping[str, Any], by: User | None, **detail: Any
) -> LayoutVersion:
    last = layout.versions.order_by("-number").first()
    version = LayoutVersion.objects.create(
        layout=layout,
        number=last.number + 1 if last else 1,
        definition=definition,
        saved_by=by,
        saved_at=timezone.now(),
    )
    audit.record(
        by=by,
        action="saved a layout",
        on=f"layout {layout.name}",
        version=version.number,
        **detail,
    )
    return version


@transaction.atomic
def restore_version(*, layout: Layout, number: int, by: User) -> LayoutVersion:
    """Save an earlier version of a layout again, as its newest. Raise `Refused`."""
    if fault := why_not_save_layout(by, kinds_named(layout.kind)):
        raise Refused(fault)
    layout = Layout.objects.select_for_update().get(pk=layout.pk)
    wanted = layout.versions.filter(number=number).first()
    if wanted is None:
        raise Refused(f"The layout “{layout.name}” has no version {number}.")
    if wanted.definition == layout.definition:
        raise Refused(f"Version {number} reads files exactly as the version in use does.")
    return _add_version(layout, wanted.definition, by, restored=number)


@transaction.atomic
def rename_layout(*, layout: Layout, name: str, by: User) -> Layout:
    """Give a layout another name; uploads keep the name that it had. Raise `Refused`."""
    if fault := why_not_change_layouts(by):
        raise Refused(fault)
    name = _check_name(name)
    if holds_nul([name]):
        raise Refused("The name has a NUL character, which cannot be stored.")
    layout = Layout.objects.select_for_update().get(pk=layout.pk)
    before = layout.name
    if name == before:
        return layout
    if Layout.objects.filter(name=name).exists():
        raise Refused(f"There is a layout called “{name}” already. Choose another name.")
    layout.name = name
    layout.save(update_fields=["name"])
    audit.record(
        by=by, action="renamed a layout", on=f"layout {name}", name={"from": before, "to": name}
    )
    return layout


@transaction.atomic
def delete_layout(*, layout: Layout, by: User) -> None:
    """Delete a layout with its versions; uploads keep the definition that they were read through.

    Raise `Refused` where this person may not.
    """
    if fault := why_not_change_layouts(by):
        raise Refused(fault)
    layout = Layout.objects.select_for_update().get(pk=layout.pk)
    audit.record(
        by=by,
        action="deleted a layout",
        on=f"layout {layout.name}",
        kind=layout.kind,
        versions=layout.versions.count(),
    )
    layout.delete()
