"""savings.csv for a year: its register of agreed savings."""

from typing import Any

import pandas as pd

from council_finance import registry
from council_finance.money import exact_pounds, plain_pounds
from council_finance.periods import NotAYear, financial_year_label, parse_financial_year
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import CodeList, ListedCode, TemplateContent
from monitoring.models import Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.prepared import Prepared, Target, check_service_codes
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from savings.models import (
    CATEGORY_LENGTH,
    COMMITTEE_LENGTH,
    DECISION_LENGTH,
    PLAN_REFERENCE_LENGTH,
    TITLE_LENGTH,
    Recurrence,
    Replacement,
    Saving,
    SavingPosition,
)
from savings.pipeline import put_saving, remove_saving
from savings.rules import agreed_fault, investment_fault
from savings.selectors.register import register

COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The reference by which the months’ files name the saving.",
        example="A01",
    ),
    ColumnSpec(
        "title",
        required=True,
        meaning="What is to be saved, in words.",
        example="Fewer out-of-county placements",
    ),
    ColumnSpec(
        "service_code",
        CODE,
        required=True,
        meaning="The code of the service that makes the saving.",
        example="ADULTS",
    ),
    ColumnSpec(
        "decision",
        meaning="The decision that agreed it.",
        blank="None is named.",
        example="Council, February 2019",
    ),
    ColumnSpec(
        "category",
        meaning="The council’s own category of savings.",
        blank="No category.",
        example="Efficiency",
    ),
    ColumnSpec(
        "committee",
        meaning="The committee that answers for it.",
        blank="None is named.",
        example="Adults and Health",
    ),
    ColumnSpec(
        "agreed_saving",
        AMOUNT,
        required=True,
        meaning="What was agreed to be saved in the year, positive.",
        example="250000.00",
    ),
    ColumnSpec(
        "investment",
        AMOUNT,
        meaning="What is spent to make the saving, positive.",
        blank="Not given, which is not nil.",
        example="40000.00",
    ),
    ColumnSpec(
        "plan_reference",
        CODE,
        meaning="The item of the medium-term plan that it comes from.",
        blank="It comes from none.",
        example="AC12.1",
    ),
    ColumnSpec(
        "recurrence",
        CHOICE,
        choices=tuple(Recurrence.values),
        meaning="Whether it lasts: a recurring saving that is not delivered is to be found again.",
        blank="Recurring.",
        example="recurring",
    ),
    ColumnSpec(
        "brought_forward_from",
        meaning="The year whose shortfall this is.",
        blank="It is none.",
        example="2018/19",
    ),
)
_LENGTHS = {
    "title": TITLE_LENGTH,
    "decision": DECISION_LENGTH,
    "category": CATEGORY_LENGTH,
    "committee": COMMITTEE_LENGTH,
    "plan_reference": PLAN_REFERENCE_LENGTH,
}
_FAULTS = {"agreed_saving": agreed_fault, "investment": investment_fault}


def check_agreed(table: TypedTable, target: Target) -> Prepared[dict[str, int]]:
    """Check that each row is one saving of an open service, and warn of what the file changes."""
    frame = table.frame
    for row in frame.index[frame["reference"].duplicated() & (frame["reference"] != "")]:
        found, message = frame["reference"][row], "this reference stands on an earlier row too"
        table.problem(row, "reference", found, message)
    tree = current_tree(target.year)
    check_service_codes(table, "service_code", tree, leaf=False)
    for column, length in _LENGTHS.items():
        for row in frame.index[frame[column].str.len() > length]:
            table.problem(row, column, "", f"the text has more than {length:,} characters")
    for column, fault_of in _FAULTS.items():
        for row, pence in frame[column].dropna().items():
            if fault := fault_of(int(pence)):
                table.problem(row, column, exact_pounds(int(pence)), fault)
    for row, text in frame["brought_forward_from"].items():
        if fault := _year_fault(text):
            table.problem(row, "brought_forward_from", text, fault)
    if not table.problems:
        _warn_of_changes(table, target)
    codes = {service.code: service.id for service in tree.register.values()}
    totals: dict[str, int | None] = {
        name: int(frame[name].sum()) for name in _FAULTS if name in table.given
    }
    return Prepared(table, codes, totals)


def _year_fault(text: str) -> str:
    try:
        parse_financial_year(text or "2018/19")
    except NotAYear:
        return "a financial year such as 2018/19 was expected"
    return ""


def _warn_of_changes(table: TypedTable, target: Target) -> None:
    """Warn of agreed amounts and services that change, and of savings no longer in the file."""
    known = {saving.reference: saving for saving in register(target.year)}
    for row in table.frame.itertuples():
        if saving := known.get(row.reference):
            _warn_of_change(table, row, saving)
    missing = _savings_not_in_file(table, known)
    kept = _ids_to_keep(missing)
    _warn_of_adopted_plan(table, known)
    for saving in missing:
        stays = "so it stays" if saving.pk in kept else "and nothing was reported of it: it goes"
        table.warn(f"The file no longer names the saving {saving.reference}, {stays}.")


def _warn_of_adopted_plan(table: TypedTable, known: dict[str, Saving]) -> None:
    """Warn of savings that the adopted plan wrote and the file has not, or the other way round."""
    adopted = {key for key, saving in known.items() if saving.plan_reference}
    if not adopted:
        return
    for reference in sorted(adopted - set(table.frame["reference"])):
        agreed = plain_pounds(known[reference].agreed_saving_pence)
        table.warn(f"The adopted plan has {reference} with {agreed}; the file does not name it.")
    for row in table.frame.itertuples():
        if row.reference not in known:
            agreed = plain_pounds(int(row.agreed_saving))
            message = f"The file has {row.reference} with {agreed}; the adopted plan has no such"
            table.warn(f"{message} saving.", row.Index, "reference")


def _warn_of_change(table: TypedTable, row: Any, saving: Saving) -> None:
    if saving.agreed_saving_pence != row.agreed_saving:
        was, now = saving.agreed_saving_pence, int(row.agreed_saving)
        table.warn(
            f"The agreed saving of {row.reference} changes from {plain_pounds(was)} to "
            f"{plain_pounds(now)}.",
            row.Index,
            "agreed_saving",
        )
    if saving.service.code != row.service_code:
        table.warn(
            f"{row.reference} moves from {saving.service.code} to {row.service_code}; what it "
            "did so far goes with it.",
            row.Index,
            "service_code",
        )


def _savings_not_in_file(table: TypedTable, known: dict[str, Saving]) -> list[Saving]:
    """Return the savings of the register that the file does not name."""
    named = set(table.frame["reference"])
    return [saving for reference, saving in known.items() if reference not in named]


def _ids_to_keep(missing: list[Saving]) -> set[int]:
    """Return the ids of savings that have positions, were entered by a person, or were replaced.

    These stay in the register although the file does not name them.
    """
    ids = [saving.pk for saving in missing]
    reported = SavingPosition.objects.filter(saving__in=ids).values_list("saving", flat=True)
    links = Replacement.objects.values_list("replaced", "replacing")
    linked = {pk for link in links for pk in link}
    return {saving.pk for saving in missing if saving.typed} | set(reported) | linked


def known_savings(prepared: Prepared[dict[str, int]], target: Target) -> dict[str, set[str]]:
    """Return the references of the year's register."""
    return {"reference": {saving.reference for saving in register(target.year)}}


def store_agreed(prepared: Prepared[dict[str, int]], target: Target) -> None:
    """Add or update savings by reference; remove those not named that nothing refers to."""
    table, trace = prepared.table, {"upload": target.upload.pk}
    known = {saving.reference: saving for saving in register(target.year)}
    services = Service.objects.in_bulk(list(prepared.payload.values()))
    for place, row in enumerate(table.frame.itertuples(index=False), start=1):
        saving = known.get(row.reference) or Saving(year=target.year, reference=row.reference)
        service = services[prepared.payload[row.service_code]]
        values = _values_of_row(table, row, service)
        moved, saving.order = saving.order != place, place
        if not put_saving(saving, values, by=target.by, **trace) and moved:
            saving.save(update_fields=["order"])
    _store_missing(_savings_not_in_file(table, known), len(table.frame), target)


def _values_of_row(table: TypedTable, row: Any, service: Service) -> dict[str, Any]:
    """Return the fields of a saving that the file gives."""
    values = {
        "title": row.title,
        "service": service,
        "agreed_saving_pence": int(row.agreed_saving),
    }
    for name in {"decision", "category", "committee", "plan_reference"} & table.given:
        values[name] = getattr(row, name)
    if "recurrence" in table.given:
        values["recurrence"] = row.recurrence or Recurrence.RECURRING
    if "brought_forward_from" in table.given:
        text = row.brought_forward_from
        values["brought_forward_from"] = parse_financial_year(text) if text else None
    if "investment" in table.given:
        values["investment_pence"] = None if pd.isna(row.investment) else int(row.investment)
    return values


def _store_missing(missing: list[Saving], last: int, target: Target) -> None:
    """Move savings that the file does not name to the end, or remove them."""
    kept = _ids_to_keep(missing)
    for saving in missing:
        if saving.pk not in kept:
            remove_saving(saving, by=target.by, upload=target.upload.pk)
    stay = [saving for saving in missing if saving.pk in kept]
    for place, saving in enumerate(stay, start=last + 1):
        saving.order = place
        saving.save(update_fields=["order"])


def _label_or_blank(start: int | None) -> str:
    return "" if start is None else financial_year_label(start)


def agreed_template(place: TemplatePlace) -> TemplateContent:
    """Return the register as it is stored."""
    rows = [
        {
            "reference": saving.reference,
            "title": saving.title,
            "service_code": saving.service.code,
            "decision": saving.decision,
            "category": saving.category,
            "committee": saving.committee,
            "agreed_saving": saving.agreed_saving_pence,
            "investment": saving.investment_pence,
            "plan_reference": saving.plan_reference,
            "recurrence": saving.recurrence,
            "brought_forward_from": _label_or_blank(saving.brought_forward_from),
        }
        for saving in register(place.year)
        if place.holds(saving.service_id)
    ]
    categories = sorted({str(row["category"]) for row in rows} - {""})
    lists = {
        "service_code": place.list_services(),
        "category": CodeList([ListedCode(each) for each in categories], may_be_new=True),
    }
    return TemplateContent(rows, lists)


registry.register_upload_kind(
    registry.UploadKind(
        name="savings",
        label="Savings agreed",
        per_period=False,
        columns=COLUMNS,
        check=check_agreed,
        store=store_agreed,
        known_codes=known_savings,
        undo=RowsUndo(lambda target: [Saving.objects.filter(year=target.year)]),
        template=agreed_template,
        purpose="The register of the savings agreed for the year. Savings are added or changed by "
        "their reference. One that is not in the file goes, unless something was reported of it.",
    )
)
