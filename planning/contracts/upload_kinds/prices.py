"""contract_prices.csv: the prices of a contract, by unit and band."""

from collections.abc import Mapping

from council_finance import registry
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
from planning.contracts.columns import PRICE
from planning.contracts.models import NAME_LENGTH, ContractPrice
from planning.contracts.selectors import contracts_of, prices_of
from planning.upload_checks import (
    check_lengths,
    check_not_negative,
    check_once,
    check_references,
    require_columns,
    whole_or_none,
)


def check_prices(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each price of a known contract is given once, with a price or an annual value."""
    require_columns(table, "price")
    known = {each.reference for each in contracts_of(target.year)}
    check_once(
        table,
        ["contract_reference", "unit", "band", "line"],
        "this line of the contract stands on an earlier row with the same unit and band",
    )
    check_references(table, "contract_reference", known, "contracts.csv")
    check_lengths(table, NAME_LENGTH, "line", "unit", "band")
    check_not_negative(table, "price", "annual_value")
    frame = table.frame
    for row in frame.index[frame["price"].isna() & frame["annual_value"].isna()]:
        if row not in {each.row for each in table.problems}:
            table.problem(row, "price", "", "a price or an annual value is needed")
    return Prepared(table, None)


def store_prices(prepared: Prepared[None], target: Target) -> None:
    """Replace the prices of each contract that the file names; those of others stay."""
    contracts = {each.reference: each.pk for each in contracts_of(target.year)}
    frame = prepared.table.frame
    named = [contracts[each] for each in frame["contract_reference"].unique()]
    ContractPrice.objects.filter(contract__in=named).delete()
    ContractPrice.objects.bulk_create(
        ContractPrice(
            contract_id=contracts[row.contract_reference],
            line=row.line,
            unit=row.unit,
            band=row.band,
            price_pence=whole_or_none(row.price),
            annual_value_pence=whole_or_none(row.annual_value),
            order=order,
        )
        for order, row in enumerate(frame.itertuples(index=False), start=1)
    )


def prices_template(place: TemplatePlace) -> TemplateContent:
    """Return the prices of the year's contracts as they are stored."""
    rows: list[Mapping[str, Value]] = [
        {
            "contract_reference": each.contract.reference,
            "line": each.line,
            "unit": each.unit,
            "band": each.band,
            "price": each.price_pence,
            "annual_value": each.annual_value_pence,
        }
        for each in prices_of(place.year)
    ]
    contracts = [ListedCode(each.reference, each.title) for each in contracts_of(place.year)]
    return TemplateContent(rows, {"contract_reference": CodeList(contracts)})


registry.register_upload_kind(
    registry.UploadKind(
        name="contract_prices",
        label="Prices of contracts",
        per_period=False,
        after="contract_shares",
        columns=PRICE,
        check=check_prices,
        store=store_prices,
        undo=RowsUndo(lambda target: [ContractPrice.objects.filter(contract__year=target.year)]),
        template=prices_template,
        purpose="The prices of contracts by unit and band. The file replaces the prices of the "
        "contracts that it names; those of others stay.",
    )
)
