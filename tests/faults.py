"""A site whose processes may be killed: workers that stop where they are told to, and a helper.

Three programs in one file. `celery -A tests.faults worker` is the product's worker, but at the
point that the file `stop-at` of its data folder names it stops like one that got SIGSTOP, so that
a test can look, and kill it just there. `python -m tests.faults command …` is manage.py with the
same habit. `python -m tests.faults` answers questions, a line of JSON each, about the site.
"""

import functools
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from datetime import timedelta
from pathlib import Path

from celery.signals import worker_ready

from council_finance.celery import app  # noqa: F401 (what `celery -A tests.faults` looks for)
from tests import feed_faults

YEAR = 2031
SERVICES = 20
GROUPS = 4
PERIODS = (1, 2, 3, 4)
STOP_AT = "stop-at"

CLAIMED = "claimed"
ENDED = "ended, not committed"
POSITIONS_WRITTEN = "positions written"
STORED = "stored"
ONE_LATER_WRITTEN = "figures of a later period written, not committed"
ONE_LATER_DONE = "a later period recomputed"


def ledger(seed: int, lines: int) -> tuple[str, int]:
    """position.csv of so many lines, other figures for every seed, and its budget in pence."""
    budgets = [(line * 7_919 + seed * 104_729) % 10_000_000 - 2_000_000 for line in range(lines)]
    rows = (
        f"S{line % SERVICES:02d},C{line:05d},NET,{budget / 100:.2f},{(budget + seed) / 100:.2f}\n"
        for line, budget in enumerate(budgets)
    )
    head = "service_code,cost_centre,account,current_budget,forecast\n"
    return head + "".join(rows), sum(budgets)


def tree(word: str) -> str:
    """services.csv: a top, groups under it and services under them, with a word in every name."""
    rows = [("TOP", "")]
    rows += [(f"G{group}", "TOP") for group in range(GROUPS)]
    rows += [(f"S{service:02d}", f"G{service % GROUPS}") for service in range(SERVICES)]
    lines = [
        f"{code},{word} {code},{parent},{place}" for place, (code, parent) in enumerate(rows, 1)
    ]
    return "code,name,parent_code,order\n" + "\n".join(lines) + "\n"


# The worker, and a command, that stop where they are told to


def _stop_at(point: str) -> None:
    try:
        wanted = (Path(os.environ["DATA_DIR"]) / STOP_AT).read_text()
    except FileNotFoundError:
        return
    if wanted == point:
        signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


def _stopping(module, name: str, point: str, *, before: bool = False) -> None:
    function = getattr(module, name)

    @functools.wraps(function)
    def stops(*arguments, **named):
        if before:
            _stop_at(point)
        answer = function(*arguments, **named)
        if not before:
            _stop_at(point)
        return answer

    setattr(module, name, stops)


@worker_ready.connect
def stop_where_told(**_) -> None:
    """Put the points in."""
    from council_finance import jobs
    from monitoring.figures import pipeline as figures
    from monitoring.ledger_files.upload_kinds import lines_file
    from monitoring.uploading.pipeline import store

    report = jobs.report_progress

    def report_and_stop(job_id, attempt, progress, step):
        report(job_id, attempt, progress, step)
        _stop_at(step)

    jobs.report_progress = report_and_stop
    _stopping(jobs, "_start_attempt", CLAIMED)
    _stopping(jobs, "end", ENDED)
    _stopping(lines_file, "store_positions", POSITIONS_WRITTEN)
    _stopping(store, "bring_up_to_date", STORED, before=True)
    _stopping(figures, "write_figures", ONE_LATER_WRITTEN)
    _stopping(figures, "recompute_period", ONE_LATER_DONE)


def run_command(arguments: list[str]) -> None:
    """manage.py with the points in it."""
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    stop_where_told()
    execute_from_command_line(["manage.py", *arguments])


# The helper


class Helper:
    """Every public method is a question; its answer is JSON."""

    watching: threading.Event | None = None

    def set_up(self, lines: int) -> None:
        """A year with a tree and open figures of four periods."""
        from monitoring.restructuring.services.years import set_up_year

        year = set_up_year(start=YEAR, council="Made-up Council", settings={}, by=None)
        self._bring(year, "services", None, tree("First"))
        for period in PERIODS:
            self._bring(year, "position", period, ledger(period, lines)[0])

    def receive(self, kind: str, period: int | None, text: str, start: bool = True) -> int:
        """What the browser does with a file; without `start`, all that a killed one got to."""
        from monitoring.uploading.services.uploads import receive_upload, start_check

        upload = receive_upload(**self._file(self._year(), kind, period, text))
        if start:
            start_check(upload=upload)
        return upload.pk

    def bring(self, kind: str, period: int | None, text: str) -> str:
        """What a command does; the state it ends in."""
        return self._bring(self._year(), kind, period, text).state

    def confirm(self, upload: int) -> None:
        """A person confirms."""
        from monitoring.uploading.services.uploads import confirm_upload

        confirm_upload(upload=self._upload(upload), by=None)

    def again(self, upload: int) -> None:
        """A person has it run again."""
        from monitoring.uploading.services.uploads import run_again

        run_again(upload=self._upload(upload), by=None)

    def send(self, upload: int, times: int) -> None:
        """The message of the upload's job, so many times more."""
        job = self._upload(upload).job
        for _ in range(times):
            app.send_task(job.task, args=[job.pk])

    def make_old(self, upload: int) -> None:
        """As if the message of the upload's job had been sent long ago."""
        from django.utils import timezone

        from council_finance.jobs import Job

        job = self._upload(upload).job
        Job.objects.filter(pk=job.pk).update(sent_at=timezone.now() - timedelta(hours=1))

    def cut_off(self, upload: int) -> None:
        """Take the lock of the upload's job from its living worker."""
        from django.conf import settings
        from django.db import connection

        job = self._upload(upload).job_id
        if connection.vendor != "postgresql":
            (Path(settings.DATA_DIR) / "locks" / f"job-{job}").unlink()
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                "AND objid = %s AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())",
                [job],
            )
            assert cursor.fetchall() == [(True,)]

    def sweep(self) -> None:
        """What a worker does on a timer."""
        from monitoring.uploading.pipeline.jobs import sweep_jobs

        sweep_jobs()

    def row(self, upload: int) -> dict:
        """Where an upload and its job stand, and what came of it."""
        from council_finance.audit import AuditEntry
        from monitoring.models import Batch

        found = self._upload(upload)
        entries = AuditEntry.objects.filter(record=f"upload {upload}", action="stored an upload")
        return {
            "state": found.state,
            "step": found.job and found.job.step,
            "job": found.job and found.job.state,
            "attempt": found.job and found.job.attempt,
            "batches": Batch.objects.filter(upload=found).count(),
            "audit": entries.count(),
        }

    def latest(self) -> int:
        """The last upload there is."""
        from monitoring.models import Upload

        return Upload.objects.order_by("-pk").values_list("pk", flat=True).first()

    def view(self, period: int) -> list:
        """The period's read model with its batch: one statement, so one moment."""
        from monitoring.models import NodeFigure

        rows = NodeFigure.objects.filter(period__year__start=YEAR, period__number=period)
        fields = ("period__batch__number", "key", "label", "budget_pence", "forecast_pence")
        return [list(row) for row in rows.order_by("place").values_list(*fields)]

    def is_whole(self, period: int) -> bool:
        """Whether the read model is the sum of the batch's positions, at every node."""
        from monitoring.models import Period, Position, Service

        parents = dict(Service.objects.values_list("code", "parent__code"))
        batch = Period.objects.get(year__start=YEAR, number=period).batch
        budgets, forecasts = Counter(), Counter()
        fields = ("line__service__code", "current_budget_pence", "forecast_pence")
        for code, budget, forecast in Position.objects.filter(batch=batch).values_list(*fields):
            while code:
                budgets[code] += budget
                forecasts[code] += forecast
                code = parents[code]
        found = {key: (budget, forecast) for _, key, _, budget, forecast in self.view(period)}
        return found == {key: (budgets[key], forecasts[key]) for key in budgets}

    def is_up_to_date(self) -> bool:
        """Whether every open period was worked out from the year as it stands."""
        from monitoring.models import Period

        year = self._year()
        behind = Period.objects.filter(year=year, batch__isnull=False)
        return not behind.exclude(figures_revision=year.revision).exists()

    def watch(self, period: int) -> None:
        """Read the period's figures from now on, again and again."""
        self.watching, self.seen = threading.Event(), {}
        self.watcher = threading.Thread(target=self._watch, args=[period], daemon=True)
        self.watcher.start()

    def watched(self) -> list:
        """Every different view that was seen since."""
        self.watching.set()
        self.watcher.join()
        return list(self.seen.values())

    def _watch(self, period: int) -> None:
        from django.db import connection

        while not self.watching.is_set():
            view = self.view(period)
            self.seen[json.dumps(view)] = view
            time.sleep(0.002)
        connection.close()

    def set_up_feed(self) -> None:
        """An officer who answers for the watched folder."""
        feed_faults.set_up_person(YEAR)

    def take(self, drop: str, die_at: str = "") -> int:
        """Take what lies in the folder, dying at a point; the signal that ended it."""
        return feed_faults.take(Path(drop), die_at=die_at)

    def look_at(self, drop: str) -> dict:
        """The feed's rows, the stored batches, and the files of the folder."""
        return feed_faults.look_at(Path(drop))

    def _bring(self, year, kind: str, period: int | None, text: str):
        from monitoring.uploading.services.uploads import upload_file

        return upload_file(**self._file(year, kind, period, text))

    def _file(self, year, kind: str, period: int | None, text: str) -> dict:
        file = {"file_name": f"{kind}.csv", "content": text.encode(), "by": None}
        return {"kind": kind, "year": year, "period": period, **file}

    def _year(self):
        from monitoring.models import FinancialYear

        return FinancialYear.objects.get(start=YEAR)

    def _upload(self, pk: int):
        from monitoring.models import Upload

        return Upload.objects.select_related("year", "job").defer("content").get(pk=pk)


def answer_questions() -> None:
    """A question a line on standard input: name and arguments; an answer a line."""
    import django

    django.setup()
    helper = Helper()
    for line in sys.stdin:
        name, arguments = json.loads(line)
        try:
            answer = {"answer": getattr(helper, name)(**arguments)}
        except Exception:  # told to the test
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["command"]:
        run_command(sys.argv[2:])
    else:
        answer_questions()
