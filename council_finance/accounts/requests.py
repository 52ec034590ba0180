"""The type of a request from somebody who has logged in."""

from django.http import HttpRequest

from council_finance.accounts.models import User


class LoggedInRequest(HttpRequest):
    """A request that LogInFirst lets through to a page for people who have logged in.

    Views name it as the type of their request; at run time it is Django's own class.
    """

    user: User
