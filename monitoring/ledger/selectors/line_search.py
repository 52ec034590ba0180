"""Finding a budget line by what people know of it. Cost does not grow with what is not asked."""

from collections.abc import Callable, Collection

from django.db.models import F, Q, QuerySet

from monitoring.ledger.models import Position
from monitoring.ledger.selectors.line_names import with_description_then
from monitoring.published.models import Report
from monitoring.structure.models import BudgetLine, FinancialYear

MOST = 20
"""So many lines are offered; who looks for another says more of it."""

MOST_WORDS = 10
LONGEST_CODE = 129
"""A cost centre and an account of 64 characters each, and the stroke between them."""


def find_line(year: FinancialYear, code: str) -> BudgetLine | None:
    """The line of a code such as `C210/NET`; either half may have a stroke in it."""
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
    among: QuerySet | None = None,
) -> tuple[list[BudgetLine], bool]:
    """Lines that have every word in their code, description or service; whether there are more.

    As they stand today, in the order of their codes, without those of the ids in `leave_out`, and
    only those whose ids `among` gives, where it is given.
    """
    lines = BudgetLine.objects.filter(year=year).exclude(pk__in=leave_out)
    if among is not None:
        lines = lines.filter(pk__in=among)
    lines = lines.annotate(description_then=F("description"))
    return _with_every_word(lines, text, lambda word: Q(service__name__icontains=word))


def search_published_lines(
    report: Report,
    text: str,
    *,
    leave_out: Collection[int],
    at_services: Callable[[str], Q],
) -> tuple[list[BudgetLine], bool]:
    """The same of a published report: its lines by the descriptions it was published with.

    They carry these as `description_then`. `at_services` says which lines stood at services that
    had a word in their names then.
    """
    here = Position.objects.filter(batch=report.batch_id).values("line")
    lines = BudgetLine.objects.filter(pk__in=here).exclude(pk__in=leave_out)
    return _with_every_word(with_description_then(lines, report), text, at_services)


def _with_every_word(
    lines: QuerySet[BudgetLine], text: str, at_services: Callable[[str], Q]
) -> tuple[list[BudgetLine], bool]:
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
    # Which lines are offered where there are more must not hang on a database's collation.
    found = list(lines.select_related("service").order_by("pk")[: MOST + 1])
    offered = sorted(found[:MOST], key=lambda line: (line.cost_centre, line.account))
    return offered, len(found) > MOST
