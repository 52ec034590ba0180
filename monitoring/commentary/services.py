"""Write and withdraw commentary, and sign it off for the figures that it explains."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.uploads.cells import TEXT_LENGTH
from monitoring.commentary.drafts import is_draft
from monitoring.commentary.models import Commentary
from monitoring.commentary.pipeline import put_text, withdraw_text
from monitoring.commentary.selectors import (
    commentary_record,
    find_commentary,
    text_version,
    texts_of,
    tidy_text,
)
from monitoring.figures.models import NodeFigure
from monitoring.structure.models import Period, Service
from monitoring.structure.selectors.calendar import published_message
from monitoring.structure.year_changes import lock_year


class CommentaryClashed(Refused):
    """A refusal of a change to a text that somebody else has changed meanwhile.

    `theirs` is the text as it is now; None where it was withdrawn.
    """

    def __init__(self, theirs: Commentary | None) -> None:
        self.theirs = theirs
        who = theirs.written_by.name if theirs and theirs.written_by else "A colleague or a file"
        did = "changed" if theirs else "withdrew"
        super().__init__(
            f"Nothing was saved yet: {who} {did} this text while you were writing. Both texts "
            "are shown here; yours replaces theirs only if you save it again."
        )


def write_commentary(*, period: Period, service: Service, text: str, seen: str, by: User) -> bool:
    """Store a text, and return whether anything changed.

    `seen` is `text_version` of the text that the writer's page showed. A changed text clears the
    sign-off. The year's revision stays, since no figure changes. Raise `CommentaryClashed` where
    somebody else changed the text, and `Refused` where it cannot be stored.
    """
    with transaction.atomic():
        period = _open_period(period)
        return _store_text(period, service, find_commentary(period, service), text, seen, by)


@dataclass(frozen=True)
class TextChange:
    """A text that somebody wrote on a service; `seen` as in `write_commentary`."""

    service: Service
    text: str
    seen: str


@dataclass(frozen=True)
class SignedText:
    """A text as a director's page showed it; arguments of `sign_off_commentary`."""

    service: Service
    seen: str
    budget_pence: int
    net_variance_pence: int | None


class TextsRefused(Refused):
    """A refusal of some of several texts; none was stored. `faults` are by the service's id."""

    def __init__(self, faults: Mapping[int, tuple[Service, Refused]], ending: str) -> None:
        self.faults = {pk: refused for pk, (_, refused) in faults.items()}
        self._by_service = {
            pk: [f"{service.name}: {text}" for text in refused.messages]
            for pk, (service, refused) in faults.items()
        }
        super().__init__(ending, *self.messages_without(()))

    def messages_without(self, services: Container[int]) -> list[str]:
        """Return what is wrong with the texts on services other than these (ids)."""
        return [
            text for pk, texts in self._by_service.items() if pk not in services for text in texts
        ]


def write_texts(*, period: Period, changes: Sequence[TextChange], by: User) -> list[Service]:
    """Store the texts of several services, all or none; return the services that changed.

    Raise `TextsRefused` with a `CommentaryClashed` or `Refused` for each text at fault.
    """
    changed: list[Service] = []
    faults: dict[int, tuple[Service, Refused]] = {}
    with transaction.atomic():
        period = _open_period(period)
        stored = texts_of(period, [each.service for each in changes])
        for each in changes:
            before = stored.get(each.service.pk)
            try:
                if _store_text(period, each.service, before, each.text, each.seen, by):
                    changed.append(each.service)
            except Refused as refused:
                faults[each.service.pk] = each.service, refused
        if faults:
            raise TextsRefused(faults, "Nothing was saved yet.")
    return changed


def sign_off_texts(*, period: Period, texts: Sequence[SignedText], by: User) -> list[Service]:
    """Sign off several stored texts, all or none; return the services whose sign-off is new.

    Raise `TextsRefused` where a text or its figures changed after the page was shown.
    """
    signed: list[Service] = []
    faults: dict[int, tuple[Service, Refused]] = {}
    if not texts:
        raise Refused("Tick the texts that you sign off.")
    with transaction.atomic():
        period = _open_period(period)
        stored = texts_of(period, [each.service for each in texts])
        for each in texts:
            try:
                if _sign_text(period, stored.get(each.service.pk), each, by):
                    signed.append(each.service)
            except Refused as refused:
                faults[each.service.pk] = each.service, refused
        if faults:
            raise TextsRefused(faults, "Nothing was signed off.")
    return signed


def _store_text(
    period: Period,
    service: Service,
    before: Commentary | None,
    text: str,
    seen: str,
    by: User,
) -> bool:
    text = tidy_text(text)
    if not text:
        raise Refused("Write what explains the variance. To remove a text, withdraw it.")
    if len(text) > TEXT_LENGTH:
        raise Refused(f"Shorten the text: it has more than {TEXT_LENGTH:,} characters.")
    _find_figures(period, service)
    if before is not None and before.text == text:
        return False
    _refuse_changed_text(before, seen)
    return put_text(period=period, service=service, before=before, text=text, by=by)


def withdraw_commentary(*, period: Period, service: Service, seen: str, by: User) -> None:
    """Remove a text, which the audit trail keeps. Raise `CommentaryClashed` or `Refused`."""
    with transaction.atomic():
        period = _open_period(period)
        before = find_commentary(period, service)
        if before is None:
            raise Refused("There is no text to withdraw any more.")
        _refuse_changed_text(before, seen)
        withdraw_text(before, by=by)


def sign_off_commentary(
    *,
    period: Period,
    service: Service,
    seen: str,
    budget_pence: int,
    net_variance_pence: int | None,
    by: User,
) -> bool:
    """Sign off the stored text for these figures, and return whether that was new.

    `seen` and the figures are those that the director's page showed. Raise `Refused` where the text
    or the figures have changed since.
    """
    shown = SignedText(service, seen, budget_pence, net_variance_pence)
    with transaction.atomic():
        period = _open_period(period)
        return _sign_text(period, find_commentary(period, service), shown, by)


def _sign_text(period: Period, commentary: Commentary | None, shown: SignedText, by: User) -> bool:
    if commentary is None:
        raise Refused("There is no text to sign off; write it first.")
    if is_draft(commentary.text):
        raise Refused("The text is a draft from the figures. Read it and make it yours first.")
    if text_version(commentary) != shown.seen:
        raise Refused("The text changed while you were reading. Read it again, then sign off.")
    row = _find_figures(period, shown.service)
    now = (row.budget_pence, row.net_variance_pence)
    if now != (shown.budget_pence, shown.net_variance_pence):
        raise Refused("The figures changed while you were reading. Look at them, then sign off.")
    if commentary.signed_at is not None:
        return False
    _store_sign_off(commentary, now, by)
    return True


def _store_sign_off(commentary: Commentary, figures: tuple[int, int | None], by: User) -> None:
    budget, net_variance = figures
    commentary.signed_by, commentary.signed_at = by, timezone.now()
    commentary.signed_budget_pence = budget
    commentary.signed_net_variance_pence = net_variance
    commentary.save()
    audit.record(
        by=by,
        action="signed off commentary",
        on=commentary_record(commentary.period, commentary.service.code),
        budget_pence=budget,
        net_variance_pence=net_variance,
        text=commentary.text,
    )


def _open_period(period: Period) -> Period:
    """Lock the year and return the period as it is now. Raise `Refused` where it is published."""
    lock_year(period.year_id)
    period = Period.objects.select_related("year").get(pk=period.pk)
    if period.is_published:
        raise Refused(published_message(period))
    return period


def _find_figures(period: Period, service: Service) -> NodeFigure:
    """Return the service's row of the read model. Raise `Refused` where it has none."""
    if period.batch_id is None:
        raise Refused(f"There are no figures for {period} yet; upload its position first.")
    rows = NodeFigure.objects.filter(period=period, service=service).exclude(kind="closed")
    row = rows.first()
    if row is None:
        raise Refused(f"{service} has closed; write on the service where its lines stand now.")
    return row


def _refuse_changed_text(before: Commentary | None, seen: str) -> None:
    if text_version(before) != seen:
        raise CommentaryClashed(before)
