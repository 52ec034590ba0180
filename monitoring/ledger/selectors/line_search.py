"""Find budget lines by code, description or service."""

from collections.abc import Callable, Collection
from typing import Any

from django.db.models import F, Q, QuerySet

from monitoring.ledger.models import Position
from monitoring.ledger.selectors.line_names import with_description_then
from monitoring.published.models import Report
from monitoring.structure.models import BudgetLine, FinancialYear, Service

MOST = 20
"""The number of lines offered; for others a person gives more words."""

MOST_WORDS = 10
LONGEST_CODE = 129
"""A cost centre and an account of 64 characters each, with a slash between them."""


def find_line(year: FinancialYear, code: str) -> BudgetLine | None:
    """Return the line with a code such as `C210/NET`; either half may contain a slash."""
    parts = code.strip()[:LONGEST_CODE].split("/")
    halves = Q()
    for place in range(1, len(parts)):
        centre, account = "/".join(parts[:place]), "/".join(parts[place:])
        halves |= Q(cost_centre=centre.strip(), account=account.strip())
    if not halves:
        return None
    return BudgetLine.objects.filter(halves, year=year).select_related("service").first()


def search_lines(
    year: FinancialYear,
    text: str,
    *,
    leave_out: Collection[int] = (),
    among: QuerySet[Any, Any] | None = None,
) -> tuple[list[BudgetLine], bool]:
    """Return lines with every word in code, description or service, and True if there are more.

    Names are today's; lines are in the order of their codes, without the ids in `leave_out`, and
    only those whose ids `among` selects, where it is given.
    """
    lines = BudgetLine.objects.filter(year=year).exclude(pk__in=leave_out)
    if among is not None:
        lines = lines.filter(pk__in=among)
    lines = lines.annotate(description_then=F("description"))

    def at_services(word: str) -> Q:
        # By ids: the name of each line's service takes as long as all the rest.
        return Q(service__in=Service.objects.filter(year=year, name__icontains=word).values("pk"))

    return _with_every_word(lines, text, at_services)


def search_published_lines(
    report: Report,
    text: str,
    *,
    leave_out: Collection[int],
    at_services: Callable[[str], Q],
) -> tuple[list[BudgetLine], bool]:
    """Return lines of a published report, found by the descriptions it was published with.

    The lines have these as `description_then`. `at_services` gives the condition for lines of the
    services whose published names contain a word. Else as search_lines.
    """
    year = report.period.year_id
    here = Position.objects.of(year, report.batch_id).values("line")
    lines = BudgetLine.objects.filter(year=year, pk__in=here).exclude(pk__in=leave_out)
    return _with_every_word(with_description_then(lines, report), text, at_services)


def _with_every_word(
    lines: QuerySet[BudgetLine], text: str, at_services: Callable[[str], Q]
) -> tuple[list[BudgetLine], bool]:
    """Return the first `MOST` lines that match every word, and True if there are more."""
    words = [word[:LONGEST_CODE] for word in text.replace("/", " ").split()[:MOST_WORDS]]
    if not words:
        return [], False
    for word in words:
        lines = lines.filter(
            Q(cost_centre__icontains=word)
            | Q(account__icontains=word)
            | Q(description_then__icontains=word)
            | at_services(word)
        )
    # Cut by id: in the order of codes, SQLite and PostgreSQL could cut at different lines.
    found = list(lines.select_related("service").order_by("pk")[: MOST + 1])
    offered = sorted(found[:MOST], key=lambda line: (line.cost_centre, line.account))
    return offered, len(found) > MOST
