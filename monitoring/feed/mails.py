"""The mail about a file of the feed that was refused or waits for a person."""

from dataclasses import dataclass

from django.urls import reverse

from council_finance.periods import financial_year_label, period_name
from monitoring.feed.mail_words import MOST_SENTENCES, SEE_PAGE, hide_amounts, sentences_for_mail
from monitoring.feed.models import FeedFile, FeedState
from monitoring.uploading.models import Upload, UploadState


@dataclass(frozen=True)
class FeedMail:
    """What a mail says of a file: a sentence, its errors or warnings, how many more, and a path."""

    sentence: str
    problems: list[str]
    more: int
    path: str


def subject_of_mail(file: FeedFile) -> str:
    """Return what happened to a file, without its name: the ledger chose that."""
    happened = {
        FeedState.WAITING: "waits for you",
        FeedState.REFUSED: "was refused",
        FeedState.FAILED: "could not be checked",
    }
    return f"a file of the ledger {happened[FeedState(file.state)]}"


def describe_for_mail(file: FeedFile) -> FeedMail:
    """Return what a mail says of a file: the sentences of its page, without figures."""
    upload = file.upload
    found = _list_problems(file, upload)
    count = max(_count_problems(upload), len(found))
    return FeedMail(
        sentence=_describe_file(file, upload),
        problems=found,
        more=count - len(found),
        path=reverse("upload", args=[upload.pk]) if upload else reverse("ledger-feed"),
    )


def _list_problems(file: FeedFile, upload: Upload | None) -> list[str]:
    if upload and (upload.problems or upload.warnings):
        return sentences_for_mail(upload.problems or upload.warnings)
    own = file.sentences[:MOST_SENTENCES]
    named = file.by.name if file.by else ""
    return [SEE_PAGE if named and named in each else hide_amounts(each) for each in own]


def _count_problems(upload: Upload | None) -> int:
    return (upload.problem_count or upload.warning_count) if upload else 0


def _describe_file(file: FeedFile, upload: Upload | None) -> str:
    what = _describe_kind(file, upload)
    if file.state == FeedState.REFUSED:
        return f"{what} was refused, and nothing was stored."
    if file.state == FeedState.FAILED:
        return f"{what} could not be checked, and nothing was stored."
    if upload and upload.state != UploadState.READY:
        return f"{what} waited for a person, and is {upload.get_state_display().lower()} by now."
    return f"{what} is checked and waits for a person to store it or withdraw it."


def _describe_kind(file: FeedFile, upload: Upload | None) -> str:
    """Return the kind and month of a file: `Ledger position for month 8 of 2026/27`."""
    if upload is None:
        return "A file"
    year = financial_year_label(upload.year.start)
    month = f"{period_name(upload.period).lower()} of " if upload.period is not None else ""
    return f"{upload.kind_label} for {month}{year}"
