"""The budget line and service of each warning that a page lists, and where they can be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Value
from django.db.models.functions import Concat

from monitoring.ledger.models import Position
from monitoring.structure.models import BudgetLine, FinancialYear, Period
from monitoring.structure.selectors.tree import current_tree
from monitoring.structure.trees import ServiceRow
from monitoring.uploading.models import Upload


@dataclass(frozen=True)
class WarnedLine:
    """The codes of a warning's line and service, with the period in which the line can be read.

    `pk` and `number` are None where the line has no figures yet. `code` is a cost centre alone
    where the file has no accounts, and "" where it has no lines.
    """

    code: str
    service: ServiceRow | None
    pk: int | None = None
    number: int | None = None


def name_lines(upload: Upload, warnings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the warnings with the `line` of each, a `WarnedLine`; None where it has none."""
    named = [each for each in warnings if each.get("cost_centre") or each.get("service_code")]
    if not named:
        return [each | {"line": None} for each in warnings]
    lines = _find_lines(upload.year, [_codes_of(each) for each in named])
    periods = _find_periods(upload, [pk for pk, _ in lines.values()])
    tree = current_tree(upload.year)
    by_code = {service.code: service for service in tree.register.values()}

    def describe_line(warning: dict[str, Any]) -> WarnedLine | None:
        codes = _codes_of(warning)
        service = by_code.get(warning.get("service_code", ""))
        pk, stored = lines.get(codes, (None, None))
        if service is None and stored is not None:
            service = tree.register[tree.home(stored)]
        code = "/".join(filter(None, codes))
        if not code and service is None:
            return None
        number = periods.get(pk) if pk else None
        return WarnedLine(code, service, pk if number is not None else None, number)

    return [each | {"line": describe_line(each)} for each in warnings]


def _codes_of(warning: dict[str, Any]) -> tuple[str, str]:
    return warning.get("cost_centre", ""), warning.get("account", "")


def _find_lines(
    year: FinancialYear, codes: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[int, int]]:
    """Return id and service of each stored line, by cost centre and account."""
    code = Concat(F("cost_centre"), Value("/"), F("account"), output_field=CharField())
    found = (
        BudgetLine.objects.filter(year=year, cost_centre__in={first for first, _ in codes})
        .annotate(line_code=code)
        .filter(line_code__in={"/".join(each) for each in codes})
        .values_list("cost_centre", "account", "pk", "service")
    )
    return {(first, second): (pk, service) for first, second, pk, service in found}


def _find_periods(upload: Upload, lines: Sequence[int]) -> dict[int, int]:
    """Return the period in which each line is read: the file's, or the one it is compared with.

    A line without figures in either has none.
    """
    compared = upload.found_changes.comparison
    numbers = [compared.period] if compared else []
    numbers += [] if upload.period is None else [upload.period]
    batches = Period.objects.filter(year=upload.year, number__in=numbers, batch__isnull=False)
    found: dict[int, int] = {}
    for number, batch in batches.order_by("number").values_list("number", "batch"):
        held = Position.objects.of(upload.year_id, batch).filter(line__in=lines).order_by()
        found |= dict.fromkeys(held.values_list("line", flat=True), number)
    return found
