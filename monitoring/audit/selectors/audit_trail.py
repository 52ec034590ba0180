"""The audit trail, searched page by page, and the history of one record."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from council_finance.accounts.models import User
from council_finance.audit import (
    COMMAND_LINE,
    NOT_LOGGED_IN,
    RECALCULATION,
    AuditEntry,
    history,
)
from monitoring.audit.selectors.audit_links import record_url
from monitoring.audit.selectors.audit_words import DetailLine, detail_lines

PAGE = 50
_AT_ONCE = 2000
_RECENT = 1000
_HISTORY = 20
_NOBODY = {
    COMMAND_LINE: "Command line",
    NOT_LOGGED_IN: "Not logged in",
    RECALCULATION: "Recalculation",
}


@dataclass(frozen=True)
class Search:
    """A search of the trail; empty fields do not count. `since` and `until` are whole days.

    `record` is part of the record's name, or all of it (`whole`). `person` is a user name, or the
    name that the trail has instead of one, such as the command line's. `action` is part of the
    words for what was done.
    """

    record: str = ""
    whole: bool = False
    person: str = ""
    action: str = ""
    since: datetime.date | None = None
    until: datetime.date | None = None

    @property
    def is_dated(self) -> bool:
        """True where days are searched for; entries are then found by the index of their times."""
        return bool(self.since or self.until)


@dataclass(frozen=True)
class AuditRow:
    """An entry in words."""

    pk: int
    at: datetime.datetime
    who: str
    action: str
    record: str
    lines: list[DetailLine]

    @property
    def url(self) -> str | None:
        """The page of the record, where it has one."""
        return record_url(self.record)


@dataclass(frozen=True)
class AuditPage:
    """Rows, the newest first; `before` finds the next page (None: there is none)."""

    rows: list[AuditRow]
    before: int | None


def audit_page(search: Search, before: int | None = None) -> AuditPage:
    """Return the page of entries older than `before`; without it, the newest.

    Its cost does not grow with the number of entries.
    """
    entries = list(_find_older(search, before)[: PAGE + 1])
    rows = [_describe_entry(entry) for entry in entries[:PAGE]]
    return AuditPage(rows, rows[-1].pk if len(entries) > PAGE else None)


def audit_rows(search: Search) -> Iterator[AuditRow]:
    """Return every entry that matches, the newest first, read in batches."""
    before = None
    while entries := list(_find_older(search, before)[:_AT_ONCE]):
        yield from (_describe_entry(entry) for entry in entries)
        before = entries[-1].pk


def people() -> list[tuple[str, str]]:
    """Return user name and name of everyone who may be in the trail, and of what is no person."""
    named = [(user.username, _known_as(user)) for user in User.objects.all()]
    return [*_NOBODY.items(), *sorted(named, key=lambda each: each[1].casefold())]


def _known_as(user: User) -> str:
    return user.name if user.name == user.username else f"{user.name} ({user.username})"


def recent_actions() -> list[str]:
    """Return the actions of the latest entries, to choose from."""
    recent = AuditEntry.objects.order_by("-pk")[:_RECENT].values_list("action", flat=True)
    return sorted(set(recent))


def history_of(record: str) -> list[AuditRow]:
    """Return the latest entries of a record, the newest first."""
    return [_describe_entry(entry) for entry in history(record)[:_HISTORY]]


def _find_entries(search: Search) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.order_by(*(("-at", "-pk") if search.is_dated else ("-pk",)))
    if search.record:
        lookup = "record" if search.whole else "record__icontains"
        found = found.filter(**{lookup: search.record})
    if search.person in _NOBODY:
        found = found.filter(by__isnull=True, by_name=search.person)
    elif search.person:
        found = found.filter(by__username=search.person)
    if search.action:
        found = found.filter(action__icontains=search.action)
    if search.since:
        found = found.filter(at__gte=_start_of_day(search.since))
    if search.until:
        found = found.filter(at__lt=_start_of_day(search.until + datetime.timedelta(days=1)))
    return found


def _find_older(search: Search, before: int | None) -> QuerySet[AuditEntry]:
    """Return the entries that match and are older than the entry `before`."""
    found = _find_entries(search)
    if before is None:
        return found
    if not search.is_dated:
        return found.filter(pk__lt=before)
    at = AuditEntry.objects.filter(pk=before).values_list("at", flat=True).first()
    if at is None:
        return found.none()
    return found.filter(at__lte=at).exclude(at=at, pk__gte=before)


def _start_of_day(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def _describe_entry(entry: AuditEntry) -> AuditRow:
    return AuditRow(
        pk=entry.pk,
        at=entry.at,
        who=entry.by_name,
        action=entry.action,
        record=entry.record,
        lines=detail_lines(entry.detail),
    )
