"""Store what a service states about its variance, from the browser or from a file."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from monitoring.mitigations.calculations import StatedPart
from monitoring.mitigations.models import VariancePart
from monitoring.mitigations.selectors import as_stated, parts_record
from monitoring.structure.models import Period, Service


def put_parts(
    *,
    period: Period,
    service: Service,
    before: Sequence[VariancePart],
    parts: Sequence[StatedPart],
    by: User | None,
    **detail: Any,
) -> bool:
    """Store parts in the place of `before`, and return whether anything changed.

    Unchanged parts keep who stated them. Call it inside a transaction. `detail` goes into the audit
    trail, which keeps the parts before and after.
    """
    parts = in_order(parts)
    if as_stated(before) == parts:
        return False
    VariancePart.objects.filter(pk__in=[row.pk for row in before]).delete()
    now = timezone.now()
    VariancePart.objects.bulk_create(
        VariancePart(
            period=period,
            service=service,
            part=each.part,
            order=sum(other.part == each.part for other in parts[:place]),
            description=each.description,
            lasting=each.lasting,
            amount_pence=each.amount,
            stated_by=by,
            stated_at=now,
        )
        for place, each in enumerate(parts)
    )
    change: dict[str, Any] = {
        "from": _audit_parts(as_stated(before)),
        "to": _audit_parts(parts),
    }
    audit.record(
        by=by,
        action="stated mitigations" if parts else "withdrew mitigations",
        on=parts_record(period, service),
        **change,
        **detail,
    )
    return True


def in_order(parts: Sequence[StatedPart]) -> list[StatedPart]:
    """Return parts in the order in which they are stored: by part, mitigations as they came."""
    return sorted(parts, key=lambda each: each.part)


def _audit_parts(parts: Sequence[StatedPart]) -> list[dict[str, Any]]:
    return [
        {
            "part": each.part,
            "amount_pence": each.amount,
            "description": each.description,
            "lasting": each.lasting,
        }
        for each in parts
    ]
