"""Store and withdraw a text, from the browser or from an uploaded file."""

from typing import Any

from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from monitoring.commentary.models import Commentary
from monitoring.commentary.selectors import commentary_record, tidy_text
from monitoring.figures.pipeline import clear_sign_off
from monitoring.structure.models import Period, Service


def put_text(
    *,
    period: Period,
    service: Service,
    before: Commentary | None,
    text: str,
    by: User | None,
    **detail: Any,
) -> bool:
    """Store a text in the place of `before`, and return whether anything changed.

    An unchanged text keeps its writer and its sign-off; a changed one clears the sign-off. Call it
    inside a transaction. `detail` goes into the audit trail.
    """
    text = tidy_text(text)
    if before is not None and before.text == text:
        return False
    earlier = before.text if before is not None else ""
    if before is not None and before.signed_at is not None:
        clear_sign_off(before, because="the text changed", by=by)
    written = before or Commentary(period=period, service=service)
    written.text, written.written_by, written.written_at = text, by, timezone.now()
    written.save()
    audit.record(
        by=by,
        action="wrote commentary",
        on=commentary_record(period, service.code),
        **{"from": earlier, "to": text},
        **detail,
    )
    return True


def withdraw_text(before: Commentary, *, by: User | None, **detail: Any) -> None:
    """Delete a text, which the audit trail keeps. Call it inside a transaction."""
    if before.signed_at is not None:
        clear_sign_off(before, because="the text was withdrawn", by=by)
    audit.record(
        by=by,
        action="withdrew commentary",
        on=commentary_record(before.period, before.service.code),
        **{"from": before.text, "to": ""},
        **detail,
    )
    before.delete()
