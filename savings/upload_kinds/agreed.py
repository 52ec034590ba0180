"""savings.csv for the year: the savings that were agreed."""

import pandas as pd

from council_finance import registry
from council_finance.money import exact_pounds, plain_pounds
from council_finance.uploads.columns import AMOUNT, CODE, ColumnSpec
from council_finance.uploads.table import TypedTable
from monitoring.models import Service
from monitoring.selectors.inputs import current_tree
from monitoring.upload_kinds.prepared import Prepared, Target, check_service_codes
from savings.models import (
    CATEGORY_LENGTH,
    COMMITTEE_LENGTH,
    DECISION_LENGTH,
    TITLE_LENGTH,
    Replacement,
    Saving,
    SavingPosition,
)
from savings.pipeline import put_saving, remove_saving
from savings.rules import agreed_fault, investment_fault
from savings.selectors.register import register

COLUMNS = (
    ColumnSpec("reference", CODE, required=True, meaning="What the saving is called by."),
    ColumnSpec("title", required=True, meaning="What is to be saved, in words."),
    ColumnSpec("service_code", CODE, required=True, meaning="The service that makes the saving."),
    ColumnSpec("decision", meaning="The decision that agreed it, such as February 2019."),
    ColumnSpec("category", meaning="Efficiency, service reduction or income."),
    ColumnSpec("committee", meaning="The committee that answers for it."),
    ColumnSpec("agreed_saving", AMOUNT, required=True, meaning="What was agreed, positive."),
    ColumnSpec("investment", AMOUNT, meaning="What is spent to make it happen, positive."),
)
_LENGTHS = {
    "title": TITLE_LENGTH,
    "decision": DECISION_LENGTH,
    "category": CATEGORY_LENGTH,
    "committee": COMMITTEE_LENGTH,
}
_FAULTS = {"agreed_saving": agreed_fault, "investment": investment_fault}


def check_agreed(table: TypedTable, target: Target) -> Prepared:
    """Check that each row is one saving of an open service; tell what the file changes."""
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
    if not table.problems:
        _warn_of_changes(table, target)
    codes = {service.code: service.id for service in tree.register.values()}
    totals = {name: int(frame[name].sum()) for name in _FAULTS if name in table.given}
    return Prepared(table, payload=codes, totals=totals)


def _warn_of_changes(table: TypedTable, target: Target) -> None:
    """Agreed amounts and services that change, and savings that the file no longer names."""
    known = {saving.reference: saving for saving in register(target.year)}
    for row in table.frame.itertuples():
        saving = known.get(row.reference)
        if saving is None:
            continue
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
    missing = _missing(table, known)
    kept = _kept(missing)
    for saving in missing:
        stays = "so it stays" if saving.pk in kept else "and nothing was reported of it: it goes"
        table.warn(f"The file no longer names the saving {saving.reference}, {stays}.")


def _missing(table: TypedTable, known: dict[str, Saving]) -> list[Saving]:
    """The savings of the register that the file does not name."""
    named = set(table.frame["reference"])
    return [saving for reference, saving in known.items() if reference not in named]


def _kept(missing: list[Saving]) -> set[int]:
    """Ids of those of which something was reported, or that a person entered or replaced."""
    ids = [saving.pk for saving in missing]
    reported = SavingPosition.objects.filter(saving__in=ids).values_list("saving", flat=True)
    links = Replacement.objects.values_list("replaced", "replacing")
    linked = {pk for link in links for pk in link}
    return {saving.pk for saving in missing if saving.typed} | set(reported) | linked


def known_savings(prepared: Prepared, target: Target) -> dict[str, set[str]]:
    """The references of the year's register."""
    return {"reference": {saving.reference for saving in register(target.year)}}


def store_agreed(prepared: Prepared, target: Target) -> None:
    """Add or update by reference; what is no longer named goes if nothing was reported of it."""
    table, trace = prepared.table, {"upload": target.upload.pk}
    known = {saving.reference: saving for saving in register(target.year)}
    services = Service.objects.in_bulk(list(prepared.payload.values()))
    for place, row in enumerate(table.frame.itertuples(index=False), start=1):
        saving = known.get(row.reference) or Saving(year=target.year, reference=row.reference)
        values = {"title": row.title, "service": services[prepared.payload[row.service_code]]}
        values["agreed_saving_pence"] = int(row.agreed_saving)
        for name in {"decision", "category", "committee"} & table.given:
            values[name] = getattr(row, name)
        if "investment" in table.given:
            values["investment_pence"] = None if pd.isna(row.investment) else int(row.investment)
        moved, saving.order = saving.order != place, place
        if not put_saving(saving, values, by=target.by, **trace) and moved:
            saving.save(update_fields=["order"])
    _put_last(_missing(table, known), len(table.frame), target)


def _put_last(missing: list[Saving], last: int, target: Target) -> None:
    """What the file does not name stands after it, or goes."""
    kept = _kept(missing)
    for saving in missing:
        if saving.pk not in kept:
            remove_saving(saving, by=target.by, upload=target.upload.pk)
    stay = [saving for saving in missing if saving.pk in kept]
    for place, saving in enumerate(stay, start=last + 1):
        saving.order = place
        saving.save(update_fields=["order"])


registry.register_upload_kind(
    registry.UploadKind(
        name="savings",
        label="Savings agreed",
        per_period=False,
        columns=COLUMNS,
        check=check_agreed,
        store=store_agreed,
        known_codes=known_savings,
    )
)
