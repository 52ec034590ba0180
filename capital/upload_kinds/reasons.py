"""capital_reasons.csv: why forecasts of schemes differ from their revised budgets."""

from collections.abc import Mapping

from capital.models import NAME_LENGTH, TEXT_LENGTH, ReasonKind, VarianceReason
from capital.selectors import reasons_of, schemes_of
from capital.upload_kinds.faults import AT_ONCE, check_known, check_lengths, to_pence
from council_finance import registry
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, TEXT, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import CodeList, ListedCode, TemplateContent, Value
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo

_NOT_GIVEN = "Not given, which is not nil."
COLUMNS = (
    ColumnSpec(
        "scheme_reference",
        CODE,
        required=True,
        meaning="The scheme, as in the year’s capital.csv.",
        example="CAP-01",
    ),
    ColumnSpec(
        "project",
        TEXT,
        meaning="The project within a scheme that is a block of several.",
        blank="The scheme itself.",
        example="Riverside Primary",
    ),
    ColumnSpec(
        "kind",
        CHOICE,
        required=True,
        choices=tuple(ReasonKind.values),
        meaning="“rephasing” moves spending between years, “cost” makes the scheme cost more or "
        "less.",
        example="rephasing",
    ),
    ColumnSpec(
        "amount",
        AMOUNT,
        meaning="Its part of this year’s variance; slippage and savings are negative.",
        blank=_NOT_GIVEN,
        example="-120000.00",
    ),
    ColumnSpec(
        "total_amount",
        AMOUNT,
        meaning="Its part of the whole scheme’s variance.",
        blank=_NOT_GIVEN,
        example="0.00",
    ),
    ColumnSpec(
        "reason",
        TEXT,
        meaning="Why.",
        blank="None is printed.",
        example="The ground had to be cleared first",
    ),
)
Schemes = dict[str, int]
"""The ids of the year's schemes by their references."""


def check_reasons(table: TypedTable, target: Target) -> Prepared[Schemes]:
    """Check that each row names a scheme of the year, and warn of what may be wrong."""
    schemes = {scheme.reference: scheme.pk for scheme in schemes_of(target.year)}
    check_known(table, "scheme_reference", schemes, "scheme", "the year’s capital.csv")
    check_lengths(table, {"project": NAME_LENGTH, "reason": TEXT_LENGTH})
    if not table.problems:
        _warn_of_totals(table)
    totals: dict[str, int | None] = {
        name: int(table.frame[name].sum())
        for name in ("amount", "total_amount")
        if name in table.given
    }
    return Prepared(table, schemes, totals)


def _warn_of_totals(table: TypedTable) -> None:
    """Warn of rephasing that changes the whole scheme, and of rows without any amount."""
    frame = table.frame
    moved = (frame["kind"] == ReasonKind.REPHASING) & (frame["total_amount"].fillna(0) != 0)
    for row in frame.index[moved]:
        table.warn(
            f"{frame['scheme_reference'][row]}: rephasing moves spending between years, and yet "
            "changes the cost of the whole scheme.",
            row,
            "total_amount",
        )
    blank = frame["amount"].isna() & frame["total_amount"].isna()
    for row in frame.index[blank]:
        table.warn(f"{frame['scheme_reference'][row]}: the reason has no amount.", row, "amount")


def store_reasons(prepared: Prepared[Schemes], target: Target) -> None:
    """Replace the period's reasons by the file's rows."""
    VarianceReason.objects.filter(period=target.its_period).delete()
    VarianceReason.objects.bulk_create(
        (
            VarianceReason(
                period=target.its_period,
                scheme_id=prepared.payload[row.scheme_reference],
                order=place,
                project=row.project,
                kind=row.kind,
                amount_pence=to_pence(row.amount),
                total_amount_pence=to_pence(row.total_amount),
                reason=row.reason,
            )
            for place, row in enumerate(prepared.table.frame.itertuples(index=False), start=1)
        ),
        batch_size=AT_ONCE,
    )


def reasons_template(place: TemplatePlace) -> TemplateContent:
    """Return the reasons that are stored for the period."""
    rows: list[Mapping[str, Value]] = [
        {
            "scheme_reference": reason.scheme.reference,
            "project": reason.project,
            "kind": reason.kind,
            "amount": reason.amount_pence,
            "total_amount": reason.total_amount_pence,
            "reason": reason.reason,
        }
        for reason in reasons_of(place.its_period)
    ]
    codes = [ListedCode(scheme.reference, scheme.name) for scheme in schemes_of(place.year)]
    return TemplateContent(rows, {"scheme_reference": CodeList(codes)})


registry.register_upload_kind(
    registry.UploadKind(
        name="capital_reasons",
        label="Reasons of capital variances",
        per_period=True,
        after="capital_changes",
        columns=COLUMNS,
        check=check_reasons,
        store=store_reasons,
        undo=RowsUndo(lambda target: [VarianceReason.objects.filter(period=target.period)]),
        template=reasons_template,
        purpose="Why forecasts of capital schemes differ from their revised budgets, as rephasing "
        "or as cost. The file replaces the month’s reasons.",
    )
)
