"""accounts.csv: the subjective of each account of the ledger."""

from collections.abc import Mapping

from council_finance import registry
from council_finance.uploads.columns import CODE, TEXT, ColumnSpec
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
from planning.subjectives.models import NAME_LENGTH, AccountRule
from planning.subjectives.selectors import account_rules_of, subjectives_of
from planning.upload_checks import check_lengths, check_once, check_references

COLUMNS = (
    ColumnSpec(
        "account",
        CODE,
        required=True,
        meaning="An account of the ledger, or its beginning and a star for all that begin so. The "
        "longest that fits counts.",
        example="41*",
    ),
    ColumnSpec("name", TEXT, meaning="What it is called.", blank="No name.", example="Salaries"),
    ColumnSpec(
        "subjective_code",
        CODE,
        required=True,
        meaning="The code of its subjective.",
        example="EMP",
    ),
)


def check_accounts(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each account is on one row, of a known subjective, with a star at its end only."""
    known = {each.code for each in subjectives_of(target.year)}
    check_once(table, ["account"], "this account stands on an earlier row too")
    check_references(table, "subjective_code", known, "subjectives.csv")
    check_lengths(table, NAME_LENGTH, "name")
    for row, account in table.frame["account"].items():
        if "*" in account[:-1]:
            table.problem(row, "account", account, "a star stands at the end only, such as 41*")
    return Prepared(table, None)


def store_accounts(prepared: Prepared[None], target: Target) -> None:
    """Add or update accounts; those that the file does not name stay."""
    subjectives = {each.code: each for each in subjectives_of(target.year)}
    for row in prepared.table.frame.itertuples(index=False):
        AccountRule.objects.update_or_create(
            year=target.year,
            account=row.account,
            defaults={"name": row.name, "subjective": subjectives[row.subjective_code]},
        )


def accounts_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's accounts as they are stored."""
    rows: list[Mapping[str, Value]] = [
        {"account": each.account, "name": each.name, "subjective_code": each.subjective.code}
        for each in account_rules_of(place.year)
    ]
    codes = [ListedCode(each.code, each.name) for each in subjectives_of(place.year)]
    return TemplateContent(rows, {"subjective_code": CodeList(codes)})


registry.register_upload_kind(
    registry.UploadKind(
        name="accounts",
        label="Accounts by subjective",
        per_period=False,
        after="subjectives",
        columns=COLUMNS,
        check=check_accounts,
        store=store_accounts,
        undo=RowsUndo(lambda target: [AccountRule.objects.filter(year=target.year)]),
        template=accounts_template,
        purpose="The subjective of each account of the ledger. Accounts are added or changed; "
        "those that are not in the file stay.",
    )
)
