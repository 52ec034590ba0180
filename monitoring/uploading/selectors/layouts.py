"""The saved layouts for each kind of file, their versions and their use."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, QuerySet

from council_finance import registry
from council_finance.errors import Refused
from council_finance.registry import AnyKind
from council_finance.uploads.columns import ColumnSpec
from council_finance.uploads.layout_headings import locate_headings
from council_finance.uploads.layouts import read_layout
from council_finance.uploads.matching import join_heading_lines
from council_finance.uploads.saved_layout import SavedLayout
from monitoring.uploading.models import Layout, LayoutVersion, Upload


def layout_names(kinds: Sequence[str]) -> list[str]:
    """Return the names of the layouts for these kinds of file."""
    return list(Layout.objects.filter(kind__in=kinds).values_list("name", flat=True))


def saved_layout(name: str, kind: str) -> SavedLayout:
    """Return the layout of that name for a kind. Raise `Refused` with the names there are."""
    found = next((each for each in layouts_of(kind) if each.name == name), None)
    if found is None:
        names = layout_names([kind])
        known = f"The saved ones are: {', '.join(names)}." if names else "None is saved yet."
        raise Refused(f"There is no saved layout called “{name}” for {kind}. {known}")
    return found


def layouts_of(kind: str) -> list[SavedLayout]:
    """Return every saved layout for a kind of file, as its version in use says."""
    versions = versions_in_use().filter(layout__kind=kind).order_by("layout__name")
    return [as_saved(version) for version in versions]


def versions_in_use() -> QuerySet[LayoutVersion]:
    """Return the last version of each layout."""
    versions = LayoutVersion.objects.select_related("layout", "saved_by")
    return versions.annotate(last=Max("layout__versions__number")).filter(number=F("last"))


def as_saved(version: LayoutVersion) -> SavedLayout:
    """Return a version as files are read through it."""
    return SavedLayout(version.layout.name, version.definition, version.layout_id, version.number)


def layout_of_upload(upload: Upload) -> SavedLayout | None:
    """Return the layout that an upload keeps for itself; None where it is read without one."""
    if upload.layout is None:
        return None
    return SavedLayout(
        upload.layout_name, upload.layout, upload.saved_layout_id, upload.layout_version
    )


def layout_to_begin_with(upload: Upload) -> SavedLayout | None:
    """Return the layout with which the page about an upload's columns begins; None without one.

    It is the one that the file was read through, as its version in use says. Otherwise it is the
    layout of this kind of file used last of which at least half of the headings are in the file.
    """
    saved = layouts_of(upload.kind)
    if upload.layout is not None:
        own = [each for each in saved if each.id == upload.saved_layout_id]
        return own[0] if own else layout_of_upload(upload)
    if upload.headings is None:
        return None
    used = dict(
        Upload.objects.filter(saved_layout__kind=upload.kind)
        .order_by()
        .values_list("saved_layout")
        .annotate(last=Max("pk"))
    )
    by_use = sorted(saved, key=lambda each: used.get(each.id, 0), reverse=True)
    return next((each for each in by_use if _has_half(each, upload.headings)), None)


def _has_half(saved: SavedLayout, found: Mapping[str, Any]) -> bool:
    """Return whether a file has at least half of a layout's headings."""
    layout = read_layout(saved.definition)
    titles = list(found["headings"])
    lines = found.get("lines", [titles])[-layout.header_rows :]
    plain = [" ".join(filter(None, column)) for column in zip(*lines, strict=True)]
    located = locate_headings(layout, plain, join_heading_lines(lines))
    return 2 * sum(map(bool, located.values())) >= len(located)


class LayoutRow(NamedTuple):
    """A row of the list of layouts: its version in use, and the uploads read through it.

    `last_used` is None where no upload was read through any version.
    """

    version: LayoutVersion
    uploads: int
    last_used: datetime | None


class KindOfLayouts(NamedTuple):
    """The layouts for one kind of file, by name."""

    label: str
    rows: list[LayoutRow]


def layouts_by_kind() -> list[KindOfLayouts]:
    """Return the saved layouts, by kind of file in the order in which kinds are registered."""
    uses: dict[int, tuple[int, datetime]] = {
        each["saved_layout"]: (each["uploads"], each["last_used"])
        for each in Upload.objects.filter(saved_layout__isnull=False)
        .order_by()
        .values("saved_layout")
        .annotate(uploads=Count("pk"), last_used=Max("uploaded_at"))
    }
    by_kind: dict[str, list[LayoutRow]] = {}
    for version in versions_in_use():
        row = LayoutRow(version, *uses.get(version.layout_id, (0, None)))
        by_kind.setdefault(version.layout.kind, []).append(row)
    return [
        KindOfLayouts(label_of_kind(name), sorted(by_kind[name], key=_sort_by_name))
        for name in names_of_kinds()
        if name in by_kind
    ]


def _sort_by_name(row: LayoutRow) -> tuple[str, str]:
    return row.version.layout.name.casefold(), row.version.layout.name


def names_of_kinds() -> list[str]:
    """Return the name of each kind of file once, in the order in which they are registered."""
    return list(dict.fromkeys(kind.name for kind in registry.upload_kinds()))


def kinds_named(name: str) -> list[AnyKind]:
    """Return the kinds of file of that name: for the year, for a period, or both."""
    return [kind for kind in registry.upload_kinds() if kind.name == name]


def label_of_kind(name: str) -> str:
    """Return the words for a kind of file; its name where no app takes it any more."""
    return " / ".join(dict.fromkeys(kind.label for kind in kinds_named(name))) or name


def columns_of_kinds(kinds: Iterable[AnyKind]) -> tuple[ColumnSpec, ...]:
    """Return the columns of kinds of file, each name once."""
    return tuple({spec.name: spec for kind in kinds for spec in kind.columns}.values())


def layout_versions(layout: Layout) -> list[LayoutVersion]:
    """Return the versions of a layout, the one in use first."""
    return list(layout.versions.select_related("layout", "saved_by").order_by("-number"))


def uploads_of_layout(layout: Layout) -> QuerySet[Upload]:
    """Return the uploads that were read through any version of a layout, the last one first."""
    return Upload.objects.filter(saved_layout=layout).defer("content").select_related("year")


def find_layout(pk: int) -> QuerySet[Layout]:
    """Return the layout of that number, if there is one."""
    return Layout.objects.filter(pk=pk)


def layout_by_name(name: str) -> QuerySet[Layout]:
    """Return the layout of that name, if there is one."""
    return Layout.objects.filter(name=name)


def layout_record(layout: Layout) -> str:
    """Return the audit trail's name of a layout."""
    return f"layout {layout.name}"
