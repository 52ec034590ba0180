"""Recompute a period's figures and replace its read model as a whole."""

import logging
from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from django.db import transaction
from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.commentary.models import Commentary
from monitoring.figures.calculations import (
    COUNTS,
    Figures,
    TooLarge,
    compute_figures,
    plain_rows,
)
from monitoring.figures.models import Explanation, NamedLines, NodeFigure, Restatement
from monitoring.figures.selectors.inputs import Inputs, figures_inputs
from monitoring.ledger.selectors.line_names import line_names
from monitoring.structure.models import FinancialYear, Period, PeriodState
from monitoring.structure.trees import Node
from monitoring.structure.year_changes import (
    TRIES,
    StaleRevision,
    basis_of,
    lock_at,
    lock_year,
)
from monitoring.virements.models import Virement

logger = logging.getLogger(__name__)

NAMED_LINES = 20
"""The number of lines named in an explanation; the others are counted."""


def compute(inputs: Inputs) -> Figures:
    """Return the period's figures. Raise `Refused` where they are too large to add."""
    try:
        return compute_figures(
            inputs.tree, inputs.positions, inputs.previous, inputs.legs, inputs.line_services
        )
    except TooLarge as error:
        raise Refused("The figures are too large to be added up exactly.") from error


def recompute_period(period_id: int) -> None:
    """Calculate a period's figures and replace its read model; twice has the effect of once.

    Where the inputs keep changing meanwhile, lock the year first, so that they cannot.
    """
    year_id, number = Period.objects.values_list("year", "number").get(pk=period_id)
    for _ in range(TRIES - 1):
        basis = basis_of(year_id, number)
        period = _open_period(period_id)
        if period is None:
            return
        inputs = figures_inputs(period)
        figures = compute(inputs)
        try:
            with transaction.atomic():
                year = lock_at(year_id, number, basis, even_archived=True)
                write_figures(period, inputs, figures, revision=year.revision)
            return
        except StaleRevision:
            continue
    with transaction.atomic():
        year = lock_year(year_id, even_archived=True)
        if period := _open_period(period_id):
            inputs = figures_inputs(period)
            write_figures(period, inputs, compute(inputs), revision=year.revision)


def _open_period(period_id: int) -> Period | None:
    """Return the period as stored now; None where it is published or has no batch."""
    period = Period.objects.select_related("year", "batch").get(pk=period_id)
    return None if period.batch is None or period.is_published else period


def recompute_open_periods(year: FinancialYear) -> None:
    """Bring every open period's figures up to the year's revision."""
    revision = FinancialYear.objects.values_list("revision", flat=True).get(pk=year.pk)
    behind = Period.objects.filter(year=year, state=PeriodState.OPEN, batch__isnull=False)
    for period in behind.exclude(figures_revision=revision).order_by("number"):
        recompute_period(period.pk)


def write_figures(period: Period, inputs: Inputs, figures: Figures, *, revision: int) -> None:
    """Replace the period's rows of the read model; call it inside the writing transaction."""
    explanations = _explain_rows(figures)
    rows = dict(zip(figures.nodes.index, plain_rows(figures.nodes), strict=True))
    NodeFigure.objects.filter(period=period).delete()
    NodeFigure.objects.bulk_create(
        _node_figure(period, place, node, rows[node.key], explanations[node.key])
        for place, node in enumerate(figures.tree.nodes)
    )
    clear_sign_offs(period)
    Period.objects.filter(pk=period.pk).update(
        figures_revision=revision,
        figures_at=timezone.now(),
        compared_with=inputs.previous_report,
    )


def clear_sign_offs(period: Period) -> None:
    """Clear a director's sign-off where the figures it was given for have changed."""
    commentaries = Commentary.objects.filter(period=period, signed_at__isnull=False)
    commentaries = commentaries.select_related("service", "period__year")
    signed = {each.service_id: each for each in commentaries}
    if not signed:
        return
    figures = NodeFigure.objects.filter(period=period, service__in=signed).exclude(kind="closed")
    now = {row.service_id: (row.budget_pence, row.net_variance_pence) for row in figures}
    for service_id, commentary in signed.items():
        then = (commentary.signed_budget_pence, commentary.signed_net_variance_pence)
        if now.get(service_id) != then:
            clear_sign_off(commentary, because="the figures changed", by=None)


def clear_sign_off(commentary: Commentary, *, because: str, by: User | None) -> None:
    """Clear a sign-off, with an entry on the audit trail; call it inside a transaction.

    Raise `ValueError` where the commentary is not signed off.
    """
    period, signer = commentary.period, commentary.signed_by
    if signer is None:
        raise ValueError("the commentary is not signed off")
    commentary.signed_by = commentary.signed_at = None
    commentary.signed_budget_pence = commentary.signed_net_variance_pence = None
    commentary.save()
    audit.record(
        by=by,
        instead=audit.RECALCULATION,
        action="cleared a sign-off",
        on=f"commentary {period.year.label} period {period.number} {commentary.service.code}",
        because=because,
        signed_by=signer.name,
    )


def _node_figure(
    period: Period,
    place: int,
    node: Node,
    row: Mapping[Hashable, Any],
    explanation: Explanation,
) -> NodeFigure:
    pence = {f"{name}_pence": _whole_number(row[name]) for name in row if name not in COUNTS}
    return NodeFigure(
        period=period,
        place=place,
        key=node.key,
        service_id=node.service.id,
        parent_key=node.parent_key,
        level=node.level,
        kind=node.kind,
        label=f"{node.service.name} (closed)" if node.kind == "closed" else node.service.name,
        total_label=node.service.total_label if node.kind == "node" else "",
        section=node.service.section if node.kind == "service" else "",
        explanation=explanation,
        **{name: int(row[name]) for name in COUNTS},
        **pence,
    )


def _whole_number(value: Any) -> int | None:
    return None if value is None else int(value)


def _explain_rows(figures: Figures) -> dict[str, Explanation]:
    """Return by row key what restated the previous figure, and forecasts that came or went."""
    found: dict[str, Explanation] = defaultdict(Explanation)
    restatements = figures.restatements
    by_virement = restatements[restatements["cause"] == "virement"]
    references = _virement_references(by_virement["virement"]) if len(by_virement) else {}
    for key, rows in by_virement.groupby("key", sort=False):
        found[key]["restatements"] = _virement_causes(rows, references)
    for row in restatements[restatements["cause"] != "virement"].itertuples():
        service = figures.tree.register[int(row.service)]
        restatement: Restatement = {
            "cause": row.cause,
            "effect": 0 if pd.isna(row.effect) else int(row.effect),
            "service": service.name,
            "lines": int(row.lines),
        }
        found[row.key].setdefault("restatements", []).append(restatement)
    for (key, change), lines in figures.forecast_changes.groupby(["key", "change"])["line"]:
        named = line_names(lines.head(NAMED_LINES))
        lines_named: NamedLines = {
            "lines": sorted(named.values()),
            "more": len(lines) - len(named),
        }
        if change == "first":
            found[key]["first_forecast"] = lines_named
        else:
            found[key]["no_longer_forecast"] = lines_named
    return found


def _virement_references(ids: pd.Series) -> dict[int, tuple[str, str]]:
    """Return by virement id its reference, and that of the virement it reverses ("": none)."""
    virements = Virement.objects.filter(pk__in=[int(number) for number in ids])
    return {virement.pk: (virement.reference, virement.reverses) for virement in virements}


def _virement_causes(
    rows: pd.DataFrame, references: dict[int, tuple[str, str]]
) -> list[Restatement]:
    """Return a service's virements by reference, without those that are reversed in full."""
    effects: dict[str, int] = defaultdict(int)
    net_effects: dict[str, int] = defaultdict(int)
    original: dict[str, str] = {}
    for row in rows.itertuples():
        reference, reverses = references[int(row.virement)]
        effects[reference] += int(row.effect)
        original[reference] = reverses or reference
    for reference, effect in effects.items():
        net_effects[original[reference]] += effect
    return [
        {"cause": "virement", "effect": effect, "reference": reference}
        for reference, effect in effects.items()
        if net_effects[original[reference]]
    ]


def recompute_behind() -> None:
    """Recompute periods whose figures are behind, where a recompute was cut off."""
    for year in FinancialYear.objects.all():
        try:
            recompute_open_periods(year)
        except (StaleRevision, Refused) as error:
            logger.warning("The figures of %s are behind: %s", year, error)
