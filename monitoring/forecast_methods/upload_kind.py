"""profiles.csv: how the budget of each line, or of a service's lines, is spread over the months."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from council_finance import registry
from council_finance.money import exact_pounds, plain_pounds
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent, Value
from monitoring.figures.models import NodeFigure
from monitoring.forecast_methods.models import BudgetProfile
from monitoring.forecast_methods.selectors.frozen_figures import same_lines
from monitoring.ledger.models import Position
from monitoring.structure.models import BudgetLine, FinancialYear
from monitoring.structure.selectors.tree import current_tree, service_rows
from monitoring.uploading.prepared import Prepared, Target, check_service_codes
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo

MONTH_NAMES = (
    *("april", "may", "june", "july", "august", "september"),
    *("october", "november", "december", "january", "february", "march"),
)
POUNDS, PERCENT = "pounds", "percent"
_WHOLE, _TOLERANCE = 10_000, 10
"""100% in hundredths of a per cent, and how far twelve rounded percentages may miss it."""

COLUMNS = (
    ColumnSpec(
        "cost_centre",
        CODE,
        meaning="The cost centre of the budget line, as in the ledger.",
        blank="The row is for the service in service_code.",
        example="A100",
    ),
    ColumnSpec(
        "account",
        CODE,
        meaning="The account of the budget line, as in the ledger.",
        blank="The row is for the service in service_code.",
        example="NET",
    ),
    ColumnSpec(
        "service_code",
        CODE,
        meaning="In place of a line: a service or group. The profile is for all of its lines that "
        "have none of their own.",
        blank="The row is for the line of cost_centre and account.",
        example="ADULTS",
    ),
    ColumnSpec(
        "given_as",
        CHOICE,
        choices=(POUNDS, PERCENT),
        meaning="Whether the months are amounts or percentages of the year’s budget.",
        blank="They are amounts in pounds.",
        example=PERCENT,
    ),
    *(
        ColumnSpec(
            name,
            AMOUNT,
            meaning=f"The part of the budget that is expected to be spent in {name.title()}.",
            blank="Only where all twelve months are: then the row changes nothing. Enter 0 for "
            "none in this month.",
            example="8.33",
        )
        for name in MONTH_NAMES
    ),
)


@dataclass(frozen=True)
class NewProfile:
    """A profile that the file brings: of a line or of a service (ids), as BudgetProfile has it."""

    line: int | None
    service: int | None
    months: list[int]
    in_percent: bool

    def changes(self, stored: "Mapping[_Key, NewProfile]") -> bool:
        """Return whether another profile, or none, is stored for the line or service."""
        return stored.get((self.line, self.service)) != self


_Key = tuple[int | None, int | None]


def check_profiles(table: TypedTable, target: Target) -> Prepared[list[NewProfile]]:
    """Check that each row names a line or a service once, with twelve months or none.

    Percentages add up to 100, give or take a tenth. Amounts that do not add up to the current
    budget are only warned of: their proportions count.
    """
    tree = current_tree(target.year)
    check_service_codes(table, "service_code", tree, leaf=False)
    _check_names(table)
    lines = _find_lines(table, target.year)
    services = {each.code: each.id for each in tree.register.values()}
    faulty = {problem.row for problem in table.problems}
    found, rows = [], []
    for row in table.frame.itertuples():
        months = _read_months(table, row)
        if months is None or row.Index in faulty:
            continue
        line = lines.get((row.cost_centre, row.account))
        service = None if line else services[row.service_code]
        found.append(NewProfile(line, service, months, row.given_as == PERCENT))
        rows.append(row.Index)
    _warn_of_other_sums(table, target, found, rows)
    stored = _stored_profiles(target.year)
    return Prepared(table, [each for each in found if each.changes(stored)])


def _check_names(table: TypedTable) -> None:
    """Note rows that name no line or service, both, half a line, or one of an earlier row."""
    frame = table.frame
    for row in frame.itertuples():
        has_line, service = bool(row.cost_centre and row.account), row.service_code
        if service and (row.cost_centre or row.account):
            message = "the row names a line and a service; leave one of them blank"
            table.problem(row.Index, "service_code", service, message)
        elif not service and not has_line:
            missing = "account" if row.cost_centre else "cost_centre"
            message = "give the line’s cost_centre and account, or a service_code"
            table.problem(row.Index, missing, "", message)
    keys = ["cost_centre", "account", "service_code"]
    for row in frame.index[frame.duplicated(keys)]:
        column = "service_code" if frame["service_code"][row] else "account"
        message = "this line or service is on an earlier row too"
        table.problem(row, column, frame[column][row], message)


def _find_lines(table: TypedTable, year: FinancialYear) -> dict[tuple[str, str], int]:
    """Return the year's lines by cost centre and account; note those that it does not have."""
    frame = table.frame
    named = frame[(frame["cost_centre"] != "") & (frame["account"] != "")]
    codes = list(zip(named["cost_centre"], named["account"], strict=True))
    found = {code: pk for (_, code), pk in same_lines(codes, [year.start]).items()}
    for row, code in zip(named.index, codes, strict=True):
        if code not in found:
            message = f"{year} has no line with this cost centre and account"
            table.problem(row, "cost_centre", "/".join(code), message)
    return found


def _read_months(table: TypedTable, row: Any) -> list[int] | None:
    """Return a row's months, April first; None where all are blank, or a fault was noted."""
    cells = [getattr(row, name) for name in MONTH_NAMES]
    blank = [name for name, cell in zip(MONTH_NAMES, cells, strict=True) if pd.isna(cell)]
    if len(blank) == len(cells):
        return None
    if blank:
        message = "give all twelve months, 0 for one without any of the budget"
        table.problem(row.Index, blank[0], "", message)
        return None
    months = [int(cell) for cell in cells]
    total = sum(months)
    if row.given_as == PERCENT and abs(total - _WHOLE) > _TOLERANCE:
        message = f"the twelve percentages add up to {exact_pounds(total)}, not to 100"
    elif total == 0:
        message = "the twelve months add up to nil, so that no month has a share of the budget"
    else:
        return months
    table.problem(row.Index, MONTH_NAMES[-1], "", message)
    return None


def _warn_of_other_sums(
    table: TypedTable, target: Target, found: Sequence[NewProfile], rows: Sequence[int]
) -> None:
    """Warn of amounts that do not add up to the budget in the latest figures."""
    budgets = _read_budgets(target.year)
    for each, row in zip(found, rows, strict=True):
        budget, total = budgets.get((each.line, each.service)), sum(each.months)
        if not each.in_percent and budget is not None and budget != total:
            table.warn(
                f"the months add up to {plain_pounds(total)}, and the current budget is "
                f"{plain_pounds(budget)}. Each month counts by its share",
                row,
                MONTH_NAMES[-1],
                about="Months that do not add up to the budget",
            )


def _read_budgets(year: FinancialYear) -> dict[_Key, int]:
    """Return the current budget of each line and service in the year's latest figures, in pence."""
    period = year.periods.filter(batch__isnull=False).order_by("-number").first()
    if period is None:
        return {}
    lines = Position.objects.of_period(period).order_by()
    found: dict[_Key, int] = {
        (line, None): pence for line, pence in lines.values_list("line_id", "current_budget_pence")
    }
    nodes = NodeFigure.objects.filter(period=period).exclude(kind="closed")
    for service, pence in nodes.values_list("service_id", "budget_pence"):
        found[None, service] = pence
    return found


def _stored_profiles(year: FinancialYear) -> dict[_Key, NewProfile]:
    """Return the profile that counts now for each line and service."""
    rows = BudgetProfile.objects.filter(year=year).order_by("pk")
    fields = rows.values_list("line", "service", "months", "in_percent")
    return {(line, service): NewProfile(line, service, *rest) for line, service, *rest in fields}


def store_profiles(prepared: Prepared[list[NewProfile]], target: Target) -> None:
    """Add the profiles; earlier ones of the same lines and services count no longer."""
    BudgetProfile.objects.bulk_create(
        (
            BudgetProfile(
                year=target.year,
                line_id=each.line,
                service_id=each.service,
                months=each.months,
                in_percent=each.in_percent,
                upload=target.upload,
            )
            for each in prepared.payload
        ),
        batch_size=1000,
    )


def profiles_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's lines with their profiles, then the services that have one."""
    stored = _stored_profiles(place.year)
    lines = BudgetLine.objects.filter(year=place.year).order_by("cost_centre", "account")
    rows = [
        {
            "cost_centre": line.cost_centre,
            "account": line.account,
            **_fill_months(stored.get((line.pk, None))),
        }
        for line in lines
        if place.holds(line.service_id) and (place.with_exempt or not line.exempt)
    ]
    rows += _list_services(place, stored)
    return TemplateContent(rows, {"service_code": place.list_services()})


def _list_services(
    place: TemplatePlace, stored: Mapping[_Key, NewProfile]
) -> Iterator[dict[str, Value]]:
    """Yield a row for each open service that has a profile."""
    for service in service_rows(place.year):
        profile = stored.get((None, service.id))
        if profile and service.id in place.tree.open_ids and place.holds(service.id):
            yield {"service_code": service.code, **_fill_months(profile)}


def _fill_months(profile: NewProfile | None) -> dict[str, Value]:
    if profile is None:
        return {}
    months: dict[str, Value] = dict(zip(MONTH_NAMES, profile.months, strict=True))
    return {"given_as": PERCENT if profile.in_percent else POUNDS, **months}


registry.register_upload_kind(
    registry.UploadKind(
        name="profiles",
        label="Budget profiles",
        per_period=False,
        after="forecasts",
        columns=COLUMNS,
        check=check_profiles,
        store=store_profiles,
        undo=RowsUndo(lambda target: [BudgetProfile.objects.filter(year=target.year)]),
        template=profiles_template,
        needs_one_of=("cost_centre", "service_code"),
        purpose="How the budget is expected to be spent month by month, for lines or for whole "
        "services. Forecasts by “actual plus profile” use it where the ledger gives no profiled "
        "budget to date. Lines that the file does not name keep theirs.",
    )
)
