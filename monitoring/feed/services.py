"""Receive a file of the feed as the browser's upload does, and decide on it once it is checked."""

from django.db import transaction
from django.utils import timezone

from council_finance import audit, registry
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.feed.file_names import place_of_moved
from monitoring.feed.models import FeedFile, FeedSource, FeedState, FeedUpload
from monitoring.feed.received import ReceivedFile
from monitoring.feed.selectors import earlier_upload, feed_of, is_clean
from monitoring.structure.models import FinancialYear
from monitoring.uploading.models import Upload, UploadState
from monitoring.uploading.rights import why_not_upload
from monitoring.uploading.services.uploads import (
    UploadUnderWay,
    confirm_upload,
    list_error_sentences,
    receive_upload,
    start_check,
)

_WITHDRAWN = "It was withdrawn before the feed had decided on it."
_FAILED = (
    "The check did not end: its worker stopped twice. Nothing was stored. Run it again on the "
    "upload’s page."
)


class MayNotUpload(Refused):
    """A file that its person has no right to upload."""


class _ReceivedBefore(Exception):
    """A file that is the same as one that is being checked, waits, or is stored."""

    def __init__(self, upload: Upload):
        self.upload = upload
        super().__init__(str(upload))


def receive_file(
    *,
    received: ReceivedFile,
    source: FeedSource,
    year: FinancialYear,
    by: User,
    layout: str = "",
    sheet: str = "",
    scope: str = "",
) -> FeedFile:
    """Keep a file with the upload that checks it, and return its row; the same file is kept once.

    A file is the same where its SHA-256, kind, year, period and scope are those of an upload that
    is being checked, waits or is stored; its row then names that upload. Raise `MayNotUpload`;
    `UploadUnderWay` where it can be taken later; and `Refused` where it cannot be taken at all.
    Nothing is kept then.
    """
    kind = registry.upload_kind(received.kind, per_period=received.period is not None)
    if fault := why_not_upload(by, kind, year, scope):
        raise MayNotUpload(fault)
    if not received.content:
        raise Refused("The file is empty.")
    try:
        if first := earlier_upload(received, year, scope):
            raise _ReceivedBefore(first)
        return _keep_new(received, source, by, year=year, scope=scope, layout=layout, sheet=sheet)
    except _ReceivedBefore as before:
        return _keep_same(received, source, by, before.upload)
    except UploadUnderWay:
        if first := earlier_upload(received, year, scope):
            return _keep_same(received, source, by, first)
        raise


@transaction.atomic
def _keep_new(
    received: ReceivedFile,
    source: FeedSource,
    by: User,
    *,
    year: FinancialYear,
    scope: str,
    **read: str,
) -> FeedFile:
    """Keep a file with its upload, and have it checked. Raise `_ReceivedBefore` or `Refused`."""
    upload = receive_upload(
        kind=received.kind,
        year=year,
        period=received.period,
        by=by,
        scope=scope,
        content=received.content,
        file_name=received.file_name,
        **read,
    )
    # Read again now that no other of its kind and period can come: two that are sent at once may
    # each have found nothing before.
    if first := earlier_upload(received, year, scope, before=upload):
        raise _ReceivedBefore(first)
    file = _keep_row(received, source, by)
    FeedUpload.objects.create(file=file, upload=upload)
    audit.record(
        by=by,
        action="received by the ledger feed",
        on=f"upload {upload.pk}",
        way=file.get_source_display(),
        file_name=file.file_name,
    )
    start_check(upload=upload)
    return file


@transaction.atomic
def refuse_file(
    *, received: ReceivedFile, source: FeedSource, by: User | None, sentences: list[str]
) -> FeedFile:
    """Keep the row of a file that cannot be taken at all, with the sentences that say why."""
    file = _keep_row(received, source, by)
    _end_file(file, FeedState.REFUSED, sentences)
    return file


def _keep_row(received: ReceivedFile, source: FeedSource, by: User | None) -> FeedFile:
    return FeedFile.objects.create(
        source=source,
        file_name=received.file_name,
        sha256=received.sha256,
        size=received.size,
        year_start=received.start,
        kind=received.kind,
        period=received.period,
        by=by,
    )


@transaction.atomic
def _keep_same(
    received: ReceivedFile, source: FeedSource, by: User | None, first: Upload
) -> FeedFile:
    file = _keep_row(received, source, by)
    FeedUpload.objects.create(file=file, upload=first)
    _end_file(file, FeedState.SAME, [f"This file was received before, as upload {first.pk}."])
    return file


def decide_on_file(*, file: FeedFile) -> None:
    """Store a clean file where the year's settings say so, and end the row of any other.

    A file that is still being checked or stored is left as it is. Each step is one transaction, so
    that this may be stopped anywhere and run again.
    """
    upload = file.upload
    if upload is None:  # its year was taken back
        _end_file(file, FeedState.FAILED, ["Its year was taken back."])
    elif upload.state == UploadState.READY:
        _decide_on_checked(file, upload)
    elif upload.state in (UploadState.STORED, UploadState.UNDONE):
        _end_file(file, FeedState.STORED)
    elif upload.state == UploadState.REFUSED:
        _end_file(file, FeedState.REFUSED, list_error_sentences(upload))
    elif upload.state == UploadState.FAILED:
        _end_file(file, FeedState.FAILED, [_FAILED])
    elif upload.state not in (UploadState.CHECKING, UploadState.STORING):
        _end_file(file, FeedState.REFUSED, [_WITHDRAWN])


def _decide_on_checked(file: FeedFile, upload: Upload) -> None:
    if not (is_clean(upload) and feed_of(upload.year).stores_clean):
        _end_file(file, FeedState.WAITING)
        return
    try:
        _confirm_clean(upload)
    except Refused as refused:
        upload.refresh_from_db(fields=["state"])
        if upload.state == UploadState.READY:  # else a person was quicker
            _end_file(file, FeedState.WAITING, refused.messages)


@transaction.atomic
def _confirm_clean(upload: Upload) -> None:
    """Confirm a clean file in its sender's name. Raise `Refused` where they may not any more."""
    sender = upload.uploaded_by
    if sender is None:
        raise Refused("The account of the person who sent this file is closed.")
    confirm_upload(upload=upload, by=sender, seen_job=upload.job_id)
    audit.record(
        by=sender,
        action="stored a clean file by the setting of the ledger feed",
        on=f"upload {upload.pk}",
    )


def _end_file(file: FeedFile, state: FeedState, sentences: list[str] | None = None) -> None:
    """End the row of a file, once, with the place to which a file of the folder is moved."""
    file.state, file.sentences, file.ended_at = state, sentences or [], timezone.now()
    if file.source == FeedSource.FOLDER:
        file.moved_to = _choose_place(file)
    same = FeedFile.objects.filter(pk=file.pk, state=FeedState.CHECKING)
    same.update(
        state=file.state,
        sentences=file.sentences,
        ended_at=file.ended_at,
        moved_to=file.moved_to,
    )


def _choose_place(file: FeedFile) -> str:
    """Return the place within the folder to which a file is moved; no other file has the same."""
    upload = file.upload
    return place_of_moved(
        file.file_name,
        day=timezone.localdate(),
        is_refused=file.state in (FeedState.REFUSED, FeedState.FAILED),
        upload=upload.pk if upload else None,
        # Of several rows with one upload, only the first is named by the upload alone.
        file=file.pk if upload is None or file.state == FeedState.SAME else None,
    )


def mark_moved(*, file: FeedFile) -> None:
    """Note that a file is in its new place."""
    FeedFile.objects.filter(pk=file.pk, moved_at=None).update(moved_at=timezone.now())
