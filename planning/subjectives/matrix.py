"""The matrix of services by subjective, which adds up across and down. Pure; amounts in pence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from planning.subjectives.report_rows import EstimateRow, SubjectiveRow


@dataclass(frozen=True)
class Amounts:
    """The amounts of a service, or of several together, in one year.

    `by_subjective` has the parts of the analysis; `net` is None without any estimate. A service
    with a net budget alone has no analysis.
    """

    by_subjective: Mapping[str, int]
    net: int | None

    @property
    def has_analysis(self) -> bool:
        """Return whether any part of the analysis is given."""
        return bool(self.by_subjective)


NOTHING = Amounts({}, None)


@dataclass(frozen=True)
class Matrix:
    """The estimates of one year by service and subjective."""

    subjectives: tuple[SubjectiveRow, ...]
    estimates: tuple[EstimateRow, ...]

    @classmethod
    def of_year(
        cls, subjectives: Iterable[SubjectiveRow], estimates: Iterable[EstimateRow], year: int
    ) -> "Matrix":
        """Return the matrix of one of the years for which there are estimates."""
        own = tuple(each for each in estimates if each.financial_year == year)
        return cls(tuple(subjectives), own)

    @cached_property
    def _amounts_by_service(self) -> dict[str, Amounts]:
        nets = {each.code for each in self.subjectives if not each.is_analysis}
        parts: dict[str, dict[str, int]] = {}
        sums: dict[str, int] = {}
        for each in self.estimates:
            own = parts.setdefault(each.service, {})
            if each.subjective not in nets:
                own[each.subjective] = own.get(each.subjective, 0) + each.amount
            sums[each.service] = sums.get(each.service, 0) + each.amount
        return {service: Amounts(parts[service], sums[service]) for service in sums}

    def of_services(self, services: Iterable[str]) -> Amounts:
        """Return the amounts of services together."""
        found = [
            self._amounts_by_service[code] for code in services if code in self._amounts_by_service
        ]
        parts: dict[str, int] = {}
        for each in found:
            for code, amount in each.by_subjective.items():
                parts[code] = parts.get(code, 0) + amount
        nets = [each.net for each in found if each.net is not None]
        return Amounts(parts, sum(nets) if nets else None)


@dataclass(frozen=True)
class MatrixColumn:
    """A column of the printed matrix: a subjective, or a running total of those before it."""

    key: str
    label: str
    sums: tuple[str, ...]
    is_total: bool = False

    def amount(self, amounts: Amounts) -> int | None:
        """Return the amount of the column; None where there is no analysis."""
        if not amounts.has_analysis:
            return None
        return sum(amounts.by_subjective.get(code, 0) for code in self.sums)


def list_columns(analysis: Iterable[SubjectiveRow]) -> tuple[list[MatrixColumn], str]:
    """Return the columns before the net budget, and the label of the net budget.

    A running total is printed after each subjective that names one; that after the last subjective
    is the net budget itself.
    """
    columns: list[MatrixColumn] = []
    before: list[str] = []
    *_, last = [None, *analysis]
    label = "Net"
    for each in analysis:
        before.append(each.code)
        columns.append(MatrixColumn(each.key, each.name, (each.code,)))
        if each is last:
            label = each.subtotal_after or label
        elif each.subtotal_after:
            taken = {column.key for column in columns}
            key = _key_of_total(each.subtotal_after, taken)
            columns.append(MatrixColumn(key, each.subtotal_after, tuple(before), is_total=True))
    return columns, label


def _key_of_total(label: str, taken: Iterable[str]) -> str:
    """Return `gross` for the first gross total; of another the words of its label."""
    words = label.lower().split()
    if words[:1] == ["gross"] and "gross" not in taken:
        return "gross"
    return "-".join(words)
