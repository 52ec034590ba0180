"""The lines of a programme to list on a page: those of a service, those found, a page at a time.

Of a draft only the lines that are listed are read.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Collate

from capital.draft_rows import (
    build_rows,
    places_of,
    places_of_services,
    reason_rows,
)
from capital.models import CapitalScheme, SchemeKind
from capital.programme_section import DraftSection, ProgrammeSection
from capital.published_schemes import previous_schemes
from capital.report_rows import ReasonRow, SchemeRow
from capital.report_section import section_of
from capital.selectors import positions_of_schemes
from monitoring.models import FinancialYear, Period
from monitoring.reports.selectors.report_data import ReportData

SCHEMES_A_PAGE = 50


@dataclass(frozen=True)
class ListedSchemes:
    """Lines of a programme with the reasons of their variances by reference."""

    lines: Sequence[SchemeRow]
    reasons: dict[str, list[ReasonRow]]


def list_page(
    facts: ReportData, *, keys: Set[str] | None, words: Sequence[str], page: str | None
) -> tuple[Page[Any], ListedSchemes]:
    """Return a page of the lines that have all the words, and what is printed of them.

    `keys` are the rows of the tree whose lines count; None counts all.
    """
    section = section_of(facts)
    if not isinstance(section.data, DraftSection):
        lines = [
            line
            for line in section.schemes
            if (keys is None or line.home in keys)
            and (not words or has_words(words, line.reference, line.name, line.programme))
        ]
        shown = Paginator(lines, SCHEMES_A_PAGE).get_page(page)
        return shown, ListedSchemes(list(shown), section.reasons_by_scheme)
    schemes = _find_schemes(facts.period, keys, words)
    found = Paginator(schemes, SCHEMES_A_PAGE).get_page(page)
    return found, read_lines(facts.period, section, list(found))


def list_service(facts: ReportData, keys: Set[str]) -> ListedSchemes:
    """Return every line under these rows of the tree."""
    section = section_of(facts)
    if not isinstance(section.data, DraftSection):
        lines = [line for line in section.schemes if line.home in keys]
        return ListedSchemes(lines, section.reasons_by_scheme)
    return read_lines(facts.period, section, list(_find_schemes(facts.period, keys, ())))


def in_file_order(schemes: QuerySet[CapitalScheme]) -> QuerySet[CapitalScheme]:
    """Return schemes in the order of `schemes_of`, by the code points of references."""
    plain = "C" if connection.vendor == "postgresql" else "BINARY"
    return schemes.order_by("order", Collate("reference", plain))


def has_words(words: Sequence[str], *texts: str) -> bool:
    """Return whether each word, in lower case, is in one of the texts."""
    whole = " ".join(texts).casefold()
    return all(word in whole for word in words)


def matching_schemes(
    schemes: QuerySet[CapitalScheme], words: Sequence[str]
) -> QuerySet[CapitalScheme]:
    """Return the schemes that have all the words in reference, name or programme.

    They are compared here, as a database may not know the lower case of every letter.
    """
    if not words:
        return schemes
    rows = schemes.order_by().values_list("pk", "reference", "name", "programme")
    return schemes.filter(pk__in=[pk for pk, *texts in rows if has_words(words, *texts)])


def _find_schemes(
    period: Period, keys: Set[str] | None, words: Sequence[str]
) -> QuerySet[CapitalScheme]:
    schemes = CapitalScheme.objects.filter(year=period.year_id).select_related("service")
    if keys is not None:
        schemes = schemes.filter(_is_under(period.year, keys))
    return in_file_order(matching_schemes(schemes, words))


def _is_under(year: FinancialYear, keys: Set[str]) -> Q:
    """Return the condition that a scheme's service belongs to one of these rows of the tree."""
    services = CapitalScheme.objects.filter(year=year).order_by().values_list("service_id")
    homes = places_of_services({pk for (pk,) in services.distinct()}, year).homes
    inside = [pk for pk, home in homes.items() if pk is not None and home in keys]
    return Q(service_id__in=inside) | (Q(service_id__isnull=True) if "" in keys else Q())


def read_lines(
    period: Period, section: ProgrammeSection, schemes: list[CapitalScheme]
) -> ListedSchemes:
    """Return the lines of these schemes of a draft, with their figures and reasons."""
    is_worked = any(each.kind == SchemeKind.VARIATIONS for each in schemes)
    worked = {line.reference: line for line in section.totals.variations} if is_worked else {}
    homes = places_of(schemes, period.year).homes
    positions = positions_of_schemes(period, schemes)
    before = previous_schemes(period.compared_with, [each.reference for each in schemes])
    rows = build_rows(schemes, positions, homes, before)
    reasons: dict[str, list[ReasonRow]] = {}
    for reason in reason_rows(period, schemes):
        reasons.setdefault(reason.scheme, []).append(reason)
    return ListedSchemes([worked.get(row.reference, row) for row in rows], reasons)
