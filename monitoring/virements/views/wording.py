"""The words that the pages of virements share: effects, amounts and limits."""

from council_finance.money import plain_pounds
from council_finance.statements import Display
from monitoring.structure.council_settings import CouncilSettings
from monitoring.virements.selectors import effects
from monitoring.virements.selectors import register as selectors


def format_amount(pence: int | None, display: Display) -> str:
    """Return an amount in the council's unit; a dash where there is none."""
    return "–" if pence is None else display.amount(pence)


def restatement_sentence(effect: effects.Effect, display: Display) -> str:
    """Return a sentence: the services whose net variance and movement change."""
    if effect.previous is None:
        return "This is the first report of the year, so there is nothing to restate."
    changed = [each for each in effect.services if each.restated != each.restated_after]
    if not changed:
        return "Nothing is restated, and no movement changes."
    parts = [
        f"{each.name} from {format_amount(each.restated, display)} to "
        f"{format_amount(each.restated_after, display)}, its movement from "
        f"{format_amount(each.movement, display)} to "
        f"{format_amount(each.movement_after, display)}"
        for each in changed[:2]
    ]
    more = f"; and {len(changed) - 2} more services" if len(changed) > 2 else ""
    name = selectors.name_in_sentence(effect.previous.period)
    return (
        f"The net variance of {name} is restated: {'; '.join(parts)}{more} ({display.unit_label})."
    )


def approval_rules(settings: CouncilSettings) -> str:
    """Return the limits for approving virements, in sentences."""
    limits = settings.approval_limits
    lead = limits.get("finance_lead")
    rules = [
        "A finance lead approves "
        + ("any amount" if lead is None else f"up to {plain_pounds(lead)}")
    ]
    if limits.get("finance_officer"):
        rules.append(f"A finance officer approves up to {plain_pounds(limits['finance_officer'])}")
    if limits.get("director"):
        rules.append(
            f"A director approves up to {plain_pounds(limits['director'])}, within their own "
            "services"
        )
    return f"{'. '.join(rules)}."
