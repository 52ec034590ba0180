"""Remove what is not kept for ever.

The files behind the positions of published reports are kept, so that each figure can be traced to
its row.
"""

import datetime

from django.db import transaction
from django.db.models import Max, Q

from council_finance import audit, trail
from monitoring.ledger.models import Batch, Position
from monitoring.people.selectors.people import closed_since
from monitoring.people.services.erasure import erase_person
from monitoring.published.models import Report
from monitoring.structure.models import Period
from monitoring.uploading.models import Upload, UploadState
from monitoring.virements.rules import ENTERED

_READ_BY_PAGES = (ENTERED, "cleared a sign-off")
"""Actions whose entries pages read: who entered a virement, why a sign-off was cleared."""

_NOT_STORED = (UploadState.REFUSED, UploadState.FAILED, UploadState.WITHDRAWN)


@transaction.atomic
def forget_unstored_files(*, before: datetime.datetime) -> int:
    """Empty files that were not stored, or were undone, before then; return how many.

    The uploads' rows stay: who uploaded which file, with its SHA-256, and its faults.
    """
    not_stored = Q(state__in=_NOT_STORED, ended_at__lt=before)
    undone = Q(state=UploadState.UNDONE, undone_at__lt=before)
    old = Upload.objects.filter(not_stored | undone).exclude(content=b"")
    # The locks leave out an upload that is being run again, whose file is needed.
    numbers = sorted(old.select_for_update().values_list("pk", flat=True))
    if numbers:
        Upload.objects.filter(pk__in=numbers).update(content=b"")
        audit.record(
            by=None,
            action="removed files not stored",
            on="uploads",
            uploads=numbers,
            before=before.isoformat(timespec="seconds"),
        )
    return len(numbers)


@transaction.atomic
def forget_replaced_files(*, before: datetime.datetime) -> int:
    """Empty ledger files that were replaced before then and that no report needs; return how many.

    Kept are the files of every batch that a report has or that is a period's latest, those that
    rows of such a batch came from, and the last of each kind and period. The uploads' rows stay.
    """
    kept = {
        *Report.objects.values_list("batch_id", flat=True),
        *Period.objects.exclude(batch=None).values_list("batch_id", flat=True),
    }
    old = Upload.objects.filter(state=UploadState.STORED, ended_at__lt=before)
    old = old.filter(batches__isnull=False).exclude(content=b"")
    needed = {
        *Batch.objects.filter(pk__in=kept).values_list("upload_id", flat=True),
        *Upload.objects.filter(state=UploadState.STORED)
        .order_by()
        .values("year", "kind", "period")
        .annotate(last=Max("pk"))
        .values_list("last", flat=True),
        *_find_sources(set(old.values_list("year", flat=True)), kept),
    }
    numbers = sorted(set(old.exclude(pk__in=needed).values_list("pk", flat=True)))
    if numbers:
        Upload.objects.filter(pk__in=numbers).update(content=b"")
        audit.record(
            by=None,
            action="removed files that were replaced",
            on="uploads",
            uploads=numbers,
            before=before.isoformat(timespec="seconds"),
        )
    return len(numbers)


def _find_sources(years: set[int], batches: set[int]) -> set[int]:
    """Return the ids of the uploads that rows of these batches came from, in these years alone."""
    rows = Position.objects.of_batches(years, batches).order_by()
    return set(rows.values_list("source", flat=True).distinct())


def erase_closed_accounts(*, before: datetime.datetime) -> int:
    """Erase people whose account has been closed since before then; return how many."""
    people = closed_since(before)
    for person in people:
        erase_person(person=person, by=None)
    return len(people)


def forget_old_entries(*, before: datetime.datetime) -> int:
    """Remove entries of the audit trail made before then; return how many.

    Those that pages read stay.
    """
    return trail.remove_before(before, keep=_READ_BY_PAGES)
