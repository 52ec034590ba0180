"""Bringing a file in: receive, confirm, withdraw, run again."""

import hashlib
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from council_finance import audit, registry
from council_finance.errors import Refused
from council_finance.jobs import Job
from council_finance.uploads.problems import Problem
from monitoring.structure.models import FinancialYear, Period
from monitoring.structure.selectors.calendar import published_message
from monitoring.uploading import tasks
from monitoring.uploading.models import UNDER_WAY, Layout, TypedChoice, Upload, UploadState
from monitoring.uploading.pipeline.sweep import send_job, sweep_jobs
from monitoring.uploading.pipeline.uploads import compress, kind_of, run_job, store_upload
from monitoring.uploading.rights import why_not_bring
from monitoring.uploading.selectors.layouts import saved_layout
from monitoring.uploading.selectors.uploads import file_content, may_be_matched, scope_service
from monitoring.uploading.services.layouts import save_layout

MOST_BYTES = 50_000_000
OF_LINES = ("position", "budgets", "actuals", "forecasts")
"""Files whose rows are budget lines: they may be limited to one service's."""


def receive_upload(
    *, kind: str, year: FinancialYear, period: int | None, by, scope: str = "", **file
) -> Upload:
    """Keep a person's file, in state checking, with the job that will check it.

    `file` is its content, file_name and, where given, sheet, sheets, layout and new_codes (codes
    that are no known ones, however alike they look). Raises Refused where it cannot be taken at
    all, or this person may not bring it.
    """
    found = registry.upload_kind(kind, per_period=period is not None)
    _refuse_without_right(found, year, scope, by)
    return _receive(kind=kind, year=year, period=period, by=by, scope=scope, **file)


def _refuse_without_right(kind: registry.UploadKind, year: FinancialYear, scope: str, by) -> None:
    if by is not None and (fault := why_not_bring(by, kind, year, scope)):
        raise Refused(fault)


def _receive(
    *,
    kind: str,
    year: FinancialYear,
    period: int | None,
    content: bytes,
    file_name: str,
    by,
    scope: str = "",
    sheet: str = "",
    sheets: Sequence[str] = (),
    layout: str = "",
    new_codes: Iterable[str] = (),
) -> Upload:
    registry.upload_kind(kind, per_period=period is not None)
    sweep_jobs()
    _refuse_unfit(year, kind, period, scope, content)
    try:
        with transaction.atomic():
            upload = Upload.objects.create(
                year=year,
                period=period,
                kind=kind,
                scope=scope,
                sheet=sheet,
                sheets=list(sheets),
                layout_name=layout,
                layout=saved_layout(layout, kind) if layout else None,
                file_name=file_name[-255:],
                content=compress(content),
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                uploaded_by=by,
                new_codes=sorted(set(new_codes)),
                job=Job.objects.create(task=tasks.check_upload.name),
            )
            audit.record(by=by, action="uploaded", on=f"upload {upload.pk}", sha256=upload.sha256)
    except IntegrityError as error:
        raise Refused(_under_way_message(year, kind, period)) from error
    return upload


def _refuse_unfit(year, kind: str, period: int | None, scope: str, content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise Refused(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
    if period is not None:
        row = Period.objects.filter(year=year, number=period).first()
        if row is None:
            raise Refused(f"There is no period {period}; periods are numbered 0 to 13.")
        if row.is_published:
            raise Refused(published_message(row))
    if scope and (kind not in OF_LINES or period is None):
        raise Refused(
            "Only a file of budget lines can be uploaded for one service: position, budgets, "
            "actuals or forecasts."
        )
    if scope:
        scope_service(year, scope)
    if Upload.objects.filter(year=year, kind=kind, period=period, state__in=UNDER_WAY).exists():
        raise Refused(_under_way_message(year, kind, period))


def _under_way_message(year: FinancialYear, kind: str, period: int | None) -> str:
    place = f"period {period} of {year}" if period is not None else str(year)
    return (
        f"Another upload of {kind} for {place} is under way. Confirm or withdraw it, or wait until "
        "it has ended; then upload again."
    )


def start_check(*, upload: Upload) -> None:
    """Hand the check to a worker, once the transaction is committed."""
    send_job(upload.job)


def match_columns(
    *, upload: Upload, name: str, definition: dict, by, replace: bool = False
) -> Upload:
    """Save how the columns of a file that was not stored are read, and keep it anew to be read so.

    `replace` says that a layout of that name may be replaced. Raises Refused; then neither the
    layout is saved nor the file taken.
    """
    if not may_be_matched(upload):
        raise Refused(
            "The columns of this file cannot be matched: it has the product’s own headings, or it "
            "is not refused or withdrawn."
        )
    if not replace and Layout.objects.filter(name=name.strip()).exists():
        raise Refused(
            f"There is a layout called “{name.strip()}” already. Choose another name, or say that "
            "it is replaced."
        )
    if upload.sheet:
        definition = definition | {"sheet": upload.sheet}
    with transaction.atomic():
        layout = save_layout(name=name, kind=upload.kind, definition=definition, by=by)
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
            layout=layout.name,
        )


def choose_sheets(*, upload: Upload, sheets: Sequence[str], by) -> Upload:
    """Keep a file that is not stored anew, to be read from these of its sheets. Raises Refused.

    A checked file that waits is withdrawn for it.
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
            layout=upload.layout_name,
        )


def confirm_upload(
    *,
    upload: Upload,
    by,
    typed_choice: str = "",
    keep_typed: Iterable[int] = (),
    codes_are_new: bool = False,
    seen_job: int | None = None,
) -> None:
    """A person has seen the checks: hand the storing to a worker. Raises Refused.

    Where the file's forecasts differ from typed ones, `typed_choice` says which hold, and
    `keep_typed` the lines that keep theirs where it is line by line. `codes_are_new` says that the
    file's new codes are no known ones that they look like. `seen_job` is the job whose
    check the person saw: an answer to an earlier one is none to this.
    """
    _refuse_without_right(kind_of(upload), upload.year, upload.scope, by)
    _refuse_other_than_seen(upload, by, seen_job)
    keep_typed = set(keep_typed)
    if upload.changes.get("asked"):
        _check_choice(upload, typed_choice, keep_typed)
    else:
        typed_choice = TypedChoice.UNDECIDED
    alike = upload.changes.get("alike_codes", [])
    if alike and not codes_are_new:
        raise Refused(
            "Say whether the new codes are other ones than those they look like. Where they are "
            "not, withdraw the file and put its codes right."
        )
    with transaction.atomic():
        _move(upload, UploadState.READY, UploadState.STORING)
        keep = sorted(keep_typed) if typed_choice == TypedChoice.EACH else []
        upload.typed_choice, upload.keep_typed, upload.new_codes = typed_choice, keep, alike
        upload.save(update_fields=["typed_choice", "keep_typed", "new_codes"])
        audit.record(
            by=by,
            action="confirmed",
            on=f"upload {upload.pk}",
            **({"typed_forecasts": typed_choice} if typed_choice else {}),
            **({"new_codes": alike} if alike else {}),
        )
        _start(upload, tasks.store_upload)


def _refuse_other_than_seen(upload: Upload, by, seen_job: int | None) -> None:
    """Raise Refused where this person may not confirm the file, or saw an earlier check of it."""
    if upload.changes.get("approves") and by.pk != upload.uploaded_by_id:
        raise Refused(
            f"This file approves virements in the name of {upload.uploaded_by.name}, who is to "
            "confirm it."
        )
    if seen_job not in (None, upload.job_id):
        raise Refused("The file was checked again since this page was drawn. Look at it again.")


def _check_choice(upload: Upload, choice: str, keep: set[int]) -> None:
    """Raise Refused unless a person said which forecasts hold, in a way that fits together."""
    if choice not in (TypedChoice.FILE, TypedChoice.TYPED, TypedChoice.EACH):
        raise Refused("Choose which forecasts hold: the file’s, or those that were typed.")
    if keep and choice == TypedChoice.FILE:
        raise Refused(
            "Lines are ticked to keep what was typed, but the file’s forecasts were chosen for all "
            "lines. Choose line by line, or take the ticks away."
        )
    if not keep <= {typed["line"] for typed in upload.changes["typed"]}:
        raise Refused("The list of forecasts has changed. Look at it again, and choose again.")


def withdraw_upload(*, upload: Upload, by) -> None:
    """Leave a checked file aside; nothing of it is stored. Raises Refused.

    Whoever sent it may, and whoever may bring such a file.
    """
    if by is None or by.pk != upload.uploaded_by_id:
        _refuse_without_right(kind_of(upload), upload.year, upload.scope, by)
    with transaction.atomic():
        _move(upload, UploadState.READY, UploadState.WITHDRAWN)
        Upload.objects.filter(pk=upload.pk).update(ended_at=timezone.now())
        audit.record(by=by, action="withdrew", on=f"upload {upload.pk}")


def run_again(*, upload: Upload, by) -> None:
    """Check a failed upload's file afresh. Raises Refused."""
    _refuse_without_right(kind_of(upload), upload.year, upload.scope, by)
    try:
        with transaction.atomic():
            _move(upload, UploadState.FAILED, UploadState.CHECKING)
            file_content(upload)  # refused where it is no longer kept
            audit.record(by=by, action="ran again", on=f"upload {upload.pk}")
            _start(upload, tasks.check_upload)
    except IntegrityError as error:
        message = _under_way_message(upload.year, upload.kind, upload.period)
        raise Refused(message) from error


def _move(upload: Upload, before: str, after: str) -> None:
    same = Upload.objects.filter(pk=upload.pk, state=before, job=upload.job_id)
    if not same.update(state=after):
        upload.refresh_from_db(fields=["state"])
        raise Refused(f"This upload is {upload.get_state_display().lower()} already.")
    upload.state = after


def _start(upload: Upload, task) -> None:
    with transaction.atomic():
        upload.job = Job.objects.create(task=task.name)
        upload.save(update_fields=["job"])
        send_job(upload.job)


def upload_file(**arguments) -> Upload:
    """Receive, check and store in this process, as commands and packs do.

    Takes what receive_upload takes, from whoever runs the command. Raises Refused with every error;
    nothing is stored then.
    """
    with transaction.atomic():
        upload = _receive(**arguments)
        Job.objects.filter(pk=upload.job_id).update(task=tasks.store_upload.name, in_process=True)
    run_job(upload.job_id, store_upload)
    upload = Upload.objects.defer("content").select_related("year").get(pk=upload.pk)
    if upload.state == UploadState.REFUSED:
        raise Refused(*_sentences(upload))
    if upload.state != UploadState.STORED:
        raise Refused(
            f"{kind_of(upload).label}: this was taken for dead before it ended, and nothing was "
            "stored. Upload the file again."
        )
    return upload


def _sentences(upload: Upload) -> list[str]:
    problems = [Problem(**problem).sentence for problem in upload.problems]
    more = upload.problem_count - len(problems)
    last = [f"… and {more} more errors."] if more else []
    return [*problems, *last, f"{kind_of(upload).label}: nothing was stored."]
