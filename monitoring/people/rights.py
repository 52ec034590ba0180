"""Who may see and do what. Checked on the server for every read and write.

A role says what a person may do, `TreeRight` for which parts of the tree. The rules are those of
"The people" of the domain page; a finance officer who is tied to no part looks after all of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from council_finance.accounts.models import Role, User
from monitoring.people.models import TreeRight
from monitoring.structure.models import FinancialYear, Service

_SEE_DRAFTS = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.ADMINISTRATOR}
_FINANCE = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD}
_FORECAST = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.BUDGET_MANAGER}
_COMMENT = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.DIRECTOR}
_OWN_PART_ONLY = {Role.BUDGET_MANAGER, Role.DIRECTOR}


@dataclass(frozen=True)
class Reach:
    """The services of a year that a person looks after: all of them, or those of these ids."""

    everything: bool
    services: frozenset[int] = frozenset()

    def __contains__(self, service_id: object) -> bool:
        return self.everything or service_id in self.services

    def __bool__(self) -> bool:
        return self.everything or bool(self.services)


EVERYTHING, NOTHING = Reach(everything=True), Reach(everything=False)


def reach_of(user: User, year: FinancialYear) -> Reach:
    """What a person looks after: what they are tied to and all that stands, or stood, under it."""
    if user.role in (Role.FINANCE_LEAD, Role.ADMINISTRATOR):
        return EVERYTHING
    if user.role not in _FORECAST | _COMMENT:
        return NOTHING
    codes = set(TreeRight.objects.filter(user=user).values_list("service_code", flat=True))
    if not codes:
        return Reach(everything=user.role == Role.FINANCE_OFFICER)
    rows = Service.objects.filter(year=year).values_list("pk", "code", "parent", "successor")
    register = {pk: (code, parent, successor) for pk, code, parent, successor in rows}
    return Reach(False, frozenset(services_under(register, codes)))


def services_under(register: dict[int, tuple], codes: set[str]) -> set[int]:
    """Ids of the services with these codes, of what succeeds them, and of all that is under them.

    `register` gives code, parent (id) and successor (id) by id. A tie follows its own service
    where that closes into another. Any other service that closed into one is judged by where its
    lines stand now: it comes with its successor, and goes with it.
    """
    tied = {pk for pk, (code, _, _) in register.items() if code in codes}
    found = _grown(tied, lambda found: {register[pk][2] for pk in found} - {None})
    found = _grown(
        found, lambda found: {pk for pk, (_, parent, _) in register.items() if parent in found}
    )
    return {pk for pk in register if _last_successor(register, pk) in found}


def _last_successor(register: dict[int, tuple], service: int) -> int:
    seen: set[int] = set()
    while register[service][2] is not None and service not in seen:
        seen.add(service)
        service = register[service][2]
    return service


def _grown(found: set[int], more_of: Callable[[set[int]], set[int]]) -> set[int]:
    while not (more := more_of(found)) <= found:
        found = found | more
    return found


def may_see_drafts(user: User | AnonymousUser) -> bool:
    """Whether the whole council's figures are shown before they are published, and uploads."""
    return user.is_authenticated and user.role in _SEE_DRAFTS


def may_see_draft_of(user: User, service: Service, reach: Reach | None = None) -> bool:
    """Whether a service's figures are shown before they are published.

    `reach` is the person's, where it has been read already; so of every such function.
    """
    if may_see_drafts(user):
        return True
    return user.role in _OWN_PART_ONLY and _looks_after(user, service, reach)


def may_see_exempt_lines(user: User | AnonymousUser) -> bool:
    """Whether an exempt line itself is shown, and reports that name one which became exempt."""
    return user.is_authenticated and user.role in _SEE_DRAFTS


def may_redact(user: User | AnonymousUser) -> bool:
    """Whether a person may redact what is published."""
    return user.is_authenticated and user.role in (Role.ADMINISTRATOR, Role.FINANCE_LEAD)


def may_upload(user: User) -> bool:
    """Whether a person may bring figures in."""
    return user.role in _FINANCE


def may_forecast(user: User, service: Service, reach: Reach | None = None) -> bool:
    """Whether a person may enter forecasts for a service."""
    return user.role in _FORECAST and _looks_after(user, service, reach)


def _looks_after(user: User, service: Service, reach: Reach | None) -> bool:
    return service.pk in (reach_of(user, service.year) if reach is None else reach)


def may_comment(user: User, service: Service) -> bool:
    """Whether a person may write the commentary of a service."""
    return user.role in _COMMENT and service.pk in reach_of(user, service.year)


def may_sign_off(user: User, service: Service) -> bool:
    """Whether a person may sign the commentary of a service off."""
    return user.role == Role.DIRECTOR and service.pk in reach_of(user, service.year)


def lands_on_own_part(user: User) -> bool:
    """Whether a person's first page shows the figures of what they look after."""
    return user.role == Role.DIRECTOR


def may_see_month(user: User) -> bool:
    """Whether a person takes part in a month's work; what they see of it is their own part."""
    return user.role in _SEE_DRAFTS | _OWN_PART_ONLY


def may_enter_virements(user: User) -> bool:
    """Whether a person may enter budget transfers."""
    return user.role in _FINANCE


def may_see_virements(user: User) -> bool:
    """Whether the register is shown with what is pending; who approves is a setting."""
    return user.role != Role.SCRUTINY_MEMBER and user.role != Role.BUDGET_MANAGER


def may_publish(user: User) -> bool:
    """Whether a person may publish and reopen reports."""
    return user.role == Role.FINANCE_LEAD


def may_review(user: User) -> bool:
    """Whether a person sees what stands between a draft and its publication."""
    return user.role in _SEE_DRAFTS


def may_change_structure(user: User) -> bool:
    """Whether a person may change the tree of services, and set years up."""
    return user.role in (Role.ADMINISTRATOR, Role.FINANCE_LEAD)


def may_see_audit(user: User) -> bool:
    """Whether the audit trail is shown."""
    return user.role in (Role.ADMINISTRATOR, Role.FINANCE_LEAD)


def may_keep_people(user: User) -> bool:
    """Whether a person may make people and change their rights."""
    return user.role == Role.ADMINISTRATOR


def require(allowed: bool) -> None:
    """Raise PermissionDenied unless allowed."""
    if not allowed:
        raise PermissionDenied
