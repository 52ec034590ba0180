"""A kind of file explained for people who prepare one. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from council_finance.registry import AnyKind
from council_finance.uploads.columns import YES, ColumnSpec

_MEANT_BY_YES = ("yes",)


@dataclass(frozen=True)
class ColumnExplanation:
    """A column as people fill it in; `words` are the only ones that it takes, where it does."""

    name: str
    is_required: bool
    meaning: str
    blank: str
    example: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class KindExplanation:
    """The columns of a kind of file, the required ones first.

    `needs_one_of` are the headings of which a file must have one, where there are such.
    """

    columns: Sequence[ColumnExplanation]
    needs_one_of: tuple[str, ...]

    @property
    def required(self) -> list[str]:
        """Return the names of the columns that a file must have."""
        return [column.name for column in self.columns if column.is_required]


def explain_kind(kind: AnyKind) -> KindExplanation:
    """Return the explanation of a kind of file, without columns that are only compared."""
    columns = [_explain_column(spec) for spec in kind.columns_to_fill_in]
    needs_one_of = () if set(kind.needs_one_of) & _required_names(kind) else kind.needs_one_of
    return KindExplanation(sorted(columns, key=lambda each: not each.is_required), needs_one_of)


def _required_names(kind: AnyKind) -> set[str]:
    return {spec.name for spec in kind.columns if spec.required}


def _explain_column(spec: ColumnSpec) -> ColumnExplanation:
    return ColumnExplanation(
        name=spec.name,
        is_required=spec.required,
        meaning=spec.meaning,
        blank=spec.blank,
        example=spec.example,
        words=_MEANT_BY_YES if spec.kind == YES else spec.choices,
    )
