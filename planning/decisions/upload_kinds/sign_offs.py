"""sign_offs.csv: the answers of the roles that see a report before its decision."""

from collections.abc import Mapping

from council_finance import registry
from council_finance.uploads.columns import CHOICE, CODE, DATE, TEXT, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import (
    CodeList,
    ListedCode,
    TemplateContent,
    Value,
)
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from planning.decisions.models import NAME_LENGTH, SignOff, SignOffOutcome
from planning.decisions.selectors import decisions_of, sign_offs_of
from planning.upload_checks import check_lengths, check_once, check_references, date_or_none

COLUMNS = (
    ColumnSpec(
        "decision_reference",
        CODE,
        required=True,
        meaning="The reference of the decision, as in the year’s decisions.",
        example="FP/19/07/02",
    ),
    ColumnSpec(
        "role",
        TEXT,
        required=True,
        meaning="The role that answers. Names of people are not kept.",
        example="Monitoring Officer",
    ),
    ColumnSpec(
        "signed_on", DATE, meaning="The day of the answer.", blank="No day.", example="2019-08-02"
    ),
    ColumnSpec(
        "outcome",
        CHOICE,
        required=True,
        choices=tuple(SignOffOutcome.values),
        meaning="The answer; blank is none. “Not applicable” is an answer.",
        example="signed",
    ),
)


def check_sign_offs(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each role answers once for a decision that is known, on a day if it signed."""
    known = {each.reference for each in decisions_of(target.year)}
    check_once(
        table, ["decision_reference", "role"], "this role of the decision stands on an earlier row"
    )
    check_references(table, "decision_reference", known, "decisions.csv")
    check_lengths(table, NAME_LENGTH, "role")
    for row in table.frame.itertuples():
        if row.outcome == SignOffOutcome.SIGNED and date_or_none(row.signed_on) is None:
            table.warn(f"{row.role} signed {row.decision_reference}; no day is given.", row.Index)
    return Prepared(table, None)


def store_sign_offs(prepared: Prepared[None], target: Target) -> None:
    """Replace the sign-offs of each decision that the file names; those of others stay."""
    decisions = {each.reference: each.pk for each in decisions_of(target.year)}
    frame = prepared.table.frame
    named = [decisions[each] for each in frame["decision_reference"].unique()]
    SignOff.objects.filter(decision__in=named).delete()
    SignOff.objects.bulk_create(
        SignOff(
            decision_id=decisions[row.decision_reference],
            role=row.role,
            signed_on=date_or_none(row.signed_on),
            outcome=row.outcome,
            order=order,
        )
        for order, row in enumerate(frame.itertuples(index=False), start=1)
    )


def sign_offs_template(place: TemplatePlace) -> TemplateContent:
    """Return the sign-offs of the year's decisions as they are stored."""
    rows: list[Mapping[str, Value]] = [
        {
            "decision_reference": each.decision.reference,
            "role": each.role,
            "signed_on": each.signed_on,
            "outcome": each.outcome,
        }
        for each in sign_offs_of(place.year)
    ]
    decisions = [ListedCode(each.reference, each.title) for each in decisions_of(place.year)]
    return TemplateContent(rows, {"decision_reference": CodeList(decisions)})


registry.register_upload_kind(
    registry.UploadKind(
        name="sign_offs",
        label="Sign-offs of decisions",
        per_period=False,
        after="decision_effects",
        columns=COLUMNS,
        check=check_sign_offs,
        store=store_sign_offs,
        undo=RowsUndo(lambda target: [SignOff.objects.filter(decision__year=target.year)]),
        template=sign_offs_template,
        purpose="The answers of the roles that see a report before its decision. The file replaces "
        "the answers for the decisions that it names; those for others stay.",
    )
)
