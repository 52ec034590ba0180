"""State the mitigations in a service's forecast, and the one-off and recurring parts of it."""

from collections.abc import Sequence

from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from monitoring.figures.models import NodeFigure
from monitoring.mitigations.calculations import StatedPart, excess_of, with_rest
from monitoring.mitigations.pipeline import in_order, put_parts
from monitoring.mitigations.selectors import as_stated, parts_version, stored_parts
from monitoring.structure.models import Period, Service
from monitoring.structure.selectors.calendar import periods, published_message
from monitoring.structure.year_changes import change_year


def state_parts(
    *,
    period: Period,
    service: Service,
    parts: Sequence[StatedPart],
    seen: str,
    by: User,
    rest: str = "",
) -> bool:
    """Store what a service states about its variance, all or nothing; return whether it changed.

    `seen` is `parts_version` of what the person's page showed. `rest` states what the amounts
    leave of the net variance as one_off or recurring. No parts withdraw what was stated. Raise
    `Refused` where the parts go beyond the net variance, the figures or what is stated changed
    meanwhile, the service has no forecast, the period is published, or the year is archived.
    """
    with change_year(period.year_id, affects_figures=False) as change:
        period = periods().get(pk=period.pk)
        if period.is_published:
            raise Refused(published_message(period))
        net = _find_net_variance(period, service)
        before = stored_parts(period, {service.pk})
        parts = in_order(with_rest(parts, net, rest) if net is not None else parts)
        if as_stated(before) == parts:
            change.is_needed = False
            return False
        if parts_version(as_stated(before), net) != seen:
            raise Refused(
                f"Nothing was saved: the figures of {service.name}, or what is stated about them, "
                "changed after you opened the page. They are shown as they are now; save yours "
                "again if they still hold."
            )
        _refuse_excess(service, parts, net)
        change.is_needed = put_parts(
            period=period, service=service, before=before, parts=parts, by=by
        )
    return True


def _find_net_variance(period: Period, service: Service) -> int | None:
    """Return the service's net variance in pence. Raise `Refused` where it has no row of its own.

    None where no line of the service has a forecast.
    """
    if period.batch_id is None:
        raise Refused(f"There are no figures for {period} yet; upload its position first.")
    row = NodeFigure.objects.filter(period=period, service=service, kind="service").first()
    if row is None:
        raise Refused(
            f"{service.name} has no lines of its own in {period}. State mitigations on the "
            "services under it, or where its lines are now."
        )
    return row.net_variance_pence if row.gross_variance_pence is not None else None


def _refuse_excess(service: Service, parts: Sequence[StatedPart], net: int | None) -> None:
    """Raise `Refused` for parts of a variance that is not known, or that they go beyond."""
    if net is None:
        if parts:
            raise Refused(
                f"{service.name} has no forecast yet, so there is no variance to explain. Enter "
                "its forecast first."
            )
        return
    if excess := excess_of(parts, net):
        stated = net + excess
        raise Refused(
            f"One-off and recurring parts come to {plain_pounds(stated)}, and the net variance is "
            f"{plain_pounds(net)}. Correct an amount, or give the other part as well, with a minus "
            "where it is favourable, so that both add up to the net variance."
        )
