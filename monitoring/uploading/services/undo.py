"""The undo of a stored file: all that it replaced is put back, or nothing is."""

from django.db import transaction
from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.structure.models import FinancialYear
from monitoring.structure.year_changes import (
    StaleRevision,
    advance,
    bring_up_to_date,
    lock_at,
)
from monitoring.uploading.models import ReplacedRows, Upload, UploadState
from monitoring.uploading.prepared import kind_of, target_of
from monitoring.uploading.selectors.undo import what_to_put_back

LONGEST_REASON = 1000


def undo_upload(*, upload: Upload, reason: str, basis: int, by: User) -> None:
    """Put back what a stored file replaced, and bring the figures of open periods up to date.

    `basis` is the state of the year for which the person saw what changes. Raise `Refused` where
    the year has changed since, or the file cannot be undone; then nothing is changed.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Refused(f"Give the reason, in at most {LONGEST_REASON:,} characters.")
    with transaction.atomic():
        year = _lock_year(upload, basis)
        upload.refresh_from_db(fields=["state", "ended_at"])
        kept = what_to_put_back(upload, by)
        advance(year)
        undo = kind_of(upload).undo
        if undo is None:
            raise ValueError("a kind without undo is refused before")
        undo.put_back(kept, target_of(upload), by)
        _note_undone(upload, reason, by)
        # Within the transaction: nobody reads figures of rows that are gone.
        bring_up_to_date(year)


def _lock_year(upload: Upload, basis: int) -> FinancialYear:
    try:
        return lock_at(upload.year_id, upload.period, basis)
    except StaleRevision as error:
        raise Refused(
            "The year has changed since this page was drawn. Look at what changes now, and decide "
            "again."
        ) from error


def _note_undone(upload: Upload, reason: str, by: User) -> None:
    upload.state, upload.undone_by, upload.undone_at = UploadState.UNDONE, by, timezone.now()
    upload.undo_reason = reason
    upload.save(update_fields=["state", "undone_by", "undone_at", "undo_reason"])
    ReplacedRows.objects.filter(upload=upload).delete()
    audit.record(
        by=by,
        action="undid an upload",
        on=f"upload {upload.pk}",
        kind=upload.kind,
        year=upload.year.label,
        period=upload.period,
        scope=upload.scope,
        sha256=upload.sha256,
        reason=reason,
    )
