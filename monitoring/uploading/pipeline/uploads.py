"""An upload on its way: bytes → rows → checked → stored, all or nothing."""

import contextlib
import zlib
from collections import Counter
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from council_finance import audit, jobs, registry
from council_finance.bulk import gather_statistics
from council_finance.jobs import Job, JobState
from council_finance.uploads.problems import SHOWN, FileRefused, Problem
from council_finance.uploads.table import TypedTable
from monitoring.ledger.models import Position
from monitoring.structure.models import BudgetLine, FinancialYear, Period
from monitoring.structure.selectors.calendar import published_message
from monitoring.structure.year_changes import (
    TRIES,
    StaleRevision,
    advance,
    basis_of,
    bring_up_to_date,
    lock_at,
    lock_year,
    require_basis,
)
from monitoring.uploading.alike_codes import AlikeCode, find_alike
from monitoring.uploading.models import UNDER_WAY, TypedChoice, Upload, UploadOrigins, UploadState
from monitoring.uploading.pipeline.reading import read_table
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.rights import why_not_sent_so
from monitoring.uploading.seen_before import warn_of_known_figures
from monitoring.uploading.selectors.uploads import file_content

Say = Callable[[int, str], None]
"""Tells progress: per cent and the step that begins."""

End = Callable[[str, str], None]
"""Ends the job, in the transaction of its result: state and last words."""


MANY_ROWS = 50_000
"""After a file of more rows than this the database is told that its tables have grown."""

_ZIP = b"PK\x03\x04"

OUTCOME = (
    *("state", "ended_at", "row_count", "totals"),
    *("problems", "problem_count", "warnings", "warning_count", "changes"),
    *("layout_name", "layout", "headings", "reading"),
)
"""What becomes of an upload; its file is written once."""


def compress(content: bytes) -> bytes:
    """Return a file as it is kept in the database, where every worker can reach it.

    A workbook is a ZIP archive: to compress it again takes long and makes it no smaller.
    """
    is_archive = content.startswith(_ZIP)
    return zlib.compress(content, zlib.Z_NO_COMPRESSION if is_archive else zlib.Z_BEST_SPEED)


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


def read_and_check(upload: Upload, target: Target) -> Prepared:
    """Read and check without writing; notes how the file was read. Raises FileRefused."""
    if target.period is not None and target.period.is_published:
        raise FileRefused(Problem(published_message(target.period)))
    kind = kind_of(upload)
    if fault := why_not_sent_so(upload, kind):
        raise FileRefused(Problem(fault))
    try:
        content = file_content(upload)
        chosen = upload.sheets or ([upload.sheet] if upload.sheet else [])
        table = read_table(content, kind, chosen, upload.layout, upload.period)
    except FileRefused as refused:
        _note_reading(upload, refused)
        raise
    _note_reading(upload, table)
    prepared = kind.check(table, target)
    if not prepared.problems:
        prepared.alike = find_alike(kind, prepared, target)
    if target.period is not None and not prepared.problems:
        warn_of_known_figures(prepared, target, kind, read_table)
    return prepared


def _note_reading(upload: Upload, read: TypedTable | FileRefused) -> None:
    if read.layout:
        upload.layout_name, upload.layout = read.layout
    upload.headings, upload.reading = read.own, read.reading or {}


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
    afresh. Where they keep changing it locks the year first, so that nothing can.
    """
    for _ in range(TRIES - 1):
        try:
            stored = _store_once(upload, say, end)
            break
        except StaleRevision:
            continue
    else:
        say(20, "Reading and checking the file; others wait meanwhile")
        with transaction.atomic():
            lock_year(upload.year_id)
            stored = _store_once(upload, _say_nothing, end)
    if stored:
        if upload.row_count > MANY_ROWS:
            gather_statistics(BudgetLine, Position)
        bring_up_to_date(upload.year)


def _say_nothing(progress: int, step: str) -> None:
    """Inside a transaction nobody would see it."""


def _store_once(upload: Upload, say: Say, end: End) -> bool:
    basis = basis_of(upload.year_id, upload.period)
    target = target_of(upload)
    kind = kind_of(upload)
    say(20, "Reading and checking the file")
    try:
        prepared = read_and_check(upload, target)
    except FileRefused as refused:
        _refuse(upload, refused.problems, end)
        return False
    if faults := prepared.problems or _codes_to_refuse(upload, prepared):
        _refuse(upload, faults, end)
        return False
    if not _is_answered(upload, prepared):
        _ask(upload, prepared, end)
        return False
    say(50, "Working the figures out")
    if kind.work:
        kind.work(prepared, target)
    say(70, "Storing")
    _note(upload, prepared)
    _store(upload, prepared, target, basis, end)
    return True


def _store(upload: Upload, prepared: Prepared, target: Target, basis: int, end: End) -> None:
    """All of it or nothing. Raises StaleRevision."""
    kind = kind_of(upload)
    with transaction.atomic():
        if kind.write_ahead:
            require_basis(target.year, upload.period, basis)
            kind.write_ahead(prepared, target)
        target.year.revision = lock_at(target.year.pk, upload.period, basis).revision
        advance(target.year)
        kind.store(prepared, target)
        if (origins := prepared.table.origins) is not None:
            UploadOrigins.objects.create(upload=upload, content=origins.to_bytes())
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


def _unanswered_codes(upload: Upload, prepared: Prepared) -> list[AlikeCode]:
    """New codes like known ones, of which nobody has said that they are others."""
    return [alike for alike in prepared.alike if alike.code not in upload.new_codes]


def _codes_to_refuse(upload: Upload, prepared: Prepared) -> list[Problem]:
    """In a command nobody can be asked: it says beforehand which codes are new."""
    if not upload.job.in_process:
        return []
    return [alike.problem() for alike in _unanswered_codes(upload, prepared)]


def _is_answered(upload: Upload, prepared: Prepared) -> bool:
    """Whether a person chose between the file's forecasts and these typed ones, and about codes.

    A command takes the file's. What was typed after the choice was not part of it.
    """
    if upload.job.in_process:
        return True
    if _unanswered_codes(upload, prepared):
        return False
    asked = set(upload.changes.get("asked", ()))
    return prepared.asks <= asked if upload.typed_choice else not prepared.asks


def _ask(upload: Upload, prepared: Prepared, end: End) -> None:
    """storing → ready: something to decide has come since the file was checked; look again."""
    again = "codes" if _unanswered_codes(upload, prepared) else "forecasts"
    _note(upload, prepared)
    upload.changes["again"] = again
    upload.typed_choice, upload.keep_typed, upload.new_codes = TypedChoice.UNDECIDED, [], []
    with transaction.atomic():
        upload.state = UploadState.READY
        upload.save(update_fields=[*OUTCOME, "typed_choice", "keep_typed", "new_codes"])
        end(JobState.DONE, "Checked again: there is something new to decide")


def _note(upload: Upload, prepared: Prepared) -> None:
    alike = [each.to_data() for each in prepared.alike[:SHOWN]]
    codes = sorted({each.code for each in prepared.alike})
    upload.changes = {
        **prepared.changes,
        "asked": sorted(prepared.asks),
        **({"alike": alike, "alike_codes": codes} if alike else {}),
    }
    upload.row_count = len(prepared.table.frame)
    upload.totals = prepared.totals
    upload.warning_count = len(prepared.warnings) + prepared.table.more_warnings
    upload.warnings = [warning.to_data() for warning in _told(prepared.warnings)]


def _told(warnings: list[Problem]) -> list[Problem]:
    """The first of each kind, so that no kind crowds another out."""
    if len(warnings) <= SHOWN:
        return warnings
    share = SHOWN // len({warning.about for warning in warnings})
    so_far: Counter[str] = Counter()
    told = []
    for warning in warnings:
        so_far[warning.about] += 1
        if so_far[warning.about] <= share:
            told.append(warning)
    return told


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
