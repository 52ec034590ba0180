"""decisions.csv: the forward plan of the year, with the decisions that were taken."""

from collections.abc import Mapping

import pandas as pd

from council_finance import registry
from council_finance.uploads.columns import CHOICE, CODE, DATE, TEXT, WHOLE, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent, Value
from monitoring.models import Service
from monitoring.structure.council_settings import read_settings
from monitoring.structure.selectors.tree import current_tree
from monitoring.uploading.prepared import Prepared, Target, check_service_codes
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from planning.decisions.models import NAME_LENGTH, Decision, DecisionStatus
from planning.decisions.selectors import decisions_of
from planning.decisions.settings_tables import risk_rules
from planning.upload_checks import (
    check_lengths,
    check_once,
    date_or_none,
    whole_or_none,
    yes_no_or_none,
)
from planning.yes_or_no import yes_or_no

_TEXTS = ("key_reason", "exempt", "note")
_DATES = ("decision_on", "forward_plan_on", "agenda_on", "call_in_until")
_WHOLES = ("likelihood", "impact", "risk_score")
COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The reference in the forward plan, by which effects and contracts name it.",
        example="FP/19/07/02",
    ),
    ColumnSpec(
        "title",
        TEXT,
        required=True,
        meaning="What is decided, as the forward plan prints it.",
        example="Award a contract for care and support",
    ),
    ColumnSpec(
        "decision_maker",
        TEXT,
        required=True,
        meaning="Who decides: a committee, a member or an officer’s post.",
        example="Cabinet",
    ),
    ColumnSpec(
        "decision_on",
        DATE,
        meaning="The day on which it was, or will be, taken.",
        blank="Not fixed yet.",
        example="2019-08-14",
    ),
    ColumnSpec(
        "key_decision",
        CHOICE,
        choices=("yes", "no"),
        meaning="Whether it is a key decision.",
        blank="Not stated.",
        example="yes",
    ),
    ColumnSpec(
        "key_reason",
        TEXT,
        meaning="Why it is a key decision.",
        blank="Not stated.",
        example="Spending above £1m",
    ),
    ColumnSpec(
        "status",
        CHOICE,
        required=True,
        choices=tuple(DecisionStatus.values),
        meaning="How far it is.",
        example="planned",
    ),
    ColumnSpec(
        "service_code",
        CODE,
        meaning="The code of the service or directorate that it is about.",
        blank="No service in particular.",
        example="ADULT",
    ),
    ColumnSpec(
        "exempt",
        TEXT,
        meaning="The paragraph under which its report is private.",
        blank="The report is public.",
        example="paragraph 3",
    ),
    ColumnSpec(
        "likelihood",
        WHOLE,
        meaning="The likelihood of its risk, from 1 up to the council’s scale.",
        blank="No risk is assessed.",
        example="2",
    ),
    ColumnSpec(
        "impact",
        WHOLE,
        meaning="The impact of its risk, from 1 up to the council’s scale.",
        blank="No risk is assessed.",
        example="4",
    ),
    ColumnSpec(
        "risk_score",
        WHOLE,
        meaning="The score that the report prints, to be compared with likelihood × impact.",
        blank="None is printed.",
        example="8",
    ),
    ColumnSpec(
        "forward_plan_on",
        DATE,
        meaning="The day on which notice was given in the forward plan.",
        blank="Not stated.",
        example="2019-07-09",
    ),
    ColumnSpec(
        "agenda_on",
        DATE,
        meaning="The day on which the agenda was published.",
        blank="Not stated.",
        example="2019-08-06",
    ),
    ColumnSpec(
        "call_in_until",
        DATE,
        meaning="The last day on which it may be called in.",
        blank="It follows from the council’s call-in days.",
        example="2019-08-21",
    ),
    ColumnSpec(
        "note", TEXT, meaning="A note on it.", blank="None.", example="Appendix 1 is exempt"
    ),
)


def check_decisions(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each decision is on one row, with a known service and a risk on the scale."""
    check_once(table, ["reference"], "this decision stands on an earlier row too")
    check_lengths(table, NAME_LENGTH, "decision_maker", "exempt")
    check_service_codes(table, "service_code", current_tree(target.year), leaf=False)
    _check_risk(table, risk_rules(read_settings(target.year.settings)).scale)
    return Prepared(table, None)


def _check_risk(table: TypedTable, scale: int) -> None:
    for column in ("likelihood", "impact"):
        for row, value in table.frame[column].items():
            if not pd.isna(value) and not 1 <= value <= scale:
                message = f"the {column} is a whole number from 1 to {scale}"
                table.problem(int(row), column, value, message)


def store_decisions(prepared: Prepared[None], target: Target) -> None:
    """Add or update decisions by reference; those that the file does not name stay."""
    stored = {each.reference: each for each in decisions_of(target.year)}
    services = dict(Service.objects.filter(year=target.year).values_list("code", "pk"))
    given = prepared.table.given
    for order, row in enumerate(prepared.table.frame.itertuples(index=False), start=1):
        decision = stored.get(row.reference) or Decision(year=target.year, reference=row.reference)
        decision.title, decision.decision_maker = row.title, row.decision_maker
        decision.status, decision.order = row.status, order
        if "key_decision" in given:
            decision.key_decision = yes_no_or_none(row.key_decision)
        if "service_code" in given:
            decision.service_id = services.get(row.service_code)
        for fields, read in ((_TEXTS, str), (_DATES, date_or_none), (_WHOLES, whole_or_none)):
            for field in given.intersection(fields):
                setattr(decision, field, read(getattr(row, field)))
        decision.save()


def decisions_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's decisions as they are stored."""
    rows: list[Mapping[str, Value]] = [
        {
            "reference": each.reference,
            "title": each.title,
            "decision_maker": each.decision_maker,
            "key_decision": yes_or_no(each.key_decision),
            "status": each.status,
            "service_code": each.service.code if each.service else "",
            **{field: getattr(each, field) for field in (*_TEXTS, *_DATES, *_WHOLES)},
        }
        for each in decisions_of(place.year)
    ]
    return TemplateContent(rows, {"service_code": place.list_services()})


registry.register_upload_kind(
    registry.UploadKind(
        name="decisions",
        label="Decisions",
        per_period=False,
        after="plan_gap",
        columns=COLUMNS,
        check=check_decisions,
        store=store_decisions,
        undo=RowsUndo(lambda target: [Decision.objects.filter(year=target.year)]),
        template=decisions_template,
        purpose="The forward plan and the decisions that were taken. Decisions are added or "
        "changed by their reference; those that are not in the file stay.",
    )
)
