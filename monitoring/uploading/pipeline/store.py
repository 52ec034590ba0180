"""The storing of a checked file: all of it or nothing, and then the figures that follow."""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from council_finance import audit
from council_finance.jobs import JobState
from council_finance.uploads.problems import FileRefused
from monitoring.structure.year_changes import (
    TRIES,
    StaleRevision,
    advance,
    basis_of,
    bring_up_to_date,
    lock_at,
    lock_year,
    require_basis,
)
from monitoring.uploading.changes import UploadChanges
from monitoring.uploading.models import TypedChoice, Upload, UploadOrigins, UploadState
from monitoring.uploading.pipeline.check import note_checked, read_and_check
from monitoring.uploading.pipeline.jobs import OUTCOME, End, Say
from monitoring.uploading.prepared import Prepared, Target, kind_of, target_of
from monitoring.uploading.replaced import keep_replaced


def store_upload(upload: Upload, say: Say, end: End) -> None:
    """Take an upload from storing to stored, then bring every open period's figures up to date.

    The file is checked again against what is stored now; where that changes meanwhile, it starts
    afresh. Where it keeps changing, the year is locked first, so that nothing can change it. Raise
    `FileRefused` where the file has errors.
    """
    for _ in range(TRIES - 1):
        try:
            stored = _store_once(upload, say, end)
            break
        except StaleRevision:
            continue
    else:
        say(20, "Reading and checking the file; others wait meanwhile")
        with transaction.atomic():
            lock_year(upload.year_id)
            stored = _store_once(upload, _say_nothing, end)
    if stored:
        bring_up_to_date(upload.year)


def _say_nothing(progress: int, step: str) -> None:
    """Report no progress: inside a transaction nobody would see it."""


def _store_once(upload: Upload, say: Say, end: End) -> bool:
    """Check the file again and store it; return whether it was stored, or has an open question."""
    basis = basis_of(upload.year_id, upload.period)
    target, kind = target_of(upload), kind_of(upload)
    say(20, "Reading and checking the file")
    prepared = read_and_check(upload, target)
    if question := _open_question(upload, prepared.changes):
        _ask_again(upload, prepared, question, end)
        return False
    say(50, "Working the figures out")
    if kind.prepare:
        prepared = kind.prepare(prepared, target)
    say(70, "Storing")
    note_checked(upload, prepared)
    _store_prepared(upload, prepared, target, basis, end)
    return True


def _store_prepared(
    upload: Upload, prepared: Prepared[object], target: Target, basis: int, end: End
) -> None:
    """Write all of the file or nothing. Raise `StaleRevision` where what it builds on changed."""
    kind = kind_of(upload)
    with transaction.atomic():
        if kind.write_ahead:
            require_basis(target.year, upload.period, basis)
            prepared = kind.write_ahead(prepared, target)
        target.year.revision = lock_at(target.year.pk, upload.period, basis).revision
        advance(target.year)
        undo = kind.undo
        before = None if undo is None else undo.before(prepared, target)
        kind.store(prepared, target)
        if undo is not None:
            keep_replaced(upload, undo.replaced(before, target))
        if (origins := prepared.table.origins) is not None:
            UploadOrigins.objects.create(upload=upload, content=origins.to_bytes())
        upload.state, upload.ended_at = UploadState.STORED, timezone.now()
        upload.save(update_fields=OUTCOME)
        audit.record(
            by=target.by,
            action="stored an upload",
            on=f"upload {upload.pk}",
            kind=upload.kind,
            year=target.year.label,
            period=upload.period,
            scope=upload.scope,
            sha256=upload.sha256,
            rows=upload.row_count,
        )
        end(JobState.DONE, "Stored")


def _open_question(upload: Upload, changes: UploadChanges) -> str:
    """Return what is to be decided before the file is stored: "codes", "forecasts" or nothing.

    In a command nobody can be asked: it takes the file's forecasts, and names beforehand the codes
    that are new. Raise `FileRefused` where it did not name them. A forecast that was typed after a
    person's choice was not part of it.
    """
    codes = [alike for alike in changes.alike if alike.code not in upload.new_codes]
    if upload.is_of_command:
        if codes:
            raise FileRefused(*(alike.to_problem() for alike in codes))
        return ""
    if codes:
        return "codes"
    if not changes.asked:
        return ""
    answered = upload.found_changes.asked if upload.typed_choice else frozenset()
    return "" if changes.asked <= answered else "forecasts"


def _ask_again(upload: Upload, prepared: Prepared[object], question: str, end: End) -> None:
    """Take the upload back to ready: since its check something to decide has come."""
    changes = replace(prepared.changes, asked_again=question)
    note_checked(upload, replace(prepared, changes=changes))
    upload.typed_choice, upload.keep_typed, upload.new_codes = TypedChoice.UNDECIDED, [], []
    with transaction.atomic():
        upload.state = UploadState.READY
        upload.save(update_fields=[*OUTCOME, "typed_choice", "keep_typed", "new_codes"])
        end(JobState.DONE, "Checked again: there is something new to decide")
