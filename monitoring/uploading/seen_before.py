"""Figures that were uploaded before: last month's file, another year's, or nearly the same."""

from typing import Any

import pandas as pd
from django.db.models import QuerySet

from council_finance.registry import AnyKind
from council_finance.uploads.columns import CODE
from council_finance.uploads.problems import FileRefused
from council_finance.uploads.table import TypedTable
from monitoring.uploading.models import Upload, UploadState
from monitoring.uploading.pipeline.reading import read_upload
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.still_figures import StillFigures

QUESTIONS = "questions"
"""The subject of warnings that ask whether figures are right."""

_MOST_COMPARED = 200
_MOST_BYTES = 1_000_000
"""A larger file than this is not read again to be compared."""


def warn_of_known_figures(prepared: Prepared[object], target: Target, kind: AnyKind) -> None:
    """Warn where a period's file has, or nearly has, the figures of another period or year.

    Nothing is refused, as a figure can stay the same.
    """
    if kind.warn_of_still_lines:
        warned = kind.warn_of_still_lines(prepared, target)
    else:
        warned = _warn_of_same_rows(prepared.table, target, kind)
    if not warned:
        _warn_of_same_file(prepared, target, kind.name)


def warn_where_nothing_moved(table: TypedTable, still: StillFigures) -> bool:
    """Warn where all or nearly all of the figures counted are the same; return whether it did."""
    if not still.sentence:
        return False
    table.warn(still.sentence, about=QUESTIONS)
    return True


def _warn_of_same_rows(table: TypedTable, target: Target, kind: AnyKind) -> bool:
    """Compare rows with those of the nearest earlier period's file; return whether it warned."""
    last = _earlier_upload(target, kind.name)
    if last is None or last.size > _MOST_BYTES:
        return False
    try:
        before = read_upload(last)
    except FileRefused:
        return False  # the layout has changed since; nothing can be said
    keys = [spec.name for spec in kind.columns if spec.kind == CODE or spec.name == "name"]
    values = [name for name in table.given & before.given if name not in keys]
    now, then = (frame.frame[[*keys, *values]] for frame in (table, before))
    both = now.merge(then, on=keys, suffixes=("", "_then"))
    if not values or both.empty:
        return False
    same = sum(
        all(_are_equal(row[name], row[f"{name}_then"]) for name in values)
        for row in both.to_dict("records")
    )
    counted = max(len(now), len(then))
    place = f"month {last.period}" if last.period else "the approved budget"
    return warn_where_nothing_moved(table, StillFigures(same, counted, place, "nothing", "row"))


def _are_equal(one: Any, other: Any) -> bool:
    missing = pd.isna(one), pd.isna(other)
    return all(missing) if any(missing) else bool(one == other)


def _earlier_upload(target: Target, kind: str) -> Upload | None:
    stored = Upload.objects.filter(year=target.year, kind=kind, state=UploadState.STORED)
    earlier = stored.filter(period__lt=target.its_period.number, scope="")
    return earlier.order_by("-period", "-pk").first()


def _warn_of_same_file(prepared: Prepared[object], target: Target, kind: str) -> None:
    """Warn where the bytes, or the number of rows and every sum, are those of another upload."""
    upload, rows = target.upload, len(prepared.table.frame)
    stored = Upload.objects.filter(kind=kind, state=UploadState.STORED, period__isnull=False)
    same_bytes = stored.filter(sha256=upload.sha256)
    same_rows = stored.filter(row_count=rows, scope=upload.scope).exclude(sha256=upload.sha256)
    here = {"year": target.year, "period": target.its_period.number}
    for found, how in ((same_bytes, "is the file"), (same_rows, "adds up to the same as the file")):
        others = found.exclude(**here).select_related("year").defer("content").order_by("-pk")
        for other in others[:_MOST_COMPARED]:
            if how == "is the file" or _has_same_sums(other.totals, prepared.totals):
                name = f"month {other.period} of {other.year.label}"
                prepared.table.warn(
                    f"These are the figures of {name}: this {how} that was stored for it "
                    f"({other.file_name}).",
                    about=QUESTIONS,
                )
                return
    _warn_of_replaced_file(prepared, same_bytes.filter(**here), upload, stored.filter(**here))


def _has_same_sums(before: dict[str, Any], now: dict[str, int | None]) -> bool:
    return any(now.values()) and before == now


def _warn_of_replaced_file(
    prepared: Prepared[object], same: QuerySet[Upload], upload: Upload, stored: QuerySet[Upload]
) -> None:
    """Warn where the file was stored for this very period and another has replaced it since."""
    older = same.filter(scope=upload.scope).order_by("-pk").values_list("pk", flat=True).first()
    if older is None:
        return
    last = stored.filter(scope=upload.scope).defer("content").order_by("-pk").first()
    if last is not None and older != last.pk:
        prepared.table.warn(
            f"This file was stored for this period before, and {last.file_name} has replaced it "
            "since: newer figures go back to older ones."
        )
