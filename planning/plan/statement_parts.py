"""What the statements of the plan share: columns of years, cells, and the note of the version."""

from collections.abc import Iterable, Sequence

from council_finance.periods import financial_year_label, financial_year_slug
from council_finance.statements import Cell, Column, Display, Footnote
from council_finance.statements.model import BLANK
from planning.plan.report_rows import VersionRows

NO_PLAN = "No plan is stored for this year."


def year_columns(years: Iterable[int], display: Display, *, suffix: str = "") -> list[Column]:
    """Return a column of amounts for each year: `2019-20`, or with the suffix `2019-20-step`."""
    words = f", {suffix}" if suffix else ""
    return [
        Column(_key_of(year, suffix), f"{financial_year_label(year)}{words}", display.unit_label)
        for year in years
    ]


def _key_of(year: int, suffix: str) -> str:
    slug = financial_year_slug(year)
    return f"{slug}-{suffix}" if suffix else slug


def amount_cell(pence: int | None, display: Display) -> Cell:
    """Return the cell of an amount; blank where it is not given, as printed plans have it."""
    return BLANK if pence is None else Cell.of_amount(pence, display)


def year_cells(
    years: Sequence[int], amounts: Sequence[int | None], display: Display, *, suffix: str = ""
) -> dict[str, Cell]:
    """Return the cells of a row by the keys of its columns."""
    return {
        _key_of(year, suffix): amount_cell(pence, display)
        for year, pence in zip(years, amounts, strict=True)
    }


def version_notes(version: VersionRows | None) -> tuple[Footnote, ...]:
    """Return a note that names the plan and its version, or says that there is none."""
    if version is None:
        return (Footnote("", NO_PLAN),)
    words = ", ".join(filter(None, (version.name, version.version)))
    adopted = f" It was adopted on {version.adopted_text}." if version.adopted_on else ""
    return (Footnote("", f"{words}.{adopted}"),) if words else ()
