"""How long a table of a million rows takes to make, and how much memory.

    make benchmark-open-data ARGS="--rows 1000000"

Cambridgeshire's close is published; its statements are then kept again for as many further reports
as make the rows asked for, each compared with the one before. Each format is made in a process of
its own; what is sent is counted and dropped. Memory is the process's peak beyond what it took
before the first row.
"""

import argparse
import json
import resource
import time

from benchmarks.upload import ROOT, own_place

PACK = "cambridgeshire-2018-19"


def make_reports(rows: int) -> int:
    """Keep reports with so many rows at least, and return their number."""
    from django.core.management import call_command

    from monitoring.models import Report, ReportStatement
    from monitoring.open_data.flat_rows import flat_rows
    from monitoring.packs.services import load_pack
    from monitoring.reports.selectors.report_data import published_data

    call_command("migrate", verbosity=0)
    load_pack(folder=ROOT / "fixtures" / PACK, by=None)
    first = Report.objects.get(period__number=13)
    a_report = sum(1 for _ in flat_rows([published_data(first)]))
    statements = list(ReportStatement.objects.filter(report=first))
    before, made = first, 1
    while made * a_report < rows:
        made += 1
        report = Report.objects.create(
            period=first.period,
            version=made,
            batch=first.batch,
            compared_with=before,
            frozen=Report.objects.values_list("frozen", flat=True).get(pk=first.pk),
            reason="To have more rows",
        )
        for each in statements:
            each.pk, each.report = None, report
        ReportStatement.objects.bulk_create(statements)
        before = report
    return made


def measure(name: str) -> dict[str, float]:
    """Return rows, bytes, seconds and megabytes of one format."""
    from django.contrib.auth.models import AnonymousUser

    from monitoring.open_data.flat_rows import flat_rows
    from monitoring.open_data.selectors import published_data_of, readable_reports
    from monitoring.open_data.writers import TABLE_FORMATS

    found = {"rows": 0, "bytes": 0}

    def count(rows):
        for row in rows:
            found["rows"] += 1
            yield row

    reports = readable_reports(AnonymousUser(), every_version=True)
    at_first, begun = _peak(), time.perf_counter()
    for part in TABLE_FORMATS[name].write(count(flat_rows(published_data_of(reports)))):
        found["bytes"] += len(part)
    return found | {"seconds": time.perf_counter() - begun, "megabytes": _peak() - at_first}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--format", help="make this one, in this process")
    parser.add_argument("--make", action="store_true", help="keep the reports, in this process")
    chosen = parser.parse_args()
    if chosen.make or chosen.format:
        import django

        django.setup()
        answer = make_reports(chosen.rows) if chosen.make else measure(chosen.format)
        print(json.dumps(answer))
        return
    with own_place() as run:
        reports = run("benchmarks.open_data_rows", "--make", "--rows", str(chosen.rows))
        print(f"{reports.strip()} reports")
        for name in ("csv", "jsonl", "parquet"):
            found = json.loads(run("benchmarks.open_data_rows", "--format", name).splitlines()[-1])
            print(
                f"{name}: {found['rows']:,} rows, {found['bytes'] / 1e6:,.1f} MB in "
                f"{found['seconds']:.1f} s, {found['megabytes']:.0f} MB of memory"
            )


if __name__ == "__main__":
    main()
