"""The files of the made-up council's plan, decisions, contracts and subjectives. Pure."""

import datetime
from collections.abc import Sequence
from pathlib import Path

from monitoring.packs.made_up import agreements
from monitoring.packs.made_up.agreements import Decision
from monitoring.packs.made_up.files import in_pounds, write_csv
from monitoring.packs.made_up.ledger import Ledger
from monitoring.packs.made_up.plan import (
    SCHEMES,
    YEARS,
    MadeUpPlan,
    label_of,
    plan_name,
    scenarios_of,
)
from monitoring.packs.made_up.tree import Council


def settings_of_plan(plan: MadeUpPlan) -> str:
    """Return the tables of pack.toml on the plan, decisions, risk and contracts."""
    years = ", ".join(f'"{label}"' for label in plan.labels)
    roles = ", ".join(f'"{role}"' for role in agreements.SIGN_OFFS)
    return f"""
[plan]
name = "{plan_name(plan.start)}"
years = [{years}]
amounts = "cumulative"
base = {in_pounds(plan.base)}

[decisions]
key_decision_above = {in_pounds(agreements.KEY_DECISION_ABOVE)}
sign_offs = [{roles}]

[risk]
bands = [["low", 1], ["medium", 6], ["high", 12]]
provision_from = 12

[contracts]
renewal_horizon_months = 12
publish_above = 5000
"""


def write_plan(pack: Path, plan: MadeUpPlan) -> None:
    """Write the plan with its scenarios, funding, council tax and capital plan."""
    years = ",".join(plan.labels)
    write_csv(
        pack / "plan.csv",
        "reference,title,type,service_code,heading,kind,recurrence,depends_on,driver,"
        f"amount_low,amount_high,{years}",
        (
            (
                *(each.reference, each.title, each.type, each.service, each.heading, each.kind),
                *(each.recurrence, each.depends_on, each.driver),
                *(in_pounds(each.low), in_pounds(each.high), *map(in_pounds, each.amounts)),
            )
            for each in plan.items
        ),
    )
    write_csv(
        pack / "plan_scenarios.csv",
        f"scenario,reference,{years}",
        ((name, code, *map(in_pounds, amounts)) for name, code, amounts in scenarios_of(plan)),
    )
    write_csv(
        pack / "funding.csv",
        f"reference,source,heading,recurrence,last_year,{years}",
        (
            (
                *(each.reference, each.name, each.heading, each.recurrence, each.last_year),
                *map(in_pounds, each.amounts),
            )
            for each in plan.funding
        ),
    )
    write_csv(
        pack / "capital_plan.csv",
        f"reference,scheme,heading,service_code,funding,status,{years}",
        ((*scheme, *[thousands * 1000] * YEARS) for *scheme, thousands in SCHEMES),
    )
    _write_council_tax(pack, plan)


def _write_council_tax(pack: Path, plan: MadeUpPlan) -> None:
    columns = (
        "financial_year,tax_base,band_d_general,band_d_adult_social_care,"
        "limit_general_percent,limit_adult_social_care_percent"
    )
    rows = (
        (
            label_of(each.start),
            f"{each.base / 10_000:.2f}",
            *(in_pounds(each.general), in_pounds(each.social_care), "2.99", "2"),
        )
        for each in plan.taxes
    )
    write_csv(pack / "council_tax.csv", columns, rows)


def write_subjectives(pack: Path, council: Council, ledger: Ledger, label: str) -> None:
    """Write what money is spent on: subjectives, accounts, and the estimates of the year."""
    write_csv(
        pack / "subjectives.csv",
        "code,name,group,kind,order,subtotal_after",
        (
            (code, name, group, kind, order, after)
            for order, (code, name, group, kind, after) in enumerate(agreements.SUBJECTIVES, 1)
        ),
    )
    write_csv(pack / "accounts.csv", "account,subjective_code", agreements.ACCOUNTS)
    write_csv(
        pack / "estimates.csv",
        "financial_year,service_code,subjective_code,amount",
        (
            (label, service, code, in_pounds(amount))
            for service, code, amount in agreements.estimates_of(council, ledger)
        ),
    )


def write_decisions(folder: Path, decisions: Sequence[Decision], month: int) -> None:
    """Write the decisions up to a month, where there are new ones; month 0 is the year's file."""
    known = [each for each in decisions if each.month <= month]
    if not any(each.month == month for each in known):
        return
    write_csv(
        folder / "decisions.csv",
        "reference,title,decision_maker,decision_on,key_decision,status,service_code,"
        "likelihood,impact,forward_plan_on,agenda_on",
        (
            (
                *(each.reference, each.title, each.maker, each.on, "yes" if each.is_key else "no"),
                *(each.status, each.service, each.likelihood, each.impact),
                *(_days_before(each.on, 42), _days_before(each.on, 8)),
            )
            for each in known
        ),
    )
    write_csv(
        folder / "decision_effects.csv",
        "decision_reference,line,kind,service_code,financial_year,recurrence,amount,in_forecast",
        (
            (
                *(each.reference, 1, each.effect.kind, each.effect.service),
                label_of(each.effect.start),
                *(each.effect.recurrence, in_pounds(each.effect.amount), each.effect.in_forecast),
            )
            for each in known
        ),
    )
    write_csv(
        folder / "sign_offs.csv",
        "decision_reference,role,signed_on,outcome",
        (
            (each.reference, role, _days_before(each.on, 10), "signed")
            for each in known
            if each.status != "planned"
            for role in agreements.SIGN_OFFS
        ),
    )


def _days_before(day: datetime.date, days: int) -> datetime.date:
    return day - datetime.timedelta(days=days)


def write_contracts(pack: Path, council: Council) -> None:
    """Write the register of contracts with their shares and prices."""
    contracts = list(agreements.contracts_in(council))
    if not contracts:
        return
    write_csv(
        pack / "contracts.csv",
        "reference,title,supplier,service_code,decision_reference,procurement,start_date,"
        "term_months,extension_months,notice_months,annual_value",
        (
            (
                *(each.reference, each.title, each.supplier, code),
                *(agreements.award_reference(each), each.procurement, each.begins, each.months),
                *(each.extensions, each.notice, each.thousands * 1000),
            )
            for each, code, _ in contracts
        ),
    )
    write_csv(
        pack / "contract_shares.csv",
        "contract_reference,service_code,percent",
        (
            (each.reference, part, 50)
            for each, code, shared in contracts
            if shared
            for part in (code, shared)
        ),
    )
    write_csv(
        pack / "contract_prices.csv",
        "contract_reference,line,unit,price",
        ((each.reference, 1, each.unit, each.price) for each, *_ in contracts if each.price),
    )
