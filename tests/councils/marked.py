"""A council whose drafts and exempt lines bear marker words, to see on which pages they stand.

Months 1 and 2 are published without any of the words `DRAFT` and `OWN`; month 3 is a draft that
has one of them in every text, as has every text of the live tables. `OWN` stands for the drafts
of the part under PEOPLE, `DRAFT` for all others. `EXEMPT` is what exempt lines are called, in
published months and in the draft.
"""

import datetime
from collections.abc import Iterator

from django.apps import apps
from django.db import models
from django.db.models import CharField, QuerySet, TextField

from council_finance.accounts.models import Role, User
from council_finance.money import parse_amount
from monitoring.commentary.services import write_commentary
from monitoring.contingency.services import enter_offset
from monitoring.figures.pipeline import recompute_open_periods
from monitoring.forecasts.changes import ForecastChange
from monitoring.forecasts.services import save_forecasts
from monitoring.models import BudgetLine, FinancialYear, Service
from monitoring.questions.services import ask_question
from monitoring.virements.rules import NewLeg
from monitoring.virements.services import decline_virement, enter_virement
from performance.activity.services import keep_scenario
from performance.activity.what_if import Numbers
from reserves.models import Grant, Reserve
from reserves.services import enter_movement
from tests.councils.decided import OF_KINDS, OF_SUBJECTIVES
from tests.councils.marked_plans import (
    BENCHMARKS,
    INDICATOR_HISTORY,
    INDICATOR_VALUES,
    INDICATORS,
    OF_A_PLAN,
    PLAN_SETTINGS,
)
from tests.councils.packs import bring, csv_of, period_of, table, write_pack

DRAFT, OWN, EXEMPT = "zqdraft", "zqown", "zqexempt"
"""Marker words; no page has any of them by itself."""

TODAY = datetime.date(2021, 7, 8)

SERVICES = (
    "code,name,parent_code,order,total_label,section\nTOP,Council,,1,Total,\n"
    "PEOPLE,People,TOP,1,People total,\nCARE,Care,PEOPLE,1,,One\nSCHOOL,Schools,PEOPLE,2,,One\n"
    "PLACE,Place,TOP,2,Place total,\nROADS,Roads,PLACE,1,,Two\nPARKS,Parks,PLACE,2,,Two\n"
)
_COLUMNS = (
    *("service_code", "cost_centre", "account", "description", "original_budget"),
    *("current_budget", "forecast", "actual_to_date", "exempt"),
)
_LINES = """
CARE   C1   NET  Homes     1000 1000 {care} 200 .
SCHOOL S1   NET  Teaching   500  500    510 100 .
ROADS  R1   NET  Repairs    700  700 {roads} 90 .
ROADS  R2   NET  Lighting   100  100 {light} 10 .
PARKS  P1   NET  Mowing     200  200    190  50 .
PARKS  CONT NET  Contingency 90   90     80   0 .
CARE   ZQEXEMPTC ZQEXEMPTA zqexempt_words 60 60 {secret} 5 yes
"""
SETTINGS = (
    '[display]\nunit = "pounds"\n[commentary]\nvariance_above = 5\n'
    '[contingency]\nlines = ["CONT/NET"]\n'
    "[virements]\napprove_up_to = { director = 100000 }\n"
    '[status_scheme]\nsavings_declared = ["Red", "Green"]\n' + PLAN_SETTINGS
)
VIREMENTS = (
    "reference,period,from_cost_centre,from_account,to_cost_centre,to_account,amount,kind,"
    "approved_by,approved_on,reason\n"
    "V1,02,ZQEXEMPTC,ZQEXEMPTA,R1,NET,10,funding,Cabinet,2021-05-20,Winter works\n"
    "V2,02,CONT,NET,C1,NET,5,funding,Cabinet,2021-05-20,More homes\n"
)
SAVINGS = (
    "reference,title,service_code,decision,category,committee,agreed_saving,investment\n"
    "SV1,Fewer lamps,ROADS,Feb,Efficiency,Full,30,5\nSV2,Fewer homes,CARE,Feb,Income,Full,40,5\n"
)
SAVINGS_SAID = (
    "reference,status,forecast_saving,delivered_to_date,direction_of_travel,commentary\n"
    "SV1,Red,10,5,down,Late lamps\nSV2,Green,40,5,same,On time\n"
)
RESERVES = (
    "code,name,kind,group,service_code,opening_balance,purpose\n"
    "GF,General Fund,general_fund,,,1000,The unforeseen\n"
    "WINTER,Winter reserve,earmarked,Services,ROADS,100,Snow\n"
    "HOMES,Homes reserve,earmarked,Services,CARE,100,Beds\n"
)
MOVEMENTS = (
    "reserve_code,period,kind,amount,description\n"
    "WINTER,01,anticipated,-20,Salt\nHOMES,02,anticipated,-10,Beds bought\n"
)
PROJECTS = (
    "reference,project,service_code,cost_centre,original_planned,purpose\n"
    "PR1,New systems,CARE,ZQEXEMPTC,20,Less paper\nPR2,Lamps,ROADS,R2,10,Light\n"
)
MITIGATIONS = (
    "service_code,part,amount,description,lasting\nCARE,mitigation,-5,Fewer agency staff,one_off\n"
    "CARE,recurring,40,More homes,\nROADS,mitigation,-3,Cheaper salt,\n"
)
GRANTS = (
    "reference,grant,group,service_code,expected,ring_fenced,purpose\n"
    "GR1,Homes grant,Grants,CARE,30,yes,Homes\nGR2,Lamps grant,Grants,ROADS,20,no,Lamps\n"
)
GRANTS_SAID = "reference,received,applied,commentary\nGR1,30,25,Spent late\nGR2,20,20,All spent\n"
ACTIVITY_GROUPS = (
    "code,name,service_code,total_label,volume_name\n"
    "AGC,Home placements,CARE,Total homes,placements\nAGR,Lamps lit,ROADS,Total lamps,lamps\n"
)
ACTIVITY = (
    "reference,group_code,name,kind,unit,units_per_year,budgeted_volume,budgeted_unit_cost,"
    "annual_budget\nAC1,AGC,Long stays,volume,week,52,2,10,1000\n"
    "AC2,AGR,Bright lamps,volume,week,52,1,10,500\n"
)
ACTIVITY_SAID = "reference,volume,unit_cost,forecast\nAC1,3,11,1200\nAC2,1.5,9,450\n"
DEBT = (
    "service_code,name,not_overdue,days_0_30,days_31_90,days_91_365,days_over_365\n"
    "CARE,Care debtors,1,2,3,4,5\nROADS,Road debtors,5,4,3,2,1\n"
)

CAPITAL = (
    "reference,scheme,programme,service_code,kind,original_budget,total_budget,completion,purpose\n"
    "CP1,New homes,People,CARE,scheme,90,400,June 2023,More beds\n"
    "CP2,New bridge,Place,ROADS,scheme,60,200,May 2022,Less traffic\n"
)
CAPITAL_NOW = (
    "reference,budget,actual_to_date,forecast,total_forecast,completion,commentary\n"
    "CP1,95,20,85,400,July 2023,Held up\nCP2,60,10,64,204,May 2022,Dearer steel\n"
)
CAPITAL_CHANGES = (
    "reference,scheme_reference,period,kind,amount,approved_by,approved_on,reason\n"
    "CC1,CP1,1,carry_forward,5,Cabinet,2021-05-20,Late last year\n"
)
CAPITAL_REASONS = (
    "scheme_reference,project,kind,amount,total_amount,reason\n"
    "CP1,East wing,rephasing,-10,0,Ground works\nCP2,Deck,cost,4,4,Steel\n"
)
CAPITAL_FUNDING = (
    "reference,source,kind,grant_reference,original\n"
    "CF1,Homes grant,grant,G1,100\nCF2,Loans,borrowing,,50\n"
)
FUNDING_NOW = "reference,budget,forecast\nCF1,105,105\nCF2,50,44\n"


def position(care="1100", roads="760", secret=".", light="100") -> str:
    """A month's ledger; the exempt line has no forecast unless one is given."""
    rows = table(_LINES.format(care=care, roads=roads, secret=secret, light=light))
    return csv_of(_COLUMNS, rows).replace("zqexempt_words", "zqexempt words")


def write_files(folder):
    """The pack of the year up to month 2, as readers know it."""
    texts = "service_code,text\nCARE,More homes were needed.\nROADS,Potholes.\n"
    files = {
        "services.csv": SERVICES,
        "virements.csv": VIREMENTS,
        "savings.csv": SAVINGS,
        "reserves.csv": RESERVES,
        "reserve_movements.csv": MOVEMENTS,
        "capital_receipts.csv": PROJECTS,
        "grants.csv": GRANTS,
        "capital.csv": CAPITAL,
        "capital_changes.csv": CAPITAL_CHANGES,
        "capital_funding.csv": CAPITAL_FUNDING,
        "activity_groups.csv": ACTIVITY_GROUPS,
        "activity.csv": ACTIVITY,
        "indicators.csv": INDICATORS,
        "indicator_history.csv": INDICATOR_HISTORY,
    }
    for number, figures in ((1, position(light=".")), (2, position("1120", "750", "75"))):
        place = f"periods/0{number}"
        files |= {
            f"{place}/position.csv": figures,
            f"{place}/savings.csv": SAVINGS_SAID,
            f"{place}/capital_receipts.csv": "reference,forecast\nPR1,20\nPR2,8\n",
            f"{place}/grants.csv": GRANTS_SAID,
            f"{place}/capital.csv": CAPITAL_NOW,
            f"{place}/capital_reasons.csv": CAPITAL_REASONS,
            f"{place}/capital_funding.csv": FUNDING_NOW,
            f"{place}/activity.csv": ACTIVITY_SAID,
            f"{place}/indicators.csv": INDICATOR_VALUES,
            f"{place}/benchmarks.csv": BENCHMARKS,
            f"{place}/aged_debt.csv": DEBT,
            f"{place}/commentary.csv": texts,
        }
    return write_pack(folder, files, publish=(1, 2), settings=SETTINGS)


def mark_drafts(year: FinancialYear, by) -> dict[str, int]:
    """Make the draft of month 3, and plant a word in every live text.

    Answers in how many rows, by field: `Service.name`.
    """
    _bring_month_3(year)
    _type_month_3(year, by)
    planted = dict(_plant_in_tables(year))
    recompute_open_periods(FinancialYear.objects.get(pk=year.pk))
    return planted


def _bring_month_3(year: FinancialYear) -> None:
    new = f"PLACE,ZQDRAFTNEW,{DRAFT} new service"
    place, code, name = new.split(",")
    bring(year, "services", f"{SERVICES}{code},{name},{place},3,,Two\n")
    words = {"Repairs": DRAFT, "Lighting": DRAFT, "Mowing": DRAFT, "Contingency": DRAFT}
    words |= {"Homes": OWN, "Teaching": OWN}
    figures = position("1130", "740", "75")
    for word, marker in words.items():
        figures = figures.replace(f"NET,{word},", f"NET,{marker} {word},")
    figures += "ROADS,ZQDRAFTLINE,NET,zqdraft line,9,9,9,1,\n"
    figures += "ZQDRAFTNEW,ZQDRAFTCENTRE,NET,zqdraft centre,9,9,9,1,\n"
    bring(year, "position", figures, 3, file_name=f"{DRAFT}-month-3.csv")
    bring(year, "savings", SAVINGS_SAID, 3)
    bring(year, "savings", f"{SAVINGS}ZQDRAFTSAVING,zqdraft saving,ROADS,Mar,,,7,\n")
    bring(year, "reserves", f"{RESERVES}ZQDRAFTFUND,zqdraft fund,earmarked,,ROADS,1,\n")
    bring(year, "reserve_movements", f"{MOVEMENTS}WINTER,03,anticipated,-5,More salt\n")
    bring(year, "capital_receipts", f"{PROJECTS}ZQDRAFTPROJECT,zqdraft project,ROADS,,5,\n")
    bring(year, "capital_receipts", "reference,forecast\nPR1,20\nZQDRAFTPROJECT,8\n", 3)
    bring(year, "capital", f"{CAPITAL}ZQDRAFTSCHEME,zqdraft scheme,,ROADS,,,,,\n")
    bring(year, "capital", CAPITAL_NOW, 3)
    bring(year, "capital_changes", f"{CAPITAL_CHANGES}ZQDRAFTCHANGE,CP2,3,variation,3,,,More\n")
    bring(year, "capital_reasons", CAPITAL_REASONS, 3)
    bring(year, "capital_funding", f"{CAPITAL_FUNDING}ZQDRAFTSOURCE,zqdraft source,revenue,,\n")
    bring(year, "capital_funding", FUNDING_NOW, 3)
    bring(year, "grants", f"{GRANTS}ZQDRAFTGRANT,zqdraft grant,Grants,ROADS,5,,Draft\n")
    bring(year, "grants", f"{GRANTS_SAID}ZQDRAFTGRANT,1,1,New\n", 3)
    bring(year, "aged_debt", DEBT, 3)
    bring(year, "mitigations", MITIGATIONS, 3)
    bring(year, "activity", ACTIVITY_SAID, 3)
    bring(year, "indicators", INDICATOR_VALUES, 3)
    bring(year, "benchmarks", BENCHMARKS, 3)
    for kind, text in (OF_KINDS | OF_SUBJECTIVES | OF_A_PLAN).items():
        bring(year, kind, text)


def _type_month_3(year: FinancialYear, by) -> None:
    def line(centre: str) -> BudgetLine:
        return BudgetLine.objects.get(year=year, cost_centre=centre)

    for reference, giver, receiver in (
        ("ZQDRAFTV", "R2", "P1"),
        ("VOWN", "C1", "ZQDRAFTLINE"),
        ("VSECRET", "C1", "ZQEXEMPTC"),
    ):
        legs = [NewLeg(line(giver).pk, line(receiver).pk, parse_amount("3"), 0)]
        enter_virement(
            year=year, reference=reference, period=3, kind="funding", reason="x", legs=legs, by=by
        )
    decline_virement(year=year, reference="ZQDRAFTV", reason="x", by=by, today=TODAY)
    enter_offset(period=period_of(year, 3), amount_pence=500, reason="x", seen=0, by=by)
    for code in ("WINTER", "HOMES"):
        enter_movement(
            reserve=Reserve.objects.get(year=year, code=code),
            period=3,
            kind="anticipated",
            amount_pence=-100,
            description="x",
            approved_by="x",
            by=by,
        )
    for code, centre in (("CARE", "C1"), ("ROADS", "R1")):
        service = Service.objects.get(year=year, code=code)
        write_commentary(period=period_of(year, 3), service=service, text="x", seen="", by=by)
        now = parse_amount("1130" if code == "CARE" else "740")
        change = ForecastChange(line(centre).pk, seen=now, forecast=now + 100, reason="x")
        save_forecasts(node=service, number=3, changes=[change], by=by)
    for code in ("AGC", "AGR"):
        keep_scenario(
            period=period_of(year, 3), code=code, name="x", numbers={"AC1": Numbers(1, 1)}, by=by
        )
    asked = User.objects.create_user("who-is-asked", role=Role.FINANCE_OFFICER)
    for centre, of_line in (("C1", False), ("R1", False), ("ZQEXEMPTC", True)):
        ask_question(
            period=period_of(year, 3),
            service=line(centre).service,
            line=line(centre) if of_line else None,
            asked_of=asked,
            text="x",
            by=by,
        )


# Every text of the live tables

_NOT_DRAFTS = {
    "FinancialYear.council": "the name of the site's council",
    "Council.name": "the name of the site's council",
    "Council.short_name": "the name of the site's council",
    "Council.accent": "a colour",
    "Council.logo_version": "no text",
    "TreeDraft.file_name": "none waits while there are figures",
    "BudgetLine.description": "planted by the file, as a change of it keeps the former one",
    "BudgetLine.cost_centre": "a key; new lines have a word in it",
    "BudgetLine.account": "a key",
    "Report.reason": "published",
    "ReportFigure.key": "published",
    "ReportFigure.label": "published",
    "ReportLines.lines": "ids of lines",
    "ReportDocument.text": "published",
    "ReportDocument.sha256": "published",
    "ReportStatement.name": "published",
    "ReportStatement.text": "published",
    "ReportStatement.sha256": "published",
    "PublishedScheme.reference": "published",
    "PublishedScheme.name": "published",
    "PublishedScheme.programme": "published",
    "PublishedScheme.service": "published",
    "PublishedScheme.home": "published",
    "PublishedScheme.kind": "published",
    "PublishedScheme.planned_completion": "published",
    "PublishedScheme.purpose": "published",
    "PublishedScheme.completion": "published",
    "PublishedScheme.commentary": "published",
    "FormerDescription.description": "published",
    "HistoricFigure.service_code": "published",
    "Service.code": "a key; a new service has a word in it",
    "NodeFigure.key": "a key",
    "NodeFigure.parent_key": "a key",
    "Saving.reference": "a key; a new saving has a word in it",
    "Saving.plan_reference": "a key",
    "Virement.decision_reference": "a key",
    "ReserveMovement.decision_reference": "a key",
    "ActivityGroup.code": "a key",
    "ActivityLine.reference": "a key",
    "Reserve.code": "a key; a new reserve has a word in it",
    "CapitalReceiptsProject.reference": "a key; a new project has a word in it",
    "CapitalReceiptsProject.cost_centre": "a key",
    "CapitalScheme.reference": "a key; a new scheme has a word in it",
    "ProgrammeChange.reference": "a key; a new change has a word in it",
    "FundingSource.reference": "a key; a new source has a word in it",
    "FundingSource.grant_reference": "a key",
    "Grant.reference": "a key; a new grant has a word in it",
    "Virement.reference": "a key; a new virement has a word in it",
    "Virement.reverses": "a key",
    "TreeRight.service_code": "a key",
    "ForecastMethod.method": "a word of a list",
    "ForecastEntry.tied_to": "a key",
    "PlannedUseTie.code": "a key",
    "MovementsReview.digest": "no text",
    "CheckReason.statement": "a key",
    "CheckReason.name": "a key: the title of a check",
    "FigureAnswer.measure": "a word of a list",
    "FigureAnswer.rule": "a word of a list",
    "ReminderMail.about": "a day, or the key of a report",
    "ReminderMail.result": "a sentence of the product's own",
    "Indicator.reference": "a key",
    "Indicator.display": "a letter",
    "Indicator.activity_group": "a key",
    "Indicator.saving_reference": "a key",
    "IndicatorValue.status": "a word of the status scheme",
    "IndicatorValue.target_basis": "a word of a list",
    "IndicatorHistory.status": "a word of the status scheme",
    "IndicatorBenchmark.comparator": "a key",
    "Contract.reference": "a key",
    "Contract.supplier_kind": "a word of a list",
    "Contract.notice_anniversary": "a day",
    "Decision.reference": "a key",
    "DecisionEffect.line": "a key",
    "DecisionEffect.recurrence": "a word of a list",
    "DecisionEffect.in_plan": "a key",
    "PlanItem.reference": "a key",
    "PlanItem.kind": "a word of a list",
    "PlanItem.change": "a word of a list",
    "PlanItem.parent_reference": "a key",
    "PlanItem.depends_on": "a key",
    "PlanItem.ends": "a key",
    "PlanItem.driver": "a key",
    "ScenarioAmount.reference": "a key",
    "QuotedGap.scope": "a key",
    "PlanFunding.reference": "a key",
    "PlanFunding.last_year": "a year",
    "PlanFunding.grant_reference": "a key",
    "CapitalPlanScheme.reference": "a key",
    "CapitalPlanScheme.funding": "a word of a list",
    "Subjective.code": "a key",
    "AccountRule.account": "a key",
    "Estimate.step": "a word of a list",
    "FeedFile.kind": "a word of a list",
    "FeedFile.sha256": "no text",
    "Upload.kind": "a word of a list",
    "Upload.scope": "a key",
    "Upload.sha256": "no text",
}
"""Fields in which no word is planted, and why."""

_SHARED_NAMES = {
    "planning.CapitalScheme": "CapitalPlanScheme",
    "planning.FundingSource": "PlanFunding",
}

_FILLED = {
    *("Saving.owner", "Reserve.owner", "Grant.awarding_body"),
    *("Indicator.long_name", "Indicator.code", "Indicator.heading", "Indicator.priority"),
    *("Indicator.outcome", "Indicator.count_label", "Indicator.unit_of_measure"),
    *("Indicator.source", "Indicator.reported_in", "Indicator.note"),
    *("IndicatorValue.data_period", "IndicatorValue.due", "IndicatorValue.status_reason"),
    *("IndicatorValue.commentary", "IndicatorBenchmark.quartile"),
    *("IndicatorBenchmark.data_period", "IndicatorBenchmark.note"),
    *("Decision.key_reason", "Decision.exempt", "Decision.note", "DecisionEffect.note"),
    *("Contract.description", "Contract.supplier", "Contract.supplier_registration"),
    *("Contract.procurement", "Contract.vat", "Contract.payment", "Contract.indexation"),
    *("Contract.note", "PlanItem.note", "CapitalPlanScheme.note", "Subjective.subtotal_after"),
}
"""Texts that no file of this council gives; they are written into every row."""


def _plant_in_tables(year: FinancialYear) -> Iterator[tuple[str, int]]:
    own = set(
        Service.objects.filter(year=year, code__in=("PEOPLE", "CARE", "SCHOOL")).values_list(
            "pk", flat=True
        )
    )
    for label in ("monitoring", "savings", "reserves", "capital", "performance", "planning"):
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.concrete_fields:
                name = f"{_name_of(model)}.{field.name}"
                if not isinstance(field, CharField | TextField) or field.choices:
                    continue
                if name not in _NOT_DRAFTS:
                    yield name, _plant(model, field, own)


def _name_of(model: type[models.Model]) -> str:
    """Return the name of a model; two models of the plan share theirs with other apps."""
    return _SHARED_NAMES.get(model._meta.label, model.__name__)


def _plant(model: type[models.Model], field: models.Field, own: set[int]) -> int:
    """How many rows have a marker word in the field now."""
    # Past any manager of its own, and without what a save would do besides.
    rows = QuerySet(model).all()
    if f"{_name_of(model)}.{field.name}" not in _FILLED:
        rows = rows.exclude(**{field.name: ""})
    for row in rows:
        word = OWN if _services_of(row) & own else DRAFT
        text = f"{word} {_name_of(model)} {field.name} {row.pk}"[: field.max_length]
        QuerySet(model).filter(pk=row.pk).update(**{field.name: text})
    return len(rows)


_ROADS_TO_A_SERVICE = (
    ("service",),
    ("line", "service"),
    ("saving", "service"),
    ("group", "service"),
    ("line", "group", "service"),
    ("reserve", "service"),
    ("project", "service"),
    ("scheme", "service"),
    ("question", "service"),
    ("indicator", "service"),
    ("decision", "service"),
    ("contract", "service"),
    ("from_line", "service"),
    ("to_line", "service"),
    ("replaced", "service"),
)


def _services_of(row: models.Model) -> set[int]:
    """Ids of the services that a row speaks of."""
    found = {row.pk} if isinstance(row, Service) else set()
    for road in _ROADS_TO_A_SERVICE:
        at = row
        for step in road:
            at = getattr(at, step, None)
        if at is not None:
            found.add(at.pk)
    grant = row if isinstance(row, Grant) else getattr(row, "grant", None)
    shares = grant.shares.all() if grant is not None else ()
    return found | {share.service_id for share in shares if share.service_id}
