"""Rights: who may see, approve and decline a virement."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from council_finance.accounts.models import Role, User
from council_finance.money import plain_pounds
from monitoring.people.rights import Reach, may_enter_virements, may_see_virements, reach_of
from monitoring.structure.council_settings import CouncilSettings
from monitoring.virements.models import Virement
from monitoring.virements.rules import Ends


def may_see_virement(user: User, legs: Sequence[Virement]) -> bool:
    """Return whether a person sees a virement; a director where it touches their services."""
    if user.role != Role.DIRECTOR:
        return may_see_virements(user)
    return any(_ends_within(user, legs))


def may_judge_virement(
    user: User,
    legs: Sequence[Virement],
    settings: CouncilSettings,
    reach: Reach | None = None,
) -> bool:
    """Return whether a person's role approves virements; a director's only of their services."""
    if approval_limit(user.role, settings) == 0:
        return False
    return user.role != Role.DIRECTOR or all(_ends_within(user, legs, reach))


def may_decline_virement(user: User, legs: Sequence[Virement], settings: CouncilSettings) -> bool:
    """Return whether a person may decline a pending virement: of any amount, or their own."""
    own = any(leg.entered_by_id == user.pk for leg in legs) and may_enter_virements(user)
    return own or may_judge_virement(user, legs, settings)


def why_not_approve(
    user: User,
    legs: Sequence[Virement],
    settings: CouncilSettings,
    reach: Reach | None = None,
) -> str:
    """Return why a person may not approve a virement, as a sentence; empty where they may.

    The limit is for the total of all legs of the reference.
    """
    limit, total = approval_limit(user.role, settings), sum(leg.amount_pence for leg in legs)
    if limit == 0:
        return "Your role does not approve virements."
    if not may_judge_virement(user, legs, settings, reach):
        return "It reaches outside the services that you look after, so somebody else approves it."
    if any(leg.entered_by_id == user.pk for leg in legs):
        return "You entered this virement, so somebody else approves it."
    if limit is not None and not may_approve_amount(user.role, total, settings):
        return (
            f"It moves {plain_pounds(total)}, and your role approves virements up to "
            f"{plain_pounds(limit)}; somebody with a higher limit approves it."
        )
    return ""


def find_split_amounts(
    user: User, virements: Mapping[str, Sequence[Virement]], settings: CouncilSettings
) -> dict[str, str]:
    """Return reasons against virements between the same lines whose total is over the limit.

    `virements` are the legs, by reference, that a person approves at once; so a limit is not
    avoided by splitting an amount.
    """
    groups: dict[frozenset[Ends], list[str]] = defaultdict(list)
    for reference, legs in virements.items():
        ends = frozenset((leg.from_line_id, leg.to_line_id) for leg in legs)
        groups[ends].append(reference)
    found: dict[str, str] = {}
    for group in groups.values():
        together = [leg for reference in group for leg in virements[reference]]
        if len(group) > 1 and (fault := why_not_approve(user, together, settings)):
            names = " and ".join(group)
            found |= dict.fromkeys(group, f"{names} move budget between the same lines. {fault}")
    return found


def may_approve_amount(role: str, pence: int, settings: CouncilSettings) -> bool:
    """Return whether a role approves virements of that total amount."""
    limit = approval_limit(role, settings)
    return limit is None or limit > 0 and pence <= limit


def approval_limit(role: str, settings: CouncilSettings) -> int | None:
    """Return a role's limit in pence; None is any amount, which the finance lead has by default.

    Nil is for a role that approves none.
    """
    unnamed = None if role == Role.FINANCE_LEAD else 0
    return settings.approval_limits.get(role, unnamed)


def _ends_within(user: User, legs: Sequence[Virement], reach: Reach | None = None) -> list[bool]:
    """Return for each line of the legs whether the person looks after its service."""
    lines = [line for leg in legs for line in (leg.from_line, leg.to_line) if line is not None]
    reach = reach_of(user, legs[0].year) if reach is None else reach
    return [line.service_id in reach for line in lines]
