"""Uploads as pages show them."""

from typing import Any, NamedTuple

from django.db.models import QuerySet
from isal import isal_zlib

from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.prepared import prepared
from council_finance.uploads.origins import Origins, OriginsOfSheets, read_origins
from monitoring.structure.models import FinancialYear, Period, Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.models import UNDER_WAY, Upload, UploadOrigins, UploadState

LAST_UPLOADS = 10

_WARNINGS = {
    "questions": "Questions about figures",
    "new": "New lines",
    "gone": "Lines that are gone",
    "moved": "Lines that move to another service",
    "budgets": "Budgets that changed without a virement",
    "forecasts": "Forecasts far from the month before",
    "alike": "New codes that look like each other",
    "ledger": "Ledger figures in the file that are not the ledger’s now",
    "unbudgeted": "Lines without a budget",
    "": "Other warnings",
}
_CHANGES = {
    "new": ("New lines", "their current budget"),
    "gone": ("Lines that are gone", "their current budget before"),
    "moved": ("Lines that move to another service", "their current budget"),
    "budgets": ("Budgets that changed without a virement", "net change"),
    "forecasts": ("Forecasts that moved", "net change"),
}
_NET = ("budgets", "forecasts")


def uploads() -> QuerySet[Upload]:
    """Return every upload without its file, which pages never need."""
    return Upload.objects.defer("content").select_related("year", "job", "uploaded_by", "undone_by")


def file_content(upload: Upload) -> bytes:
    """Return the file as it was uploaded. Raise `Refused` where it is no longer kept."""
    if upload.file_in_hand is not None:
        return upload.file_in_hand
    content = bytes(upload.content)
    if not content:
        raise Refused(
            "This file is no longer kept: it was not stored, or was replaced, and its time is "
            "over. Upload it again."
        )
    return isal_zlib.decompress(content)


def origins_of(upload: Upload) -> Origins | OriginsOfSheets | None:
    """Return the cells behind each row that a layout's steps made; None without steps."""
    kept = UploadOrigins.objects.filter(upload=upload).first()
    return read_origins(bytes(kept.content)) if kept else None


def period_of(upload: Upload) -> Period | None:
    """Return the period that a file is for; None where it is for the whole year."""
    if upload.period is None:
        return None
    periods = Period.objects.filter(year=upload.year, number=upload.period)
    return periods.select_related("year").first()


def uploads_under_way(year: FinancialYear) -> list[Upload]:
    """Return the year's uploads being checked or stored, or waiting for a person."""
    return _uploads_under_way_in(year.pk)


@prepared
def _uploads_under_way_in(year_id: int) -> QuerySet[Upload]:
    return uploads().filter(year=year_id, state__in=UNDER_WAY).order_by("pk")


def last_uploads(year: FinancialYear, period: int | None) -> QuerySet[Upload]:
    """Return the latest uploads of a period, or of the whole year, the last one first."""
    return uploads().filter(year=year, period=period).order_by("-pk")[:LAST_UPLOADS]


def stored_kinds(year: FinancialYear, period: int) -> set[str]:
    """Return the names of the kinds of file that a period has a stored file of."""
    stored = Upload.objects.filter(year=year, period=period, state=UploadState.STORED)
    return set(stored.values_list("kind", flat=True))


def kinds_in_use(year: FinancialYear) -> set[str]:
    """Return the names of the kinds of file that the year or the year before has a stored file of.

    A new year has few files yet: what the council used last year is what it will use again.
    """
    stored = Upload.objects.filter(
        year__council=year.council,
        year__start__in=(year.start - 1, year.start),
        state=UploadState.STORED,
    )
    return set(stored.values_list("kind", flat=True))


def scope_service(year: FinancialYear, code: str) -> Service:
    """Return the service that an upload is limited to. Raise `Refused` where it is not open."""
    service = Service.objects.filter(year=year, code=code).first()
    if service is None:
        raise Refused(f"There is no service with the code {code} in {year}.")
    tree = current_tree(year)
    if service.pk not in tree.open_ids:
        home = tree.register[tree.home(service.pk)]
        raise Refused(
            f"{service.code} ({service.name}) is closed; its lines stand under {home.code} "
            f"({home.name})."
        )
    return service


def service_of(upload: Upload) -> Service | None:
    """Return the service that the upload is limited to; None where it is not."""
    if not upload.scope:
        return None
    return Service.objects.filter(year=upload.year, code=upload.scope).first()


class Change(NamedTuple):
    """A row of the table of changes: how many lines, pounds, and what these are.

    `far` counts forecasts far from the month before. `told` says that warnings name the lines.
    """

    key: str
    label: str
    measure: str
    lines: int
    amount: str
    far: int
    told: bool


def changes_of(upload: Upload) -> list[Change]:
    """Return the sums of what a file of lines changes against the month before."""
    found = upload.found_changes.comparison
    sums = found.sums if found else {}
    told = {warning.get("about") for warning in upload.warnings}
    return [
        Change(
            key=key,
            label=label,
            measure=measure,
            lines=sums[key].lines,
            amount=_signed_pounds(sums[key].pence, signed=key in _NET),
            far=sums[key].far,
            told=key in told,
        )
        for key, (label, measure) in _CHANGES.items()
        if key in sums
    ]


def _signed_pounds(pence: int, *, signed: bool) -> str:
    return f"+{plain_pounds(pence)}" if signed and pence > 0 else plain_pounds(pence)


def warnings_by_kind(upload: Upload) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Return the warnings kind by kind: its key, its title and those that are kept."""
    kinds = [
        (key or "other", title, [each for each in upload.warnings if each.get("about", "") == key])
        for key, title in _WARNINGS.items()
    ]
    kinds = [kind for kind in kinds if kind[2]]
    return (
        [("other", "On this file", kinds[0][2])] if [k for k, *_ in kinds] == ["other"] else kinds
    )


def may_be_matched(upload: Upload) -> bool:
    """Return whether a file that is not stored has headings that a person can match."""
    ended = (UploadState.REFUSED, UploadState.WITHDRAWN)
    return upload.state in ended and upload.headings is not None


def sheets_to_choose(upload: Upload) -> list[dict[str, Any]]:
    """Return name and visibility of a file's sheets, those read first, where one may choose.

    That is while the file is not stored and has several.
    """
    read = [{"name": name, "visible": True} for name in upload.reading.get("sheets", ())]
    sheets = [*read, *upload.reading.get("others", ())]
    kept = upload.state in (UploadState.READY, UploadState.REFUSED, UploadState.WITHDRAWN)
    return sheets if kept and len(sheets) > 1 else []


def sheets_of(upload: Upload) -> list[str]:
    """Return the names of the sheets of a workbook that the check found; none of a CSV file."""
    others = [each["name"] for each in upload.reading.get("others", ())]
    return [*upload.reading.get("sheets", ()), *others]


def waits(upload: Upload) -> bool:
    """Return whether the file is checked and waits for a person's confirmation."""
    return upload.state == UploadState.READY
