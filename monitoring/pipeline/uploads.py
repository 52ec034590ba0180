"""An upload on its way: bytes → rows → checked → stored, all or nothing."""

import contextlib
import zlib
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from council_finance import audit, jobs, registry
from council_finance.jobs import Job, JobState
from council_finance.uploads.deadline import deadline
from council_finance.uploads.layouts import LayoutError, apply_layout, read_layout
from council_finance.uploads.problems import SHOWN, FileRefused, Problem
from council_finance.uploads.reading import read_rows
from council_finance.uploads.table import TypedTable, typed_table
from monitoring.models import FinancialYear, Period, Upload, UploadState
from monitoring.models.uploads import UNDER_WAY, TypedChoice
from monitoring.pipeline.figures import (
    TRIES,
    Overtaken,
    advance,
    lock_year,
    recompute_open_periods,
)
from monitoring.upload_kinds.prepared import Prepared, Target

Say = Callable[[int, str], None]
"""Tells progress: per cent and the step that begins."""

End = Callable[[str, str], None]
"""Ends the job, in the transaction of its result: state and last words."""


OUTCOME = (
    *("state", "ended_at", "row_count", "totals"),
    *("problems", "problem_count", "warnings", "warning_count", "changes"),
)
"""What becomes of an upload; its file is written once."""


def compress(content: bytes) -> bytes:
    """As files are kept in the database, where every worker can reach them."""
    return zlib.compress(content, 1)


def file_content(upload: Upload) -> bytes:
    """The file as it was brought in."""
    return zlib.decompress(bytes(upload.content))


def kind_of(upload: Upload) -> registry.UploadKind:
    """The registered kind of an upload."""
    return registry.upload_kind(upload.kind, per_period=upload.period is not None)


def target_of(upload: Upload) -> Target:
    """Where the upload goes, as things stand now."""
    year = FinancialYear.objects.get(pk=upload.year_id)
    period = None
    if upload.period is not None:
        period = Period.objects.select_related("year", "batch").get(year=year, number=upload.period)
    return Target(upload, year, period, upload.scope)


def read_table(
    content: bytes, kind: registry.UploadKind, sheet: str = "", layout: dict | None = None
) -> TypedTable:
    """The typed table of a file, through a layout where one is given.

    Raises FileRefused where there is none to read.
    """
    with deadline():
        return _read(content, kind, sheet, layout)


def _read(content: bytes, kind, sheet: str, layout: dict | None) -> TypedTable:
    if layout is None:
        return typed_table(read_rows(content, sheet), kind.columns)
    chosen = read_layout(layout)
    raw = read_rows(content, sheet or chosen.sheet)
    try:
        own = apply_layout(raw, chosen, kind.columns)
    except LayoutError as error:
        raise FileRefused(*(Problem(sentence) for sentence in error.sentences)) from error
    return typed_table(own, kind.columns)


def read_and_check(upload: Upload, target: Target) -> Prepared:
    """Read and check, outside any transaction and without writing. Raises FileRefused."""
    if target.period is not None and target.period.is_published:
        raise FileRefused(Problem(published_message(target.period)))
    kind = kind_of(upload)
    table = read_table(file_content(upload), kind, upload.sheet, upload.layout)
    return kind.check(table, target)


def published_message(period: Period) -> str:
    """Why nothing goes into a published period."""
    return f"{period} is published and its figures are frozen. Reopen it first, with a reason."


def check_upload(upload: Upload, say: Say, end: End) -> None:
    """checking → refused | ready."""
    say(10, "Reading the file")
    try:
        prepared = read_and_check(upload, target_of(upload))
    except FileRefused as refused:
        _refuse(upload, refused.problems, end)
        return
    if prepared.problems:
        _refuse(upload, prepared.problems, end)
        return
    _note(upload, prepared)
    with transaction.atomic():
        upload.state = UploadState.READY
        upload.save(update_fields=OUTCOME)
        end(JobState.DONE, "Checked")


def store_upload(upload: Upload, say: Say, end: End) -> None:
    """storing → stored | refused; then every open period's figures follow.

    The file is checked again as things stand now; where they change while this works, it starts
    afresh. Raises Overtaken where they keep changing.
    """
    for _ in range(TRIES):
        try:
            stored = _store_once(upload, say, end)
        except Overtaken:
            continue
        if stored:
            recompute_open_periods(upload.year)
        return
    raise Overtaken(f"what {upload} depends on kept changing")


def _store_once(upload: Upload, say: Say, end: End) -> bool:
    target = target_of(upload)
    kind = kind_of(upload)
    say(20, "Reading and checking the file")
    try:
        prepared = read_and_check(upload, target)
    except FileRefused as refused:
        _refuse(upload, refused.problems, end)
        return False
    if prepared.problems:
        _refuse(upload, prepared.problems, end)
        return False
    if not _is_answered(upload, prepared):
        _ask(upload, prepared, end)
        return False
    say(50, "Working the figures out")
    if kind.work:
        kind.work(prepared, target)
    say(70, "Storing")
    _note(upload, prepared)
    with transaction.atomic():
        lock_year(target.year.pk, target.year.revision)
        kind.store(prepared, target)
        advance(target.year)
        upload.state, upload.ended_at = UploadState.STORED, timezone.now()
        upload.save(update_fields=OUTCOME)
        audit.record(
            by=target.by,
            action="stored an upload",
            on=f"upload {upload.pk}",
            kind=upload.kind,
            year=target.year.label,
            period=upload.period,
            scope=upload.scope,
            sha256=upload.sha256,
            rows=upload.row_count,
        )
        end(JobState.DONE, "Stored")
    return True


def _is_answered(upload: Upload, prepared: Prepared) -> bool:
    """Whether a person chose between the file's forecasts and these typed ones.

    A command takes the file's. What was typed after the choice was not part of it.
    """
    if upload.job.in_process:
        return True
    asked = set(upload.changes.get("asked", ()))
    return prepared.asks <= asked if upload.typed_choice else not prepared.asks


def _ask(upload: Upload, prepared: Prepared, end: End) -> None:
    """storing → ready: something was typed since the file was checked; look again."""
    _note(upload, prepared)
    upload.typed_choice, upload.keep_typed = TypedChoice.UNDECIDED, []
    with transaction.atomic():
        upload.state = UploadState.READY
        upload.save(update_fields=[*OUTCOME, "typed_choice", "keep_typed"])
        end(JobState.DONE, "Checked again: forecasts were typed meanwhile")


def _note(upload: Upload, prepared: Prepared) -> None:
    upload.changes = {**prepared.changes, "asked": sorted(prepared.asks)}
    upload.row_count = len(prepared.table.frame)
    upload.totals = prepared.totals
    upload.warning_count = len(prepared.warnings) + prepared.table.more_warnings
    upload.warnings = [warning.to_data() for warning in prepared.warnings[:SHOWN]]


def _refuse(upload: Upload, problems: list[Problem], end: End) -> None:
    with transaction.atomic():
        upload.state, upload.ended_at = UploadState.REFUSED, timezone.now()
        upload.problem_count = len(problems)
        upload.problems = [problem.to_data() for problem in problems[:SHOWN]]
        upload.save(update_fields=OUTCOME)
        audit.record(
            by=upload.uploaded_by,
            action="had an upload refused",
            on=f"upload {upload.pk}",
            problems=len(problems),
        )
        end(JobState.DONE, "Refused: the file has errors")


def run_job(job_id: int, work: Callable[[Upload, Say, End], None]) -> None:
    """Do a worker's part of an upload, once; the job's row says how it went."""
    with contextlib.suppress(jobs.NotMine), jobs.claimed(job_id) as attempt:
        upload = Upload.objects.select_related("year", "uploaded_by", "job").get(job_id=job_id)
        try:
            work(
                upload,
                lambda progress, step: jobs.report_progress(job_id, attempt, progress, step),
                lambda state, step: jobs.end(job_id, attempt, state, step),
            )
        finally:
            # Only what ended neither way is still running: an error that nobody foresaw.
            fail_upload(job_id, attempt)


def fail_upload(job_id: int, attempt: int) -> None:
    """End an attempt that is still running, or was never begun, and its upload, as failed."""
    if transaction.get_connection().needs_rollback:
        return  # the surrounding transaction takes everything back
    with transaction.atomic():
        unfinished = Job.objects.filter(
            pk=job_id, attempt=attempt, state__in=(JobState.QUEUED, JobState.RUNNING)
        )
        ended = unfinished.update(
            state=JobState.FAILED, ended_at=timezone.now(), step="It failed; nothing was stored"
        )
        if ended:
            Upload.objects.filter(job_id=job_id, state__in=UNDER_WAY).update(
                state=UploadState.FAILED, ended_at=timezone.now()
            )
