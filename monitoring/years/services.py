"""Take a rolled year back, archive a closed one, and bring an archived one back."""

from django.db import router, transaction
from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.jobs import Job
from monitoring.structure.models import FinancialYear
from monitoring.structure.year_changes import lock_year
from monitoring.years.selectors.tables_of_year import contents_of, tables_of_year
from monitoring.years.selectors.years import (
    files_of,
    state_to_take_back,
    why_not_archive,
    why_not_take_back,
)


@transaction.atomic
def take_back_year(*, year: FinancialYear, reason: str, seen: str, by: User | None) -> None:
    """Remove a year of which nothing was published, with everything that belongs to it.

    `seen` is `state_to_take_back` of the year that the person looked at. The audit trail keeps the
    reason, how much went, and of each file its name and SHA-256; no entry of it is removed. Raise
    `Refused` where anything was published, the year after it is set up, a file is being stored, or
    the year has changed since; nothing is removed then.
    """
    reason = _require_reason(reason)
    year = lock_year(year.pk)
    if reasons := why_not_take_back(year):
        raise Refused(*reasons)
    if seen != state_to_take_back(year):
        raise Refused(
            f"{year} has changed since you looked, so nothing was removed. Look again at what "
            "would go."
        )
    files = files_of(year)
    audit.record(
        by=by,
        action="took a year back",
        on=_year_record(year),
        reason=reason,
        removed={each.label: each.count for each in contents_of(year)},
        files=[
            {"upload": each.pk, "file_name": each.file_name, "sha256": each.sha256}
            for each in files
        ],
    )
    for table in tables_of_year():
        # Raw, as several of these tables refuse deletion and protect each other's rows. The
        # database checks on commit that nothing is left which refers to a row that went.
        table.rows_of(year)._raw_delete(router.db_for_write(table.model))
    Job.objects.filter(pk__in=[each.job_id for each in files]).delete()
    year.delete()


@transaction.atomic
def archive_year(*, year: FinancialYear, by: User | None) -> None:
    """Make a closed year read only. Raise `Refused` where its close is not published."""
    year = lock_year(year.pk, even_archived=True)
    if reasons := why_not_archive(year):
        raise Refused(*reasons)
    FinancialYear.objects.filter(pk=year.pk).update(archived_at=timezone.now())
    audit.record(by=by, action="archived a year", on=_year_record(year))


@transaction.atomic
def bring_year_back(*, year: FinancialYear, reason: str, by: User | None) -> None:
    """Let an archived year be changed again. Raise `Refused` without a reason, or if it is not."""
    reason = _require_reason(reason)
    year = lock_year(year.pk, even_archived=True)
    if not year.is_archived:
        raise Refused(f"{year} is not archived, so there is nothing to bring back.")
    FinancialYear.objects.filter(pk=year.pk).update(archived_at=None)
    audit.record(by=by, action="brought a year back", on=_year_record(year), reason=reason)


def _require_reason(reason: str) -> str:
    if not reason.strip():
        raise Refused("Say why; the audit trail keeps the reason.")
    return reason.strip()


def _year_record(year: FinancialYear) -> str:
    return f"year {year.label}"
