"""contract_shares.csv: the services that bear a contract between them."""

from collections.abc import Mapping

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
from planning.contracts.columns import SHARE
from planning.contracts.models import HUNDRED_PERCENT, ContractShare
from planning.contracts.selectors import contracts_of, shares_of
from planning.upload_checks import check_not_negative, check_once, check_references


def check_shares(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each contract's shares are of known services, and add up to 100 per cent."""
    known = {each.reference for each in contracts_of(target.year)}
    check_once(
        table,
        ["contract_reference", "service_code"],
        "this service of the contract stands on an earlier row too",
    )
    check_references(table, "contract_reference", known, "contracts.csv")
    check_service_codes(table, "service_code", current_tree(target.year), leaf=False)
    check_not_negative(table, "percent")
    if not table.problems:
        for reference, rows in table.frame.groupby("contract_reference", sort=False):
            if (total := int(rows["percent"].sum())) != HUNDRED_PERCENT:
                message = f"the shares of {reference} add up to {total / 100:g}%, not to 100%"
                table.problem(int(rows.index[-1]), "percent", total / 100, message)
    return Prepared(table, None)


def store_shares(prepared: Prepared[None], target: Target) -> None:
    """Replace the shares of each contract that the file names; those of others stay."""
    contracts = {each.reference: each.pk for each in contracts_of(target.year)}
    services = dict(Service.objects.filter(year=target.year).values_list("code", "pk"))
    frame = prepared.table.frame
    named = [contracts[each] for each in frame["contract_reference"].unique()]
    ContractShare.objects.filter(contract__in=named).delete()
    ContractShare.objects.bulk_create(
        ContractShare(
            contract_id=contracts[row.contract_reference],
            service_id=services[row.service_code],
            hundredths=int(row.percent),
            order=order,
        )
        for order, row in enumerate(frame.itertuples(index=False), start=1)
    )


def shares_template(place: TemplatePlace) -> TemplateContent:
    """Return the shares of the year's contracts as they are stored."""
    rows: list[Mapping[str, Value]] = [
        {
            "contract_reference": each.contract.reference,
            "service_code": each.service.code,
            "percent": each.hundredths,
        }
        for each in shares_of(place.year)
    ]
    contracts = [ListedCode(each.reference, each.title) for each in contracts_of(place.year)]
    lists = {"service_code": place.list_services(), "contract_reference": CodeList(contracts)}
    return TemplateContent(rows, lists)


registry.register_upload_kind(
    registry.UploadKind(
        name="contract_shares",
        label="Shares of contracts",
        per_period=False,
        after="contracts",
        columns=SHARE,
        check=check_shares,
        store=store_shares,
        undo=RowsUndo(lambda target: [ContractShare.objects.filter(contract__year=target.year)]),
        template=shares_template,
        purpose="The services that bear a contract between them. The file replaces the shares of "
        "the contracts that it names; those of others stay.",
    )
)
