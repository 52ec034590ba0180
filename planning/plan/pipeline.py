"""Storing the plan: what the browser, commands and uploaded files have in common."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from monitoring.models import FinancialYear, Service
from planning.plan.models import PlanItem, PlanVersion
from planning.plan.records import plan_record
from planning.plan.report_rows import PlanRow
from planning.plan.selectors.versions import settings_of_year


def put_items(
    *, year: FinancialYear, rows: Sequence[PlanRow], by: User | None, **detail: Any
) -> PlanVersion:
    """Store the items of the version that the year's settings name, in place of those it had.

    Call it inside the writing transaction, with a version that is not adopted.
    """
    settings = settings_of_year(year)
    version, _ = PlanVersion.objects.get_or_create(
        year=year, name=settings.name, version=settings.version
    )
    # The row changes with every file, so that none is undone once the version was adopted.
    version.settings, version.entered_at = settings.to_data(), timezone.now()
    version.save(update_fields=["settings", "entered_at"])
    before = {item.reference: item.amounts for item in version.items.all()}
    version.items.all().delete()
    services = dict(Service.objects.filter(year=year).values_list("code", "pk"))
    PlanItem.objects.bulk_create(
        _item_of(version, row, place, services) for place, row in enumerate(rows, start=1)
    )
    now = {row.reference: {str(y): p for y, p in row.amounts.items()} for row in rows}
    audit.record(
        by=by,
        action="stored a version of the plan",
        on=plan_record(year),
        version=str(version),
        added=sorted(set(now) - set(before)),
        removed=sorted(set(before) - set(now)),
        changed=sorted(key for key in set(now) & set(before) if now[key] != before[key]),
        **detail,
    )
    return version


def _item_of(version: PlanVersion, row: PlanRow, place: int, services: dict[str, int]) -> PlanItem:
    return PlanItem(
        version=version,
        reference=row.reference,
        title=row.title,
        type=row.type,
        service_id=services[row.service] if row.service else None,
        heading=row.heading,
        order=place,
        kind=row.kind,
        change=row.change,
        recurrence=row.recurrence,
        parent_reference=row.parent,
        depends_on=row.depends_on,
        ends=row.ends,
        driver=row.driver,
        amount_low_pence=row.low,
        amount_high_pence=row.high,
        note=row.note,
        amounts={str(year): pence for year, pence in row.amounts.items()},
    )
