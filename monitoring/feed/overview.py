"""The page of the ledger feed as data: the folder, who answers for it, and the last files."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from council_finance.errors import Refused
from council_finance.locks import count_workers
from council_finance.periods import financial_year_label, period_name
from monitoring.feed.file_names import printable_name, read_name
from monitoring.feed.folder import list_files
from monitoring.feed.models import FeedFile, FeedState
from monitoring.feed.selectors import (
    feed_of,
    is_anybody_responsible,
    is_row_in_folder,
    responsible_person,
)
from monitoring.structure.models import FinancialYear
from monitoring.structure.selectors.calendar import open_years, years
from monitoring.uploading.models import UNDER_WAY, Upload, UploadState

MOST_LISTED = 100
"""Files in the folder that the page lists."""

_TONES = {
    UploadState.STORED: "green",
    UploadState.READY: "amber",
    UploadState.REFUSED: "red",
    UploadState.FAILED: "red",
}


@dataclass(frozen=True)
class FeedOfYear:
    """The feed of an open year in words: who answers for its files, or why nobody does."""

    year: FinancialYear
    person: str
    fault: str
    stored: str


@dataclass(frozen=True)
class FolderState:
    """The watched folder: its path, "" for none; why it is not watched, "" where it is."""

    path: str
    fault: str
    years: list[FeedOfYear]


@dataclass(frozen=True)
class WaitingFile:
    """A file that lies in the folder, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class FileRow:
    """A file of the feed as the page lists it; `url` is the page of its upload, "" without one."""

    file: FeedFile
    about: str
    state: str
    tone: str
    said: list[str]
    url: str
    upload: int | None


def describe_folder() -> FolderState:
    """Return whether the folder is watched, and who answers for the files of each open year."""
    described = [_describe_year(year) for year in open_years()]
    return FolderState(settings.DROP_DIR, _find_fault(described), described)


def _describe_year(year: FinancialYear) -> FeedOfYear:
    person, fault = responsible_person(year)
    stored = "are stored" if feed_of(year).stores_clean else "wait for a person"
    return FeedOfYear(year, person.name if person else "", fault, stored)


def _find_fault(described: list[FeedOfYear]) -> str:
    if not settings.DROP_DIR:
        return "No folder is watched: DROP_DIR is not set."
    if not os.access(settings.DROP_DIR, os.R_OK | os.W_OK | os.X_OK):
        return "The folder is not there any more, or cannot be written."
    if not any(each.person for each in described):
        return "Nothing is taken: no open year has a person responsible who may upload files."
    return "" if count_workers() else "Nothing is taken: no worker is running."


def list_waiting() -> list[WaitingFile]:
    """Return the first files that lie in the folder, each with why it was not taken yet."""
    folder = settings.DROP_DIR
    if not folder or not os.access(folder, os.R_OK | os.X_OK):
        return []
    by_start = {year.start: year for year in years()}
    taken = is_anybody_responsible()
    return [
        WaitingFile(printable_name(path.name), _why_waiting(path, by_start, taken=taken))
        for path in list_files(Path(folder))[:MOST_LISTED]
    ]


def _why_waiting(path: Path, by_start: dict[int, FinancialYear], *, taken: bool) -> str:
    if is_row_in_folder(printable_name(path.name)):
        return "It is received, and is moved once it is checked."
    try:
        name = read_name(path.name)
    except Refused:
        year = None
    else:
        year = by_start.get(name.start)
    if year is not None:
        _, why_not = responsible_person(year)
        if why_not:
            return why_not
        if _is_under_way(year, name.kind, name.period):
            return "Another file of this kind and period is being checked, stored, or waits."
    if not taken:
        return "No open year has a person responsible."
    if not os.access(path, os.R_OK):
        return "The file cannot be read: let the service’s user read it."
    return "It is taken once it has not changed for some seconds."


def _is_under_way(year: FinancialYear, kind: str, period: int | None) -> bool:
    found = Upload.objects.filter(year=year, kind=kind, period=period, state__in=UNDER_WAY)
    return found.exists()


def received_files() -> QuerySet[FeedFile]:
    """Return the files of the feed, the latest first, with their uploads."""
    found = FeedFile.objects.select_related("by", "brought__upload")
    return found.defer("brought__upload__content").order_by("-pk")


def rows_of(files: Iterable[FeedFile]) -> list[FileRow]:
    """Return the rows of the page for files as `received_files` reads them."""
    return [_describe_row(file) for file in files]


def _describe_row(file: FeedFile) -> FileRow:
    upload = file.brought.upload if hasattr(file, "brought") else None
    state, tone = _describe_state(file, upload)
    counts = _count_problems(upload) if upload and file.state != FeedState.SAME else []
    return FileRow(
        file=file,
        about=_describe_place(file),
        state=state,
        tone=tone,
        said=counts or file.sentences,
        url=reverse("upload", args=[upload.pk]) if upload else "",
        upload=upload.pk if upload else None,
    )


def _describe_state(file: FeedFile, upload: Upload | None) -> tuple[str, str]:
    """Return a file's state and its tone: that of its upload now, where it has one of its own."""
    if file.state == FeedState.SAME:
        return str(file.get_state_display()), "grey"
    if upload is None:
        tone = "red" if file.state in (FeedState.REFUSED, FeedState.FAILED) else "grey"
        return str(file.get_state_display()), tone
    return str(upload.get_state_display()), _TONES.get(UploadState(upload.state), "grey")


def _count_problems(upload: Upload) -> list[str]:
    counts = ((upload.problem_count, "error"), (upload.warning_count, "warning"))
    return [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]


def _describe_place(file: FeedFile) -> str:
    """Return the kind and month of a file: `position, month 8 of 2026/27`; "" where not known."""
    if file.year_start is None:
        return ""
    year = financial_year_label(file.year_start)
    month = "" if file.period is None else f"{period_name(file.period).lower()} of "
    return f"{file.kind}, {month}{year}"
