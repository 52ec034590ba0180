"""Uploads as pages show them."""

from django.db.models import QuerySet

from monitoring.models import Period, Upload


def uploads() -> QuerySet[Upload]:
    """Every upload without its file, which pages never need."""
    return Upload.objects.defer("content").select_related("year", "job", "uploaded_by")


def period_of(upload: Upload) -> Period | None:
    """The period that a file is for; None where it is for the whole year."""
    return (
        Period.objects.filter(year=upload.year, number=upload.period).select_related("year").first()
    )
