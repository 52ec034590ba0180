"""Read the feed: its settings of a year, who answers for it, and what became of its files."""

import datetime

from django.db.models import QuerySet

from council_finance.accounts.models import Role, User
from monitoring.feed.models import FeedFile, FeedSource, FeedState
from monitoring.feed.received import ReceivedFile
from monitoring.feed.settings_tables import NAME, LedgerFeed
from monitoring.people.rights import may_upload
from monitoring.structure.council_settings import read_settings
from monitoring.structure.models import FinancialYear
from monitoring.structure.selectors.calendar import open_years
from monitoring.uploading.models import UNDER_WAY, Upload, UploadState
from monitoring.uploading.rights import may_upload_files

TO_MAIL = (FeedState.WAITING, FeedState.REFUSED, FeedState.FAILED)
"""States of files about which somebody is mailed."""


def feed_of(year: FinancialYear) -> LedgerFeed:
    """Return the settings of the feed of a year."""
    feed: LedgerFeed = read_settings(year.settings).of_apps[NAME]
    return feed


def earlier_upload(
    received: ReceivedFile, year: FinancialYear, scope: str, *, before: Upload | None = None
) -> Upload | None:
    """Return the upload of the same file that is being checked, waits or is stored; None without.

    The same file has the same SHA-256, kind, year, period and scope.
    """
    found = Upload.objects.filter(
        sha256=received.sha256,
        kind=received.kind,
        year=year,
        period=received.period,
        scope=scope,
        state__in=(*UNDER_WAY, UploadState.STORED),
    )
    if before is not None:
        found = found.filter(pk__lt=before.pk)
    return found.defer("content").order_by("pk").first()


def is_clean(upload: Upload) -> bool:
    """Return whether a check found no error and no warning, and nothing that a person chooses.

    A file that approves virements in its sender's name is theirs to confirm.
    """
    changes = upload.found_changes
    decisions = (changes.asked, changes.typed, changes.alike_codes, changes.approves)
    return not (upload.problem_count or upload.warning_count or any(decisions))


def person_with_address(address: str) -> User | None:
    """Return the open account with an e-mail address; None without one, or with several."""
    found = list(User.objects.filter(is_active=True, email__iexact=address)[:2])
    return found[0] if len(found) == 1 else None


def responsible_person(year: FinancialYear) -> tuple[User | None, str]:
    """Return the person in whose name files of the folder are received, and else why nobody is."""
    return responsible_with_address(year, feed_of(year).person)


def responsible_with_address(year: FinancialYear, address: str) -> tuple[User | None, str]:
    """Return the same where the person responsible for a year is the one with that address."""
    if not address:
        return None, f"No person responsible for {year.label} is set."
    person = person_with_address(address)
    if person is None:
        return None, (
            f"The person responsible for {year.label}, {address}, has no open account, or several."
        )
    if not may_upload_files(person):
        return None, (
            f"The person responsible for {year.label}, {person.name}, is "
            f"{person.get_role_display().lower()} and may not upload files."
        )
    return person, ""


def is_anybody_responsible() -> bool:
    """Return whether any open year has a person responsible, so that the folder is the feed's."""
    return any(responsible_person(year)[0] for year in open_years())


def files_to_decide_on() -> QuerySet[FeedFile]:
    """Return the files that are still being checked or stored, the earliest first."""
    return FeedFile.objects.filter(state=FeedState.CHECKING).order_by("pk")


def files_to_move() -> QuerySet[FeedFile]:
    """Return the files of the folder that ended and are not in their new place, earliest first."""
    ended = FeedFile.objects.exclude(state=FeedState.CHECKING)
    return ended.filter(source=FeedSource.FOLDER, moved_at=None).order_by("pk")


def is_row_of_folder(file_name: str, sha256: str) -> bool:
    """Return whether the file of that name in the folder has a row, and waits to be moved."""
    rows = FeedFile.objects.filter(source=FeedSource.FOLDER, moved_at=None)
    return rows.filter(file_name=file_name, sha256=sha256).exists()


def is_row_in_folder(file_name: str) -> bool:
    """Return whether a file of that name was received and is not moved yet."""
    rows = FeedFile.objects.filter(source=FeedSource.FOLDER, moved_at=None)
    return rows.filter(file_name=file_name).exists()


def files_to_mail_about(since: datetime.datetime) -> QuerySet[FeedFile]:
    """Return the files that ended since then and are to be mailed about, and are not yet."""
    return FeedFile.objects.filter(state__in=TO_MAIL, mailed_at=None, ended_at__gte=since).order_by(
        "pk"
    )


def was_mailed_about(file: FeedFile, since: datetime.datetime) -> bool:
    """Return whether mails went out since then about the same file, refused for the same reason.

    A program that sends a refused file again and again is mailed about once.
    """
    if file.state != FeedState.REFUSED:
        return False
    same = FeedFile.objects.filter(
        sha256=file.sha256,
        kind=file.kind,
        year_start=file.year_start,
        period=file.period,
        state=file.state,
        sentences=file.sentences,
        mailed_at__gte=since,
    )
    return same.exclude(pk=file.pk).exists()


def people_to_mail(file: FeedFile) -> list[User]:
    """Return the people whom the settings of a file's year name, else all who upload figures.

    Only people with an open account, an address and the right to upload are mailed.
    """
    year = FinancialYear.objects.filter(start=file.year_start or 0).first()
    named = {each.casefold() for each in feed_of(year).mail_to} if year else set()
    people = User.objects.filter(is_active=True).exclude(email="").exclude(role=Role.NO_ROLE)
    able = [user for user in people.order_by("pk") if may_upload_files(user)]
    if named:
        return [user for user in able if user.email.casefold() in named]
    return [user for user in able if may_upload(user)]
