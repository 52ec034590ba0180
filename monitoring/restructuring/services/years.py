"""Set up a financial year, or roll one forward."""

from typing import Any

import pandas as pd
from django.db import transaction

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.bulk import frame_of, insert_rows
from council_finance.errors import Refused
from council_finance.periods import PERIODS, YEARS
from council_finance.registry import SettingsError, carry_registers
from monitoring.forecast_methods.services import carry_methods
from monitoring.identity.selectors import council_name
from monitoring.restructuring.selectors.structure import RollForward, next_year, roll_forward
from monitoring.restructuring.upload_kind import keep_unallocated_service
from monitoring.structure.council_settings import read_settings
from monitoring.structure.models import BudgetLine, FinancialYear, Period, Service
from monitoring.structure.year_changes import change_year, lock_year


@transaction.atomic
def set_up_year(
    *, start: int, council: str, settings: dict[str, Any], by: User | None
) -> FinancialYear:
    """Make the year with its periods, or update its council's name and settings.

    Raise `Refused` where the settings are not valid.
    """
    try:
        read_settings(settings)
    except SettingsError as error:
        raise Refused(str(error)) from error
    year = FinancialYear.objects.filter(start=start).first()
    if year is None:
        year = FinancialYear.objects.create(start=start, council=council, settings=settings)
        Period.objects.bulk_create(Period(year=year, number=number) for number in PERIODS)
        audit.record(by=by, action="set up", on=f"year {year.label}", council=council)
    elif (year.council, year.settings) != (council, settings):
        with change_year(year.pk, affects_figures=True) as change:
            before = change.year.settings
            audit.record(
                by=by,
                action="changed settings",
                on=f"year {year.label}",
                before={"council": change.year.council, **before},
                after={"council": council, **settings},
            )
            FinancialYear.objects.filter(pk=year.pk).update(council=council, settings=settings)
        year.refresh_from_db()
    return year


@transaction.atomic
def roll_year_forward(*, year: FinancialYear, by: User | None) -> FinancialYear:
    """Make the next year with this one's settings, open services and their lines.

    The methods by which these are forecast go with them, and the registers of apps that a year
    begins with. Its council has the name that the site has
    today. No figures are carried: those begin with the approved budget. Raise `Refused` where the
    next year has been set up, or this one has no services.
    """
    year = lock_year(year.pk)
    if year.start + 1 not in YEARS:
        raise Refused(f"{year} is the last year there is.")
    if following := next_year(year):
        raise Refused(f"{following} has been set up already. Bring its figures in there.")
    carried = roll_forward(year)
    if not carried.services:
        raise Refused(f"{year} has no services to carry on. Upload its services first.")
    following = set_up_year(
        start=year.start + 1,
        council=council_name() or year.council,
        settings=year.settings,
        by=by,
    )
    services = _carry_services(carried, following)
    _carry_lines(year, carried, services, following)
    methods = carry_methods(year=year, following=following, by=by)
    details: dict[str, Any] = {**carry_registers(year, following), "from": year.label}
    audit.record(
        by=by,
        action="rolled forward",
        on=f"year {following.label}",
        services=len(carried.services),
        lines=carried.lines,
        forecast_methods=methods,
        **details,
    )
    return following


def _carry_services(carried: RollForward, following: FinancialYear) -> dict[int | None, int]:
    """Make the services of the new year, and "Unallocated"; return new ids by old ones."""
    ids: dict[int | None, int] = {}
    for row in carried.services:  # parents come before the services under them
        service = Service.objects.create(
            year=following,
            code=row.code,
            name=row.name,
            parent_id=ids.get(row.parent),
            order=row.order,
            total_label=row.total_label,
            section=row.section,
            named=row.named,
        )
        ids[row.id] = service.pk
    keep_unallocated_service(following, top=ids[carried.services[0].id])
    return ids


def _carry_lines(
    year: FinancialYear,
    carried: RollForward,
    services: dict[int | None, int],
    following: FinancialYear,
) -> None:
    """Make the lines of the new year; `services` are new ids by old ones."""
    lines = BudgetLine.objects.filter(year=year, service__in=carried.places).order_by("pk")
    texts = ("cost_centre", "account", "description")
    types = {**dict.fromkeys(texts, "object"), "service_id": "int64", "exempt": "bool"}
    frame = frame_of(lines.values_list(*types), types)
    places = pd.Series({old: services[home] for old, home in carried.places.items()})
    insert_rows(
        BudgetLine,
        frame.assign(service_id=frame["service_id"].map(places), year_id=following.pk),
    )
