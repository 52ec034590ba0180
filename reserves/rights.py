"""Who may change reserves; who reads what is monitoring's rule."""

from council_finance.accounts.models import Role, User

_ENTER = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD}


def may_enter_movements(user: User) -> bool:
    """Whether a person may enter movements and transfers."""
    return user.role in _ENTER


def may_approve_deficit(user: User) -> bool:
    """Whether a person may let an earmarked reserve be overdrawn."""
    return user.role == Role.FINANCE_LEAD


def may_carry_forward(user: User) -> bool:
    """Whether a person may open a year's reserves at the close of the year before."""
    return user.role == Role.FINANCE_LEAD
