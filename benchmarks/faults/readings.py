"""The database read by itself, without a line of the product: all of it as at one moment."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator

from benchmarks.faults.books import PeriodRow, Place, Reading, ReportRow, UploadRow

_UPLOADS = """
SELECT u.id, y.start, u.period, u.sha256, u.state,
  (SELECT count(*) FROM monitoring_batch b WHERE b.upload_id = u.id)
FROM monitoring_upload u JOIN monitoring_financialyear y ON y.id = u.year_id
WHERE u.kind = 'position' ORDER BY u.id
"""
_BATCHES = """
SELECT b.upload_id, count(*), sum(p.current_budget_pence), sum(p.forecast_pence)
FROM monitoring_batch b JOIN monitoring_position p ON p.batch_id = b.id GROUP BY b.upload_id
"""
_SOURCES = "SELECT source_id, count(*) FROM monitoring_position GROUP BY source_id"
_STRAY = """
SELECT count(*) FROM monitoring_position p
WHERE NOT EXISTS (SELECT FROM monitoring_batch b WHERE b.id = p.batch_id)
"""
_PERIODS = """
SELECT y.start, p.number, p.state, b.upload_id, p.figures_revision = y.revision, p.id
FROM monitoring_period p JOIN monitoring_financialyear y ON y.id = p.year_id
JOIN monitoring_batch b ON b.id = p.batch_id
"""
_FIGURES = "SELECT period_id, key, budget_pence, forecast_pence FROM monitoring_nodefigure"
_STATEMENTS = """
SELECT y.start, p.number, r.version, s.name, s.sha256, s.text
FROM monitoring_report r JOIN monitoring_period p ON p.id = r.period_id
JOIN monitoring_financialyear y ON y.id = p.year_id
JOIN monitoring_reportstatement s ON s.report_id = r.id
"""
_AUDIT = "SELECT record, action, detail FROM council_finance_auditentry"


def read(connection) -> Reading:
    """The whole of it. Raises psycopg2.OperationalError where the database is away."""
    with connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

        def rows(sql: str) -> list[tuple]:
            cursor.execute(sql)
            return cursor.fetchall()

        trail = list(rows(_AUDIT))
        uploads = list(_uploads(rows, trail))
        reports, strangers = _reports(rows, trail)
        strangers += _entries_of_nothing(trail, {row.pk for row in uploads})
        if stray := rows(_STRAY)[0][0]:
            strangers.append(f"{stray} positions are in no batch")
        return Reading(uploads, _periods(rows), reports, _reopened(trail), strangers)


def _uploads(rows, trail) -> Iterator[UploadRow]:
    entries: dict[str, Counter] = defaultdict(Counter)
    for record, action, _ in trail:
        entries[record][action] += 1
    stored = {pk: (int(lines), int(b), int(f)) for pk, lines, b, f in rows(_BATCHES)}
    sources = dict(rows(_SOURCES))
    for pk, start, period, sha256, state, batches in rows(_UPLOADS):
        lines, budget, forecast = stored.get(pk, (0, 0, 0))
        yield UploadRow(
            pk=pk,
            place=(start, period),
            sha256=sha256,
            state=state,
            batches=batches,
            batch_lines=lines,
            budget=budget,
            forecast=forecast,
            stray_lines=sources.get(pk, 0),
            audit=entries[f"upload {pk}"],
        )


def _periods(rows) -> dict[Place, PeriodRow]:
    figures: dict[int, dict] = defaultdict(dict)
    for period, key, budget, forecast in rows(_FIGURES):
        figures[period][key] = (budget, forecast)
    return {
        (start, number): PeriodRow(state == "published", upload, bool(same), _placed(figures[pk]))
        for start, number, state, upload, same, pk in rows(_PERIODS)
    }


def _placed(figures: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Without rows of services that no line stands under."""
    return {key: pair for key, pair in figures.items() if pair != (0, None)}


def _reports(rows, trail) -> tuple[dict[tuple[Place, int], ReportRow], list[str]]:
    noted, found = defaultdict(dict), defaultdict(dict)
    for start, number, version, name, sha256, text in rows(_STATEMENTS):
        key = ((start, number), version)
        noted[key][name] = sha256
        found[key][name] = hashlib.sha256(text.encode()).hexdigest()
    entries = Counter(
        (_place_of(record), _data(detail)["version"])
        for record, action, detail in trail
        if action == "published"
    )
    strangers = [f"published, and not there: {key}" for key in entries.keys() - noted.keys()]
    return {key: ReportRow(noted[key], found[key], entries[key]) for key in noted}, strangers


def _entries_of_nothing(trail, uploads: set[int]) -> list[str]:
    """Entries about position files that are not there; other kinds are of the set-up."""
    return [
        f"{action} {record}, which is not there"
        for record, action, detail in trail
        if action == "stored an upload"
        and _data(detail)["kind"] == "position"
        and int(record.removeprefix("upload ")) not in uploads
    ]


def _reopened(trail) -> Counter:
    return Counter(_place_of(record) for record, action, _ in trail if action == "reopened")


def _place_of(record: str) -> Place:
    """`report 2031/32 period 4`."""
    _, year, _, period = record.split()
    return int(year[:4]), int(period)


def _data(detail) -> dict:
    return detail if isinstance(detail, dict) else json.loads(detail)
