"""Who may change reserves. Who may read them is decided by monitoring."""

from council_finance.accounts.models import Role, User

_ENTER = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD}


def may_enter_movements(user: User) -> bool:
    """Return whether a person may enter movements and transfers."""
    return user.role in _ENTER


def may_approve_deficit(user: User) -> bool:
    """Return whether a person may approve a deficit of an earmarked reserve."""
    return user.role == Role.FINANCE_LEAD


def may_carry_forward(user: User) -> bool:
    """Return whether a person may carry reserves forward into a new year."""
    return user.role == Role.FINANCE_LEAD
