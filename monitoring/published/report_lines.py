"""The budget lines of each service in a published report.

Positions have no index by service, as it would slow each upload down for the few that are
published. The lines of a service are kept with the report instead, whose positions are looked up by
them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from council_finance.among import among, joined_ids
from council_finance.prepared import prepared
from monitoring.published.models import Report, ReportLines


def keep_lines(report: Report, services: Mapping[int, int]) -> None:
    """Keep the lines of a report; `services` names the service of each in it, by the line's id."""
    lines = defaultdict(list)
    for line, service in services.items():
        lines[service].append(line)
    ReportLines.objects.bulk_create(
        ReportLines(report=report, service_id=service, lines=joined_ids(ids))
        for service, ids in lines.items()
    )


def lines_in(report: Report, services: Iterable[int]) -> str:
    """Return ids of the lines under these services in a report, as `among` takes them."""
    return ",".join(_kept_lines(report.figures_published_in, joined_ids(services)))


@prepared
def _kept_lines(report_id: int, services: str) -> QuerySet[ReportLines, str]:
    rows = ReportLines.objects.filter(among("service_id", services), report=report_id)
    return rows.values_list("lines", flat=True)
