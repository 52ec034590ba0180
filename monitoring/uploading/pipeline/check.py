"""The check of an uploaded file: read it, check it, and note on its upload what was found."""

from collections import Counter

from django.db import transaction
from django.db.models import Subquery

from council_finance.jobs import JobState
from council_finance.uploads.problems import SHOWN, FileRefused, Problem
from council_finance.uploads.saved_layout import SavedLayout
from council_finance.uploads.table import TypedTable
from monitoring.structure.selectors.calendar import published_message
from monitoring.structure.year_changes import archived_message
from monitoring.uploading.alike_codes import find_alike
from monitoring.uploading.models import Layout, Upload, UploadState
from monitoring.uploading.pipeline.jobs import OUTCOME, End, Say
from monitoring.uploading.pipeline.reading import read_upload
from monitoring.uploading.prepared import Prepared, Target, kind_of, target_of
from monitoring.uploading.rights import why_sender_may_not
from monitoring.uploading.seen_before import warn_of_known_figures


def check_upload(upload: Upload, say: Say, end: End) -> None:
    """Take an upload from checking to ready. Raise `FileRefused` where the file has errors."""
    say(10, "Reading the file")
    prepared = read_and_check(upload, target_of(upload))
    note_checked(upload, prepared)
    with transaction.atomic():
        upload.state = UploadState.READY
        upload.save(update_fields=OUTCOME)
        end(JobState.DONE, "Checked")


def read_and_check(upload: Upload, target: Target) -> Prepared[object]:
    """Read and check a file without writing. Raise `FileRefused` with every error.

    The upload notes, unsaved, how the file was read.
    """
    kind = kind_of(upload)
    if target.year.is_archived:
        raise FileRefused(Problem(archived_message(target.year)))
    if target.period is not None and target.period.is_published:
        raise FileRefused(Problem(published_message(target.period)))
    if fault := why_sender_may_not(upload, kind):
        raise FileRefused(Problem(fault))
    try:
        table = read_upload(upload)
    except FileRefused as refused:
        _note_reading(upload, refused)
        raise
    _note_reading(upload, table)
    prepared = kind.check(table, target)
    table.refuse_problems()
    known = kind.known_codes(prepared, target) if kind.known_codes else {}
    if known and (alike := find_alike(table, known)):
        prepared = prepared.with_alike_codes(alike)
    if target.period is not None:
        warn_of_known_figures(prepared, target, kind)
    return prepared


def _note_reading(upload: Upload, read: TypedTable | FileRefused) -> None:
    if read.layout:
        note_layout(upload, read.layout)
    upload.headings, upload.reading = read.own, read.reading or {}


def note_layout(upload: Upload, layout: SavedLayout) -> None:
    """Note on the upload, unsaved, the layout and version that its file is read through.

    The link to the layout is stored at once, unless somebody deleted the layout meanwhile.
    """
    upload.layout_name, upload.layout = layout.name, dict(layout.definition)
    upload.layout_version = layout.version
    still_there = Layout.objects.filter(pk__in=[layout.id]).values("pk")[:1]
    Upload.objects.filter(pk=upload.pk).update(saved_layout=Subquery(still_there))


def note_checked(upload: Upload, prepared: Prepared[object]) -> None:
    """Note on the upload, unsaved, its rows, sums, warnings and changes."""
    warnings = prepared.table.warnings
    kept = warnings if len(warnings) <= SHOWN else _first_of_each_kind(warnings)
    upload.changes = prepared.changes.to_data()
    upload.row_count = len(prepared.table.frame)
    upload.totals = prepared.totals
    upload.warning_count = len(warnings) + prepared.table.more_warnings
    upload.warnings = [warning.to_data() for warning in kept]


def _first_of_each_kind(warnings: list[Problem]) -> list[Problem]:
    """Return so many warnings of each kind that no kind crowds another out."""
    share = SHOWN // len({warning.about for warning in warnings})
    so_far: Counter[str] = Counter()
    kept = []
    for warning in warnings:
        so_far[warning.about] += 1
        if so_far[warning.about] <= share:
            kept.append(warning)
    return kept
