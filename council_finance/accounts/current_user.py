"""The person who is logged in, for views that only they reach."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from council_finance.accounts.models import User


def current_user(request: HttpRequest) -> User:
    """Return the person logged in. Raise `PermissionDenied` for anybody else."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
