"""Whether a stored file can be undone, and what that changes."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from council_finance import registry
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.registry.undo import UndoneFigure
from monitoring.published.models import Report
from monitoring.structure.selectors.calendar import published_message
from monitoring.structure.year_changes import basis_of, refuse_archived
from monitoring.uploading.models import UNDER_WAY, Upload, UploadState
from monitoring.uploading.prepared import kind_of, target_of
from monitoring.uploading.replaced import read_replaced
from monitoring.uploading.rights import why_not_upload

_INSTEAD = "Upload a corrected file instead."


@dataclass(frozen=True)
class UndoPreview:
    """What undoing a file changes, and the state of the year for which it was worked out."""

    figures: list[UndoneFigure]
    basis: int


def may_be_undone(upload: Upload) -> bool:
    """Return whether an upload is of a kind and state to be undone: stored, its period open."""
    if upload.state != UploadState.STORED or kind_of(upload).undo is None:
        return False
    return not (upload.year.is_archived or _is_published(upload))


def undo_refusal(upload: Upload, by: User) -> str:
    """Return why a stored file of an open period cannot be undone now; empty where it can."""
    try:
        kept = what_to_put_back(upload, by)
        if (undo := kind_of(upload).undo) is not None:
            undo.refuse(kept, target_of(upload))
    except Refused as refused:
        return " ".join(refused.messages)
    return ""


def preview_undo(upload: Upload, by: User) -> UndoPreview:
    """Return what undoing a file changes. Raise `Refused` with why it cannot be undone."""
    basis = basis_of(upload.year_id, upload.period)
    kept = what_to_put_back(upload, by)
    undo = kind_of(upload).undo
    return UndoPreview(undo.preview(kept, target_of(upload)) if undo else [], basis)


def what_to_put_back(upload: Upload, by: User) -> Any:
    """Return what the file replaced. Raise `Refused` where it cannot be undone now."""
    kind = kind_of(upload)
    if fault := why_not_upload(by, kind, upload.year, upload.scope):
        raise Refused(fault)
    if upload.state != UploadState.STORED:
        raise Refused(
            f"This upload is {upload.get_state_display().lower()}. Only a stored file is undone."
        )
    if kind.undo is None:
        raise Refused(f"Files of this kind cannot be undone. {_INSTEAD}")
    refuse_archived(upload.year_id)
    _refuse_published(upload)
    _refuse_others_under_way(upload)
    _refuse_earlier_of_several(upload, kind)
    kept = read_replaced(upload)
    if kept is None:
        raise Refused(
            "What this file replaced was not kept, as it was stored before files could be undone. "
            f"{_INSTEAD}"
        )
    return kept


def _is_published(upload: Upload) -> bool:
    period = target_of(upload).period
    return period is not None and period.is_published


def _refuse_published(upload: Upload) -> None:
    """Refuse where the period is published, or a report that shows the file has been published."""
    period = target_of(upload).period
    if period is not None and period.is_published:
        raise Refused(published_message(period))
    reports = Report.objects.filter(period__year=upload.year, published_at__gte=upload.ended_at)
    if period is not None:
        reports = reports.filter(period=period)
    report = reports.select_related("period__year").order_by("pk").first()
    if report is not None:
        raise Refused(
            f"The report of {report.period.name.lower()} was published after this file was stored, "
            f"and rests on it. {_INSTEAD}"
        )


def _refuse_others_under_way(upload: Upload) -> None:
    others = Upload.objects.filter(year=upload.year, state__in=UNDER_WAY)
    others = others.filter(Q(period=upload.period) if upload.period is not None else Q())
    other = others.defer("content").first()
    if other is not None:
        raise Refused(
            f"The file {other.file_name} is under way. Confirm or withdraw it, or wait until it "
            "has ended; then undo this one."
        )


def _refuse_earlier_of_several(upload: Upload, kind: registry.AnyKind) -> None:
    """Refuse a file after which another of its kind was stored; all files of lines are one kind."""
    names = [kind.name]
    if kind.has_budget_lines:
        names = [each.name for each in registry.upload_kinds() if each.has_budget_lines]
    later = Upload.objects.filter(
        year=upload.year, period=upload.period, kind__in=names, state=UploadState.STORED
    )
    later = later.filter(ended_at__gt=upload.ended_at).defer("content").order_by("-ended_at")
    last = later.first()
    if last is not None:
        raise Refused(
            f"{last.file_name} ({last.kind_label}) was stored after this file. Undo that first: "
            "files are undone one by one, the latest first."
        )
