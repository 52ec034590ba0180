"""What is not kept for good."""

import datetime

from django.db import transaction

from council_finance import audit
from monitoring.models import Upload, UploadState

_NOT_STORED = (UploadState.REFUSED, UploadState.FAILED, UploadState.WITHDRAWN)


@transaction.atomic
def forget_unstored_files(*, before: datetime.datetime) -> int:
    """Empty the files of uploads that ended before then and were not stored; answers how many.

    Their rows stay: who brought which file in, with its SHA-256, and what was wrong with it.
    """
    old = Upload.objects.filter(state__in=_NOT_STORED, ended_at__lt=before).exclude(content=b"")
    # One that is run again at this moment is under way, and its file is needed.
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
