"""Uploads as pages show them."""

import datetime
import zlib
from dataclasses import dataclass

from django.db.models import QuerySet

from council_finance import registry
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.uploads.origins import Origins, OriginsOfSheets, read_origins
from monitoring.structure.models import FinancialYear, Period, Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.models import UNDER_WAY, Upload, UploadOrigins, UploadState

LAST_UPLOADS = 10

_WARNINGS = {
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
    """Every upload without its file, which pages never need."""
    return Upload.objects.defer("content").select_related("year", "job", "uploaded_by")


def file_content(upload: Upload) -> bytes:
    """The file as it was brought in; it is kept compressed. Raises Refused where no longer kept."""
    content = bytes(upload.content)
    if not content:
        raise Refused(
            "This file is no longer kept: it was not stored, or was replaced, and its time is "
            "over. Upload it again."
        )
    return zlib.decompress(content)


def origins_of(upload: Upload) -> Origins | OriginsOfSheets | None:
    """The cells behind each row that a layout's steps made; None where it had no steps."""
    kept = UploadOrigins.objects.filter(upload=upload).first()
    return read_origins(bytes(kept.content)) if kept else None


def period_of(upload: Upload) -> Period | None:
    """The period that a file is for; None where it is for the whole year."""
    return (
        Period.objects.filter(year=upload.year, number=upload.period).select_related("year").first()
    )


def uploads_under_way(year: FinancialYear) -> list[Upload]:
    """The year's uploads that have not ended: being checked or stored, or waiting for a person."""
    return _named(uploads().filter(year=year, state__in=UNDER_WAY).order_by("pk"))


def last_uploads(year: FinancialYear, period: int | None) -> list[Upload]:
    """The latest uploads of a period, or of the whole year, the last one first."""
    return _named(uploads().filter(year=year, period=period).order_by("-pk")[:LAST_UPLOADS])


def _named(found: QuerySet[Upload]) -> list[Upload]:
    """Uploads with the words for their kind."""
    for upload in found:
        kind = registry.upload_kind(upload.kind, per_period=upload.period is not None)
        upload.kind_label = kind.label
    return list(found)


def scope_service(year: FinancialYear, code: str) -> Service:
    """The service that an upload is limited to. Raises Refused where it has no place today."""
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
    """The service that the upload is limited to; None where it is not."""
    if not upload.scope:
        return None
    return Service.objects.filter(year=upload.year, code=upload.scope).first()


@dataclass(frozen=True)
class Change:
    """A row of what a file changes: how many lines, pounds, and what these are.

    `far` counts forecasts far from the month before; `told`: lines of it are among the warnings.
    """

    key: str
    label: str
    measure: str
    lines: int
    amount: str
    far: int
    told: bool


def changes_of(upload: Upload) -> list[Change]:
    """What a position file changes against the month before, sum by sum."""
    found = upload.changes.get("before") or {}
    told = {warning.get("about") for warning in upload.warnings}
    return [
        Change(
            key=key,
            label=label,
            measure=measure,
            lines=found[key]["lines"],
            amount=_pounds(found[key]["pence"], signed=key in _NET),
            far=found[key].get("far", 0),
            told=key in told,
        )
        for key, (label, measure) in _CHANGES.items()
        if key in found
    ]


def _pounds(pence: int, *, signed: bool) -> str:
    return f"+{plain_pounds(pence)}" if signed and pence > 0 else plain_pounds(pence)


def warnings_by_kind(upload: Upload) -> list[tuple[str, str, list[dict]]]:
    """The warnings kind by kind: its key, its title and those that are kept."""
    kinds = [
        (key or "other", title, [each for each in upload.warnings if each.get("about", "") == key])
        for key, title in _WARNINGS.items()
    ]
    kinds = [kind for kind in kinds if kind[2]]
    return (
        [("other", "On this file", kinds[0][2])] if [k for k, *_ in kinds] == ["other"] else kinds
    )


def may_be_matched(upload: Upload) -> bool:
    """Whether the file was left unstored and has headings of its own, which a person can match."""
    ended = (UploadState.REFUSED, UploadState.WITHDRAWN)
    return upload.state in ended and upload.headings is not None


def has_known_columns(upload: Upload) -> bool:
    """Whether the file's own headings are the product's, or a layout's that was chosen."""
    return bool(upload.layout_name or (upload.headings or {}).get("known"))


def sheets_to_choose(upload: Upload) -> list[dict]:
    """The sheets of a file that is not stored, name and whether visible, where there are several.

    Those that were read stand first.
    """
    read = [{"name": name, "visible": True} for name in upload.reading.get("sheets", ())]
    sheets = [*read, *upload.reading.get("others", ())]
    kept = upload.state in (UploadState.READY, UploadState.REFUSED, UploadState.WITHDRAWN)
    return sheets if kept and len(sheets) > 1 else []


def waits(upload: Upload) -> bool:
    """Whether the file is checked and waits for a person's confirmation."""
    return upload.state == UploadState.READY


def alike_codes_of(upload: Upload) -> list[dict]:
    """New codes of a checked file beside the known ones that they look like, as `changes` does."""
    return upload.changes.get("alike", []) if waits(upload) else []


def typed_differences(upload: Upload) -> list[dict]:
    """Typed forecasts that differ from the file's, as `changes` lists them, with times."""
    return [
        entry | {"at": datetime.datetime.fromisoformat(entry["at"])}
        for entry in upload.changes.get("typed", ())
    ]
