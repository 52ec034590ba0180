"""Finding a budget line by what people know of it. Cost does not grow with what is not asked."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from monitoring.models import BudgetLine, FinancialYear

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

    In the order of their codes, without those of the ids in `leave_out`, and only those whose ids
    `among` gives, where it is given.
    """
    words = [word[:LONGEST_CODE] for word in text.replace("/", " ").split()[:MOST_WORDS]]
    if not words:
        return [], False
    lines = BudgetLine.objects.filter(year=year).exclude(pk__in=leave_out)
    if among is not None:
        lines = lines.filter(pk__in=among)
    for word in words:
        lines = lines.filter(
            Q(cost_centre__icontains=word)
            | Q(account__icontains=word)
            | Q(description__icontains=word)
            | Q(service__name__icontains=word)
        )
    # Which lines are offered where there are more must not hang on a database's collation.
    found = list(lines.select_related("service").order_by("pk")[: MOST + 1])
    offered = sorted(found[:MOST], key=lambda line: (line.cost_centre, line.account))
    return offered, len(found) > MOST
