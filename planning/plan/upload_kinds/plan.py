"""plan.csv: the items of the medium-term plan, with an amount for each year."""

from typing import Any

from council_finance import registry
from council_finance.periods import financial_year_label
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, WHOLE, ColumnSpec
from council_finance.uploads.problems import FileRefused, Problem
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.prepared import Prepared, Target, check_service_codes
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from planning.plan.item_checks import check_items
from planning.plan.models import (
    CODE_LENGTH,
    HEADING_LENGTH,
    NOTE_LENGTH,
    TITLE_LENGTH,
    ItemRecurrence,
    ItemType,
    PlanItem,
    PlanVersion,
)
from planning.plan.pipeline import put_items
from planning.plan.report_rows import PlanRow, read_amounts
from planning.plan.selectors.versions import (
    current_version,
    find_current_version,
    plan_versions,
    settings_of_year,
)
from planning.plan.settings_tables import PlanSettings
from planning.plan.year_amounts import (
    YEAR_COLUMN,
    amounts_of_row,
    check_lengths,
    check_once,
    check_range,
    check_years,
    label_years,
    whole_or_none,
)

COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The reference of the item, by which other files name it.",
        example="AC12",
    ),
    ColumnSpec(
        "title",
        required=True,
        meaning="What the item is, in words.",
        example="Review of supported living costs",
    ),
    ColumnSpec(
        "type",
        CHOICE,
        required=True,
        choices=tuple(ItemType.values),
        meaning="What the item does to the budget. Items under development and risks count in no "
        "total.",
        example="saving",
    ),
    ColumnSpec(
        "service_code",
        CODE,
        required=True,
        may_be_blank=True,
        meaning="The code of the service whose budget changes.",
        blank="The whole council.",
        example="ADULTS",
    ),
    ColumnSpec(
        "heading",
        meaning="The heading under which the item is listed.",
        blank="No heading.",
        example="Demand and cost increases",
    ),
    ColumnSpec(
        "order",
        WHOLE,
        meaning="The item’s place in the list.",
        blank="Its place in the file.",
        example="3",
    ),
    ColumnSpec(
        "kind",
        CHOICE,
        choices=("Eff", "SR", "Eff/SR", "SR/Eff", "Inc"),
        meaning="Efficiency, service reduction, both, or income. A saving must have it.",
        blank="None, for an item that is no saving.",
        example="Eff",
    ),
    ColumnSpec(
        "change",
        CHOICE,
        choices=("unchanged", "amended", "new"),
        meaning="How the item differs from the version before.",
        blank="Not said. It is worked out where that version is stored.",
        example="amended",
    ),
    ColumnSpec(
        "recurrence",
        CHOICE,
        choices=tuple(ItemRecurrence.values),
        meaning="Whether the amount stays in the base. One that does not comes back out by itself.",
        blank="Recurring.",
        example="recurring",
    ),
    ColumnSpec(
        "parent_reference",
        CODE,
        meaning="The item of which this one is a part.",
        blank="It is no part.",
        example="AC12",
    ),
    ColumnSpec(
        "depends_on",
        CODE,
        meaning="The capital scheme or the decision without which the item cannot be delivered.",
        blank="It depends on none.",
        example="CAP-1",
    ),
    ColumnSpec(
        "ends",
        CODE,
        meaning="The item whose time-limited amount this one takes out of the base.",
        blank="It ends none.",
        example="G4",
    ),
    ColumnSpec(
        "driver",
        CODE,
        meaning="The activity that drives the item, such as placements.",
        blank="None is named.",
        example="NURSING",
    ),
    ColumnSpec(
        "amount_low",
        AMOUNT,
        meaning="The low end of a range, for what is not in the figures yet.",
        blank="No range.",
        example="5000000.00",
    ),
    ColumnSpec(
        "amount_high",
        AMOUNT,
        meaning="The high end of the range.",
        blank="No range.",
        example="10000000.00",
    ),
    ColumnSpec("note", meaning="A note.", blank="No note.", example="A business case is to come"),
)
_LENGTHS = {
    "reference": CODE_LENGTH,
    "title": TITLE_LENGTH,
    "heading": HEADING_LENGTH,
    "note": NOTE_LENGTH,
    "parent_reference": CODE_LENGTH,
    "depends_on": CODE_LENGTH,
    "ends": CODE_LENGTH,
    "driver": CODE_LENGTH,
}


def check_plan(table: TypedTable, target: Target) -> Prepared[list[PlanRow]]:
    """Check the items against the settings of the plan, the services, and each other."""
    settings = settings_of_year(target.year)
    _refuse_without_settings(settings)
    _refuse_adopted(target, settings)
    check_years(table, settings.years)
    check_once(table, "reference")
    check_lengths(table, _LENGTHS)
    check_range(table)
    check_service_codes(table, "service_code", current_tree(target.year), leaf=False)
    rows = [
        _row_of(table, row)
        for row in sorted(
            table.frame.itertuples(),
            key=lambda each: (whole_or_none(each.order) or 0, each.Index),
        )
    ]
    if not table.problems:
        places = dict(zip(table.frame["reference"], table.frame.index, strict=True))
        check_items(table, target.year, rows, places, settings)
    totals: dict[str, int | None] = {
        financial_year_label(year): sum(row.amounts.get(year, 0) for row in rows if not row.parent)
        for year in settings.years
    }
    return Prepared(table, rows, totals)


def _refuse_without_settings(settings: PlanSettings) -> None:
    """Raise `FileRefused` where the settings do not say how amounts are read."""
    faults = []
    if not settings.amounts:
        faults.append(
            'Say in the settings of the year, [plan] amounts, whether amounts are "cumulative" or '
            '"step": it cannot be told from the figures.'
        )
    if not settings.years:
        faults.append("Say in the settings of the year, [plan] years, which years the plan has.")
    if faults:
        raise FileRefused(*map(Problem, faults))


def _refuse_adopted(target: Target, settings: PlanSettings) -> None:
    version = current_version(plan_versions(target.year), settings)
    named = version and (version.name, version.version) == (settings.name, settings.version)
    if version is not None and named and version.adopted_on:
        raise FileRefused(
            Problem(
                f"{version} was adopted on {version.adopted_on:%-d %B %Y} and is frozen. Give the "
                "new version another name in the settings of the year, [plan] version."
            )
        )


def _row_of(table: TypedTable, row: Any) -> PlanRow:
    return PlanRow(
        reference=row.reference,
        title=row.title,
        type=row.type,
        service=row.service_code,
        heading=row.heading,
        kind=row.kind,
        change=row.change,
        recurrence=row.recurrence or ItemRecurrence.RECURRING,
        parent=row.parent_reference,
        depends_on=row.depends_on,
        ends=row.ends,
        driver=row.driver,
        low=whole_or_none(row.amount_low),
        high=whole_or_none(row.amount_high),
        note=row.note,
        amounts=read_amounts(amounts_of_row(table, row.Index)),
    )


def store_plan(prepared: Prepared[list[PlanRow]], target: Target) -> None:
    """Store the items as those of the version that the settings name."""
    upload = {"upload": target.upload.pk} if target.upload.pk else {}
    put_items(year=target.year, rows=prepared.payload, by=target.by, **upload)


def plan_template(place: TemplatePlace) -> TemplateContent:
    """Return the items of the version that is worked on."""
    version, settings = find_current_version(place.year), settings_of_year(place.year)
    items = list(version.items.select_related("service")) if version else []
    years = label_years(settings.years, (item.amounts for item in items))
    rows = [
        {
            **{name: getattr(item, name) for name in _SAME_COLUMNS},
            "service_code": item.service.code if item.service else "",
            "amount_low": item.amount_low_pence,
            "amount_high": item.amount_high_pence,
            **{label: item.amounts.get(str(year)) for year, label in years.items()},
        }
        for item in items
        if item.service_id is None or place.holds(item.service_id)
    ]
    return TemplateContent(rows, {"service_code": place.list_services()}, list(years.values()))


_SAME_COLUMNS = (
    *("reference", "title", "type", "heading", "order", "kind", "change", "recurrence"),
    *("parent_reference", "depends_on", "ends", "driver", "note"),
)

registry.register_upload_kind(
    registry.UploadKind(
        name="plan",
        label="Medium-term plan",
        per_period=False,
        after="capital_plan",
        columns=COLUMNS,
        year_column=YEAR_COLUMN,
        check=check_plan,
        store=store_plan,
        undo=RowsUndo(
            lambda target: [
                PlanVersion.objects.filter(year=target.year),
                PlanItem.objects.filter(version__year=target.year),
            ]
        ),
        template=plan_template,
        purpose="The growth, savings and other items of the medium-term plan. The file replaces "
        "the items of the version that the settings of the year name; other versions stay.",
    )
)
