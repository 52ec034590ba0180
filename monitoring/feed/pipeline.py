"""Note on a file of the feed that it was mailed about."""

from django.utils import timezone

from monitoring.feed.models import FeedFile


def mark_mailed(*, file: FeedFile) -> bool:
    """Note that mails about a file are in the queue; return False where they were already."""
    return bool(
        FeedFile.objects.filter(pk=file.pk, mailed_at=None).update(mailed_at=timezone.now())
    )
