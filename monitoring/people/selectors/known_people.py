"""Everybody there is, looked up by user name or e-mail address."""

from dataclasses import dataclass, field

from council_finance.accounts.models import User
from monitoring.people.models import TreeRight


@dataclass
class KnownPeople:
    """People by user name and by e-mail address, in lower case; and the parts of each, by id."""

    by_username: dict[str, User] = field(default_factory=dict)
    by_email: dict[str, list[User]] = field(default_factory=dict)
    parts: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "KnownPeople":
        """Return everybody in the database, with the parts that they look after."""
        found = cls()
        for user in User.objects.order_by("pk"):
            found.by_username[user.username.casefold()] = user
            if user.email:
                found.by_email.setdefault(user.email.casefold(), []).append(user)
        held: dict[int, list[str]] = {}
        for right in TreeRight.objects.all():
            held.setdefault(right.user_id, []).append(right.service_code)
        found.parts = {pk: tuple(sorted(codes)) for pk, codes in held.items()}
        return found

    def named(self, text: str) -> list[User]:
        """Return the people with this user name, else with this e-mail address."""
        person = self.by_username.get(text.casefold())
        return [person] if person else self.by_email.get(text.casefold(), [])
