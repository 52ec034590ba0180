"""contracts.csv: the year's register of contracts and grants."""

import datetime
import re
from collections.abc import Mapping
from typing import Any

from council_finance import registry
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import (
    CodeList,
    ListedCode,
    TemplateContent,
    Value,
)
from monitoring.models import Service
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.prepared import Prepared, Target, check_service_codes
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from planning.contracts.columns import CONTRACT
from planning.contracts.models import NAME_LENGTH, Contract
from planning.contracts.selectors import contracts_of
from planning.decisions.selectors import decisions_of
from planning.upload_checks import (
    check_lengths,
    check_not_negative,
    check_once,
    check_references,
    date_or_none,
    require_columns,
    whole_or_none,
)

_TEXTS = (
    *("description", "supplier_registration", "supplier_kind", "procurement"),
    *("notice_anniversary", "vat", "payment", "indexation", "note"),
)
_DATES = ("start_date", "end_date", "review_date", "break_date")
_AMOUNTS = (
    *("annual_value", "total_value", "estimated_value", "spend_to_date"),
    *("replaces_annual_cost", "irrecoverable_vat"),
)
_WHOLES = ("term_months", "notice_months")
_NAMES = ("supplier", "supplier_registration", "procurement", "vat", "payment", "indexation")
_MOST_MONTHS = 1_200
_EXTENSIONS = re.compile(r"\d{1,4}(?: *[;,+] *\d{1,4})*")
_ANNIVERSARY = re.compile(r"(\d\d)-(\d\d)")


def read_extensions(text: str) -> list[int]:
    """Return the months of each extension: `12;12`. One of 0 months is none."""
    return [int(each) for each in re.findall(r"\d+", text) if int(each)]


def write_extensions(months: list[int]) -> str:
    """Return the months of each extension as the file has them."""
    return ";".join(map(str, months))


def check_contracts(table: TypedTable, target: Target) -> Prepared[None]:
    """Check references, services, decisions, dates and amounts of each contract."""
    require_columns(table, "supplier")
    decisions = {each.reference for each in decisions_of(target.year)}
    check_once(table, ["reference"], "this contract stands on an earlier row too")
    check_lengths(table, NAME_LENGTH, *_NAMES)
    check_service_codes(table, "service_code", current_tree(target.year), leaf=False)
    check_references(table, "decision_reference", decisions, "decisions.csv")
    check_not_negative(table, *_AMOUNTS)
    for row in table.frame.itertuples():
        _check_dates(table, row)
        _check_extensions(table, row)
        _check_anniversary(table, row)
    return Prepared(table, None)


def _check_dates(table: TypedTable, row: Any) -> None:
    start, end = date_or_none(row.start_date), date_or_none(row.end_date)
    if start and end and end < start:
        table.problem(row.Index, "end_date", end, f"the contract starts later, on {start}")
    for column in _WHOLES:
        if (months := whole_or_none(getattr(row, column))) is not None and months > _MOST_MONTHS:
            message = f"at most {_MOST_MONTHS:,} months are possible"
            table.problem(row.Index, column, months, message)


def _check_extensions(table: TypedTable, row: Any) -> None:
    text, taken = row.extension_months, whole_or_none(row.extensions_taken) or 0
    if text and not _EXTENSIONS.fullmatch(text):
        message = "the months of each extension, such as 12;12, were expected"
        table.problem(row.Index, "extension_months", text, message)
    elif sum(read_extensions(text)) > _MOST_MONTHS:
        message = f"at most {_MOST_MONTHS:,} months are possible"
        table.problem(row.Index, "extension_months", text, message)
    elif taken > len(read_extensions(text)):
        message = f"the contract has {len(read_extensions(text))} extensions"
        table.problem(row.Index, "extensions_taken", taken, message)


def _check_anniversary(table: TypedTable, row: Any) -> None:
    text = row.notice_anniversary
    if not text:
        return
    match = _ANNIVERSARY.fullmatch(text)
    try:
        datetime.date(2020, int(match[1]) if match else 0, int(match[2]) if match else 0)
    except ValueError:
        message = "the month and day, such as 03-31 for 31 March, were expected"
        table.problem(row.Index, "notice_anniversary", text, message)


def store_contracts(prepared: Prepared[None], target: Target) -> None:
    """Add or update contracts by reference; those that the file does not name stay."""
    stored = {each.reference: each for each in contracts_of(target.year)}
    services = dict(Service.objects.filter(year=target.year).values_list("code", "pk"))
    decisions = {each.reference: each.pk for each in decisions_of(target.year)}
    given = prepared.table.given
    for order, row in enumerate(prepared.table.frame.itertuples(index=False), start=1):
        contract = stored.get(row.reference) or Contract(year=target.year, reference=row.reference)
        contract.title, contract.supplier, contract.order = row.title, row.supplier, order
        contract.service_id = services[row.service_code]
        if "decision_reference" in given:
            contract.decision_id = decisions.get(row.decision_reference)
        if "extension_months" in given:
            contract.extension_months = read_extensions(row.extension_months)
        if "extensions_taken" in given:
            contract.extensions_taken = whole_or_none(row.extensions_taken) or 0
        _set_given_fields(contract, row, given)
        contract.save()


def _set_given_fields(contract: Contract, row: Any, given: set[str]) -> None:
    """Set the fields of the columns that the file has; the stored values of others stay."""
    for fields, read in ((_TEXTS, str), (_DATES, date_or_none), (_WHOLES, whole_or_none)):
        for field in given.intersection(fields):
            setattr(contract, field, read(getattr(row, field)))
    for field in given.intersection(_AMOUNTS):
        setattr(contract, f"{field}_pence", whole_or_none(getattr(row, field)))


def contracts_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's contracts as they are stored."""
    rows: list[Mapping[str, Value]] = [
        {
            "reference": each.reference,
            "title": each.title,
            "supplier": each.supplier,
            "service_code": each.service.code,
            "decision_reference": each.decision.reference if each.decision else "",
            "extension_months": write_extensions(each.extension_months),
            "extensions_taken": each.extensions_taken or None,
            **{field: getattr(each, field) for field in (*_TEXTS, *_DATES, *_WHOLES)},
            **{field: getattr(each, f"{field}_pence") for field in _AMOUNTS},
        }
        for each in contracts_of(place.year)
    ]
    decisions = [ListedCode(each.reference, each.title) for each in decisions_of(place.year)]
    lists = {"service_code": place.list_services(), "decision_reference": CodeList(decisions)}
    return TemplateContent(rows, lists)


registry.register_upload_kind(
    registry.UploadKind(
        name="contracts",
        label="Contracts",
        per_period=False,
        after="meetings",
        columns=CONTRACT,
        check=check_contracts,
        store=store_contracts,
        undo=RowsUndo(lambda target: [Contract.objects.filter(year=target.year)]),
        template=contracts_template,
        purpose="The year’s register of contracts and grants. Contracts are added or changed by "
        "their reference; those that are not in the file stay.",
    )
)
