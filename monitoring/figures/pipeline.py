"""What a job does with figures: recompute a period and replace its read model, whole."""

import logging
from collections import defaultdict

import pandas as pd
from django.db import transaction
from django.utils import timezone

from council_finance import audit
from council_finance.errors import Refused
from monitoring.commentary.models import Commentary
from monitoring.figures.calculations import Figures, TooLarge, compute_figures
from monitoring.figures.models import NodeFigure
from monitoring.figures.selectors.inputs import Inputs, figures_inputs
from monitoring.ledger.selectors.line_names import line_names
from monitoring.structure.models import FinancialYear, Period, PeriodState
from monitoring.structure.trees import Node
from monitoring.structure.year_changes import (
    TRIES,
    StaleRevision,
    after_change,
    basis_of,
    lock_at,
    lock_year,
)
from monitoring.virements.models import Virement

logger = logging.getLogger(__name__)

NAMED_LINES = 20
"""So many lines are named in an explanation; of the rest, the number."""


def compute(inputs: Inputs) -> Figures:
    """The period's figures. Raises Refused where they are too large to add."""
    try:
        return compute_figures(
            inputs.tree, inputs.positions, inputs.previous, inputs.legs, inputs.line_services
        )
    except TooLarge as error:
        raise Refused("The figures are too large to be added up exactly.") from error


def recompute_period(period_id: int) -> None:
    """Work a period's figures out and replace its read model; running it twice changes nothing.

    Where what they depend on keeps changing, it locks the year first, so that nothing can.
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
                year = lock_at(year_id, number, basis)
                write_figures(period, inputs, figures, revision=year.revision)
            return
        except StaleRevision:
            continue
    with transaction.atomic():
        year = lock_year(year_id)
        if period := _open_period(period_id):
            inputs = figures_inputs(period)
            write_figures(period, inputs, compute(inputs), revision=year.revision)


def _open_period(period_id: int) -> Period | None:
    """The period as it stands now; None where it is published or has no batch."""
    period = Period.objects.select_related("year", "batch").get(pk=period_id)
    return None if period.batch is None or period.is_published else period


@after_change
def recompute_open_periods(year: FinancialYear) -> None:
    """Bring every open period's figures up to the year's revision."""
    revision = FinancialYear.objects.values_list("revision", flat=True).get(pk=year.pk)
    behind = Period.objects.filter(year=year, state=PeriodState.OPEN, batch__isnull=False)
    for period in behind.exclude(figures_revision=revision).order_by("number"):
        recompute_period(period.pk)


def write_figures(period: Period, inputs: Inputs, figures: Figures, *, revision: int) -> None:
    """Replace the period's rows of the read model; call it inside the writing transaction."""
    explanations = _explanations(figures)
    rows = figures.nodes.astype(object).where(figures.nodes.notna(), None)
    NodeFigure.objects.filter(period=period).delete()
    NodeFigure.objects.bulk_create(
        _node_figure(period, place, node, rows.loc[node.key], explanations[node.key])
        for place, node in enumerate(figures.tree.nodes)
    )
    clear_sign_offs(period)
    Period.objects.filter(pk=period.pk).update(
        figures_revision=revision,
        figures_at=timezone.now(),
        compared_with=inputs.previous_report,
    )


def clear_sign_offs(period: Period) -> None:
    """Take a director's sign-off back where the figures it was given for have changed."""
    signed = Commentary.objects.filter(period=period, signed_at__isnull=False)
    signed = {each.service_id: each for each in signed.select_related("service", "period__year")}
    if not signed:
        return
    figures = NodeFigure.objects.filter(period=period, service__in=signed).exclude(kind="closed")
    now = {row.service_id: (row.budget_pence, row.net_variance_pence) for row in figures}
    for service_id, commentary in signed.items():
        then = (commentary.signed_budget_pence, commentary.signed_net_variance_pence)
        if now.get(service_id) != then:
            clear_sign_off(commentary, because="the figures changed", by=None)


def clear_sign_off(commentary: Commentary, *, because: str, by) -> None:
    """Take a sign-off back, with an entry on the audit trail; call it inside a transaction."""
    period, signer = commentary.period, commentary.signed_by
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


def _node_figure(period: Period, place: int, node: Node, row: pd.Series, explanation) -> NodeFigure:
    counts = ("lines", "lines_without_forecast", "lines_carried")
    pence = {f"{name}_pence": _whole(row[name]) for name in row.index if name not in counts}
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
        **{name: int(row[name]) for name in counts},
        **pence,
    )


def _whole(value: object) -> int | None:
    return None if value is None else int(value)


def _explanations(figures: Figures) -> dict[str, dict]:
    """Per row key: what restated its previous figure, and forecasts that came or went."""
    found: dict[str, dict] = defaultdict(dict)
    restatements = figures.restatements
    references = _references(restatements["virement"].dropna())
    by_virement = restatements[restatements["cause"] == "virement"]
    for key, rows in by_virement.groupby("key", sort=False):
        found[key]["restatements"] = _virement_causes(rows, references)
    for row in restatements[restatements["cause"] != "virement"].itertuples():
        service = figures.tree.register[int(row.service)]
        entry = {
            "cause": row.cause,
            "effect": 0 if pd.isna(row.effect) else int(row.effect),
            "service": service.name,
            "lines": int(row.lines),
        }
        found[row.key].setdefault("restatements", []).append(entry)
    for (key, change), lines in figures.forecast_changes.groupby(["key", "change"])["line"]:
        named = line_names(lines.head(NAMED_LINES))
        entry = {"lines": sorted(named.values()), "more": len(lines) - len(named)}
        found[key]["first_forecast" if change == "first" else "no_longer_forecast"] = entry
    return found


def _references(ids: pd.Series) -> dict[int, tuple[str, str]]:
    """By virement's id its reference, and that of the one it reverses."""
    virements = Virement.objects.filter(pk__in=[int(number) for number in ids])
    return {virement.pk: (virement.reference, virement.reverses) for virement in virements}


def _virement_causes(rows: pd.DataFrame, references: dict[int, tuple[str, str]]) -> list[dict]:
    """A service's virements by reference; one that is taken back as a whole is no cause."""
    effects: dict[str, int] = defaultdict(int)
    taken_back: dict[str, int] = defaultdict(int)
    original: dict[str, str] = {}
    for row in rows.itertuples():
        reference, reverses = references[int(row.virement)]
        effects[reference] += int(row.effect)
        original[reference] = reverses or reference
    for reference, effect in effects.items():
        taken_back[original[reference]] += effect
    return [
        {"cause": "virement", "effect": effect, "reference": reference}
        for reference, effect in effects.items()
        if taken_back[original[reference]]
    ]


def recompute_behind() -> None:
    """Bring periods up to date whose recompute was cut off; does nothing where none is."""
    for year in FinancialYear.objects.all():
        try:
            recompute_open_periods(year)
        except (StaleRevision, Refused) as error:
            logger.warning("The figures of %s are behind: %s", year, error)
