"""The steps that a person takes with a file: send, confirm, withdraw, run again."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from council_finance import audit, registry
from council_finance.accounts.models import User
from council_finance.bulk import sent_bytes
from council_finance.errors import Refused
from council_finance.jobs import Job
from council_finance.uploads.problems import Problem
from council_finance.uploads.saved_layout import SavedLayout
from monitoring.structure.models import FinancialYear, Period
from monitoring.structure.selectors.calendar import published_message
from monitoring.structure.year_changes import refuse_archived
from monitoring.uploading.changes import UploadChanges
from monitoring.uploading.kept_files import compress
from monitoring.uploading.models import UNDER_WAY, Layout, TypedChoice, Upload, UploadState
from monitoring.uploading.pipeline.jobs import CHECK, STORE, run_job, send_job, sweep_jobs
from monitoring.uploading.pipeline.store import store_upload
from monitoring.uploading.prepared import kind_of
from monitoring.uploading.rights import why_not_upload
from monitoring.uploading.selectors.layouts import as_saved, layout_of_upload, saved_layout
from monitoring.uploading.selectors.uploads import file_content, may_be_matched, scope_service
from monitoring.uploading.services.layouts import save_layout

MOST_BYTES = 50_000_000


class UploadUnderWay(Refused):
    """A file of a kind and period of which another is still being checked, stored or decided on."""


def receive_upload(
    *,
    kind: str,
    year: FinancialYear,
    period: int | None,
    by: User | None,
    scope: str = "",
    **file: Any,
) -> Upload:
    """Keep a person's file, in state checking, with the job that will check it.

    `file` is its content, file_name and, where given, sheet, sheets, layout and new_codes (codes
    that are no known ones, however alike they look). `layout` is the name of a saved layout, or
    a `SavedLayout`. Raise `Refused` where it cannot be taken at
    all, or this person may not upload it; as `UploadUnderWay` where it can be taken later.
    """
    found = registry.upload_kind(kind, per_period=period is not None)
    _refuse_without_right(found, year, scope, by)
    return _keep_file(kind=kind, year=year, period=period, by=by, scope=scope, **file)


def _refuse_without_right(
    kind: registry.AnyKind, year: FinancialYear, scope: str, by: User | None
) -> None:
    if by is not None and (fault := why_not_upload(by, kind, year, scope)):
        raise Refused(fault)


def _keep_file(
    *,
    kind: str,
    year: FinancialYear,
    period: int | None,
    content: bytes,
    file_name: str,
    by: User | None,
    scope: str = "",
    sheet: str = "",
    sheets: Sequence[str] = (),
    layout: str | SavedLayout = "",
    new_codes: Iterable[str] = (),
) -> Upload:
    sweep_jobs()
    _refuse_unfit(year, kind, period, scope, content)
    read_through = saved_layout(layout, kind) if isinstance(layout, str) and layout else layout
    kept = compress(content)
    try:
        with transaction.atomic():
            upload = Upload.objects.create(
                year=year,
                period=period,
                kind=kind,
                scope=scope,
                sheet=sheet,
                sheets=list(sheets),
                **_layout_fields(read_through),
                file_name=file_name[-255:],
                content=sent_bytes(kept),
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                uploaded_by=by,
                new_codes=sorted(set(new_codes)),
                job=Job.objects.create(task=CHECK),
            )
            upload.content = kept
            audit.record(by=by, action="uploaded", on=f"upload {upload.pk}", sha256=upload.sha256)
    except IntegrityError as error:
        raise UploadUnderWay(_under_way_message(year, kind, period)) from error
    return upload


def _layout_fields(layout: SavedLayout | str) -> dict[str, Any]:
    """Return the fields of an upload that keep the layout its file is read through; "" for none."""
    if isinstance(layout, str):
        return {}
    return {
        "layout_name": layout.name,
        "layout": dict(layout.definition),
        "saved_layout_id": layout.id,
        "layout_version": layout.version,
    }


def _refuse_unfit(
    year: FinancialYear, kind: str, period: int | None, scope: str, content: bytes
) -> None:
    """Raise `Refused` for a file that is too large, or that its year or period cannot take now."""
    refuse_archived(year.pk)
    if len(content) > MOST_BYTES:
        raise Refused(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
    if period is not None:
        row = Period.objects.filter(year=year, number=period).first()
        if row is None:
            raise Refused(f"There is no period {period}; periods are numbered 0 to 13.")
        if row.is_published:
            raise Refused(published_message(row))
    if scope:
        _refuse_unfit_scope(year, kind, period, scope)
    if Upload.objects.filter(year=year, kind=kind, period=period, state__in=UNDER_WAY).exists():
        raise UploadUnderWay(_under_way_message(year, kind, period))


def _refuse_unfit_scope(year: FinancialYear, kind: str, period: int | None, scope: str) -> None:
    names = [each.name for each in registry.upload_kinds() if each.has_budget_lines]
    if kind not in names or period is None:
        raise Refused(
            "Only a file of budget lines can be uploaded for one service: "
            f"{', '.join(names[:-1])} or {names[-1]}."
        )
    scope_service(year, scope)


def _under_way_message(year: FinancialYear, kind: str, period: int | None) -> str:
    place = f"period {period} of {year}" if period is not None else str(year)
    return (
        f"Another upload of {kind} for {place} is under way. Confirm or withdraw it, or wait until "
        "it has ended; then upload again."
    )


def start_check(*, upload: Upload) -> None:
    """Hand the check to a worker, once the transaction is committed."""
    send_job(upload.its_job)


def match_columns(
    *,
    upload: Upload,
    name: str,
    definition: dict[str, Any],
    by: User,
    replace: bool = False,
    seen_version: int | None = None,
) -> Upload:
    """Save a layout for the columns of a file that was not stored, and keep it to be read so.

    `replace` says that it may be a new version of a layout of that name, and `seen_version` from
    which version the person began. Raise `Refused`, also where somebody saved another version
    since; then neither the layout is saved nor the file taken.
    """
    _refuse_unmatchable(upload, name.strip(), replace)
    if upload.sheet and "sheet" not in definition:
        definition = definition | {"sheet": upload.sheet}
    with transaction.atomic():
        version = save_layout(
            name=name,
            kind=upload.kind,
            definition=definition,
            by=by,
            seen_version=seen_version,
        )
        return receive_upload(
            kind=upload.kind,
            year=upload.year,
            period=upload.period,
            content=file_content(upload),
            file_name=upload.file_name,
            by=by,
            scope=upload.scope,
            sheet=upload.sheet,
            sheets=upload.sheets,
            layout=as_saved(version),
        )


def _refuse_unmatchable(upload: Upload, name: str, replace: bool) -> None:
    if not may_be_matched(upload):
        raise Refused(
            "The columns of this file cannot be matched: it has the product’s own headings, or it "
            "is not refused or withdrawn."
        )
    if not replace and Layout.objects.filter(name=name).exists():
        raise Refused(
            f"There is a layout called “{name}” already. Choose another name, or say that "
            "this is its new version."
        )


def choose_sheets(*, upload: Upload, sheets: Sequence[str], by: User) -> Upload:
    """Keep a file that is not stored as a new upload, to be read from these of its sheets.

    A checked file that waits is withdrawn for it. Raise `Refused` where it cannot be.
    """
    known = [each["name"] for each in upload.reading.get("others", ())]
    known += upload.reading.get("sheets", ())
    if upload.state not in (UploadState.READY, UploadState.REFUSED, UploadState.WITHDRAWN):
        raise Refused("This file is being stored, or is stored already. Upload it again.")
    if not sheets or not set(sheets) <= set(known):
        raise Refused("Choose the sheets to read.")
    content = file_content(upload)
    with transaction.atomic():
        if upload.state == UploadState.READY:
            withdraw_upload(upload=upload, by=by)
        return receive_upload(
            kind=upload.kind,
            year=upload.year,
            period=upload.period,
            content=content,
            file_name=upload.file_name,
            by=by,
            scope=upload.scope,
            sheets=sheets,
            layout=layout_of_upload(upload) or "",
        )


def confirm_upload(
    *,
    upload: Upload,
    by: User,
    typed_choice: str = "",
    keep_typed: Iterable[int] = (),
    codes_are_new: bool = False,
    seen_job: int | None = None,
) -> None:
    """Hand the storing of a checked file to a worker, as a person decided. Raise `Refused`.

    Where the file's forecasts differ from typed ones, `typed_choice` says which hold, and
    `keep_typed` the lines that keep theirs where it is line by line. `codes_are_new` says that the
    file's new codes are no known ones that they look like. `seen_job` is the job whose check the
    person saw: an answer to an earlier check does not count.
    """
    _refuse_without_right(kind_of(upload), upload.year, upload.scope, by)
    changes, keep_typed = upload.found_changes, set(keep_typed)
    _refuse_unseen_check(upload, changes, by, seen_job)
    if changes.asked:
        _check_choice(changes, typed_choice, keep_typed)
    else:
        typed_choice = TypedChoice.UNDECIDED
    alike = list(changes.alike_codes)
    if alike and not codes_are_new:
        raise Refused(
            "Say whether the new codes are other ones than those they look like. Where they are "
            "not, withdraw the file and put its codes right."
        )
    with transaction.atomic():
        _change_state(upload, UploadState.READY, UploadState.STORING)
        keep = sorted(keep_typed) if typed_choice == TypedChoice.EACH else []
        upload.typed_choice, upload.keep_typed, upload.new_codes = typed_choice, keep, alike
        upload.save(update_fields=["typed_choice", "keep_typed", "new_codes"])
        answers: dict[str, Any] = {"typed_forecasts": typed_choice, "new_codes": alike}
        audit.record(
            by=by,
            action="confirmed",
            on=f"upload {upload.pk}",
            **{key: value for key, value in answers.items() if value},
        )
        _start_job(upload, STORE)


def _refuse_unseen_check(
    upload: Upload, changes: UploadChanges, by: User, seen_job: int | None
) -> None:
    """Raise `Refused` where this person may not confirm the file, or saw an earlier check of it."""
    if changes.approves and by.pk != upload.uploaded_by_id:
        sender = upload.uploaded_by.name if upload.uploaded_by else "its sender"
        raise Refused(
            f"This file approves virements in the name of {sender}, who is to confirm it."
        )
    if seen_job not in (None, upload.job_id):
        raise Refused("The file was checked again since this page was drawn. Look at it again.")


def _check_choice(changes: UploadChanges, choice: str, keep: set[int]) -> None:
    """Raise `Refused` unless a person chose which forecasts hold, in a way that fits together."""
    if choice not in (TypedChoice.FILE, TypedChoice.TYPED, TypedChoice.EACH):
        raise Refused("Choose which forecasts to use: the file’s, or those that were typed.")
    if keep and choice == TypedChoice.FILE:
        raise Refused(
            "Lines are ticked to keep what was typed, but the file’s forecasts were chosen for all "
            "lines. Choose line by line, or take the ticks away."
        )
    if not keep <= {typed.line for typed in changes.typed}:
        raise Refused("The list of forecasts has changed. Look at it again, and choose again.")


def withdraw_upload(*, upload: Upload, by: User | None) -> None:
    """Leave a checked file aside, so that nothing of it is stored. Raise `Refused`.

    Its sender may do so, and everybody who may upload such a file.
    """
    if by is None or by.pk != upload.uploaded_by_id:
        _refuse_without_right(kind_of(upload), upload.year, upload.scope, by)
    with transaction.atomic():
        _change_state(upload, UploadState.READY, UploadState.WITHDRAWN)
        Upload.objects.filter(pk=upload.pk).update(ended_at=timezone.now())
        audit.record(by=by, action="withdrew", on=f"upload {upload.pk}")


def run_again(*, upload: Upload, by: User) -> None:
    """Check a failed upload's file afresh. Raise `Refused`."""
    _refuse_without_right(kind_of(upload), upload.year, upload.scope, by)
    try:
        with transaction.atomic():
            _change_state(upload, UploadState.FAILED, UploadState.CHECKING)
            file_content(upload)  # refused where it is no longer kept
            audit.record(by=by, action="ran again", on=f"upload {upload.pk}")
            _start_job(upload, CHECK)
    except IntegrityError as error:
        message = _under_way_message(upload.year, upload.kind, upload.period)
        raise Refused(message) from error


def _change_state(upload: Upload, before: UploadState, after: UploadState) -> None:
    """Take an upload from one state to the next. Raise `Refused` where it is in another by now."""
    refuse_archived(upload.year_id)
    same = Upload.objects.filter(pk=upload.pk, state=before, job=upload.job_id)
    if not same.update(state=after):
        upload.refresh_from_db(fields=["state"])
        raise Refused(f"This upload is {upload.get_state_display().lower()} already.")
    upload.state = after


def _start_job(upload: Upload, task: str) -> None:
    with transaction.atomic():
        upload.job = Job.objects.create(task=task)
        upload.save(update_fields=["job"])
        send_job(upload.job)


def upload_file(*, kind: str, period: int | None, content: bytes, **arguments: Any) -> Upload:
    """Receive, check and store a file in this process, as commands and packs do.

    Its arguments are those of receive_upload; everybody who runs commands may upload. The file is
    kept in the database, and not read back from it. Raise `Refused` with every error; nothing is
    stored then.
    """
    registry.upload_kind(kind, per_period=period is not None)  # refused where there is none
    with transaction.atomic():
        upload = _keep_file(kind=kind, period=period, content=content, **arguments)
        job = Job.objects.filter(pk=upload.its_job.pk)
        job.update(task=STORE, in_process=True)
    run_job(upload.its_job.pk, store_upload, content)
    upload = Upload.objects.defer("content").select_related("year").get(pk=upload.pk)
    if upload.state == UploadState.REFUSED:
        raise Refused(*list_error_sentences(upload))
    if upload.state != UploadState.STORED:
        raise Refused(
            f"{kind_of(upload).label}: this was taken for dead before it ended, and nothing was "
            "stored. Upload the file again."
        )
    return upload


def list_error_sentences(upload: Upload) -> list[str]:
    """Return the errors of a refused upload by row and column, and that nothing was stored."""
    problems = [Problem(**problem).sentence for problem in upload.problems]
    more = upload.problem_count - len(problems)
    last = [f"… and {more} more errors."] if more else []
    return [*problems, *last, f"{kind_of(upload).label}: nothing was stored."]
