"""estimates.csv: the budgets of services by subjective, for one year or several."""

from collections.abc import Mapping

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.periods import NotAYear, financial_year_label
from council_finance.uploads.columns import AMOUNT, CODE, TEXT, ColumnSpec
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
from planning.subjectives.models import Estimate, SubjectiveKind
from planning.subjectives.selectors import estimates_of, subjectives_of
from planning.upload_checks import check_lengths, check_once, check_references, read_year

_STEP_LENGTH = 64
_INCOME = (SubjectiveKind.INTERNAL_INCOME, SubjectiveKind.EXTERNAL_INCOME)
COLUMNS = (
    ColumnSpec(
        "financial_year",
        TEXT,
        required=True,
        meaning="The financial year of the estimate.",
        example="2019/20",
    ),
    ColumnSpec(
        "service_code",
        CODE,
        required=True,
        meaning="The code of a service without others under it.",
        example="HOME",
    ),
    ColumnSpec(
        "subjective_code",
        CODE,
        required=True,
        meaning="The code of its subjective.",
        example="EMP",
    ),
    ColumnSpec(
        "step",
        TEXT,
        meaning="A step of the build-up: base, technical, policy. The steps add up.",
        blank="The whole amount.",
        example="base",
    ),
    ColumnSpec(
        "amount",
        AMOUNT,
        required=True,
        meaning="The estimate. Income is negative.",
        example="402703.00",
    ),
)


def check_estimates(table: TypedTable, target: Target) -> Prepared[None]:
    """Check years, services and subjectives; a net budget stands for a service alone."""
    subjectives = {each.code: each for each in subjectives_of(target.year)}
    _check_years(table)
    check_service_codes(table, "service_code", current_tree(target.year), leaf=True)
    check_references(table, "subjective_code", set(subjectives), "subjectives.csv")
    check_lengths(table, _STEP_LENGTH, "step")
    if not table.problems:
        table.frame = table.frame.assign(start=[*map(read_year, table.frame["financial_year"])])
        check_once(
            table,
            ["start", "service_code", "step", "subjective_code"],
            "this year, service, subjective and step stand on an earlier row too",
        )
        kinds = {code: each.kind for code, each in subjectives.items()}
        _check_net_alone(table, kinds)
        _warn_of_positive_income(table, kinds)
    total = int(table.frame["amount"].sum())
    return Prepared(table, None, totals={"amount": total})


def _check_years(table: TypedTable) -> None:
    for row, text in table.frame["financial_year"].items():
        try:
            read_year(text)
        except NotAYear:
            if text:
                table.problem(row, "financial_year", text, "a year such as 2019/20 was expected")


def _check_net_alone(table: TypedTable, kinds: Mapping[str, str]) -> None:
    """Refuse a net budget beside an analysis: both would be counted."""
    frame = table.frame.assign(is_net=table.frame["subjective_code"].map(kinds) == "net")
    for _, rows in frame.groupby(["start", "service_code"], sort=False):
        if rows["is_net"].any() and not rows["is_net"].all():
            row = int(rows.index[rows["is_net"]][0])
            message = "the service has a net budget and an analysis for this year; give one of them"
            table.problem(row, "subjective_code", rows.at[row, "subjective_code"], message)


def _warn_of_positive_income(table: TypedTable, kinds: Mapping[str, str]) -> None:
    is_income = table.frame["subjective_code"].map(kinds).isin(_INCOME)
    rows = table.frame[is_income & (table.frame["amount"] > 0)].reset_index()
    table.warn_of_each(
        rows.itertuples(),
        lambda row: (
            f"{row.subjective_code} of {row.service_code} is income of "
            f"{plain_pounds(int(row.amount))} above nil. Income is negative."
        ),
        "amount",
    )


def store_estimates(prepared: Prepared[None], target: Target) -> None:
    """Replace the estimates of the years that the file names; those of others stay."""
    subjectives = {each.code: each.pk for each in subjectives_of(target.year)}
    services = dict(Service.objects.filter(year=target.year).values_list("code", "pk"))
    frame = prepared.table.frame
    years = [int(start) for start in frame["start"].unique()]
    Estimate.objects.filter(year=target.year, financial_year__in=years).delete()
    Estimate.objects.bulk_create(
        Estimate(
            year=target.year,
            financial_year=int(row.start),
            service_id=services[row.service_code],
            subjective_id=subjectives[row.subjective_code],
            step=row.step,
            amount_pence=int(row.amount),
        )
        for row in frame.itertuples(index=False)
    )


def estimates_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's estimates as they are stored."""
    rows: list[Mapping[str, Value]] = [
        {
            "financial_year": financial_year_label(each.financial_year),
            "service_code": each.service.code,
            "subjective_code": each.subjective.code,
            "step": each.step,
            "amount": each.amount_pence,
        }
        for each in estimates_of(place.year)
    ]
    codes = [ListedCode(each.code, each.name) for each in subjectives_of(place.year)]
    lists = {"service_code": place.list_services(leaf=True), "subjective_code": CodeList(codes)}
    return TemplateContent(rows, lists)


registry.register_upload_kind(
    registry.UploadKind(
        name="estimates",
        label="Estimates by subjective",
        per_period=False,
        after="accounts",
        columns=COLUMNS,
        check=check_estimates,
        store=store_estimates,
        undo=RowsUndo(lambda target: [Estimate.objects.filter(year=target.year)]),
        template=estimates_template,
        purpose="The budgets of services by subjective. The file replaces the estimates of the "
        "financial years that it names; those of others stay.",
    )
)
