"""Rights: who may see and do what, checked on the server for every read and write.

A role says what a person may do, `TreeRight` for which parts of the tree. The rules are those of
"The people" in docs/rules.md; a finance officer who is tied to no part looks after all of it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from council_finance.accounts.models import Role, User
from council_finance.one_reading import once_a_reading
from council_finance.prepared import prepared
from monitoring.people.models import TreeRight
from monitoring.structure.models import FinancialYear, Service
from monitoring.structure.selectors.tree import registers_of, service_rows

_SEE_DRAFTS = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.ADMINISTRATOR}
_FINANCE = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD}
_FORECAST = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.BUDGET_MANAGER}
_COMMENT = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.DIRECTOR}
_HAS_PART = {Role.FINANCE_OFFICER, Role.BUDGET_MANAGER, Role.DIRECTOR}
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


Register = Mapping[int, tuple[str, int | None, int | None]]
"""Code, parent (id) and successor (id) of each service, by its id."""

EVERYTHING, NOTHING = Reach(everything=True), Reach(everything=False)


@once_a_reading
def reach_of(user: User, year: FinancialYear) -> Reach:
    """Return the services that a person looks after, with all that are, or were, under them."""
    if user.role in (Role.FINANCE_LEAD, Role.ADMINISTRATOR):
        return EVERYTHING
    if user.role not in _HAS_PART:
        return NOTHING
    codes = _tied_codes(user)
    if not codes:
        return Reach(everything=user.role == Role.FINANCE_OFFICER)
    rows = service_rows(year)
    register = {each.id: (each.code, each.parent, each.successor) for each in rows}
    return Reach(False, frozenset(services_under(register, codes)))


def reaches_of(user: User, years: Collection[FinancialYear]) -> dict[FinancialYear, Reach]:
    """Return what a person looks after in each of several years."""
    if user.role in _HAS_PART and _tied_codes(user):
        registers_of(years)  # Read at once what is asked of each year below.
    return {year: reach_of(user, year) for year in years}


@once_a_reading
def _tied_codes(user: User) -> frozenset[str]:
    """Return the codes of the services that a person is tied to, which hold for every year."""
    return frozenset(_codes_of(user.pk))


@prepared
def _codes_of(user_id: int) -> QuerySet[TreeRight, str]:
    return TreeRight.objects.filter(user=user_id).values_list("service_code", flat=True)


def services_under(register: Register, codes: Collection[str]) -> set[int]:
    """Return the ids of the services with these codes, their successors, and all under them.

    `register` gives code, parent (id) and successor (id) by id. Where a service of these codes
    closed into another, the person looks after that one. Any other closed service counts with its
    successor, to which its lines belong now.
    """
    own = [pk for pk, (code, _, _) in register.items() if code in codes]
    found = {each for pk in own for each in _successor_chain(register, pk)}
    while more := {pk for pk, (_, parent, _) in register.items() if parent in found} - found:
        found |= more
    return {pk for pk in register if _successor_chain(register, pk)[-1] in found}


def _successor_chain(register: Register, service: int) -> list[int]:
    """Return a service and its successors, up to the one that has none."""
    chain = [service]
    while (successor := register[chain[-1]][2]) is not None and successor not in chain:
        chain.append(successor)
    return chain


def may_see_drafts(user: User | AnonymousUser) -> bool:
    """Return whether a person sees uploads, and the whole council's figures before publication."""
    return user.is_authenticated and user.role in _SEE_DRAFTS


def may_see_draft_of(user: User, service: Service, reach: Reach | None = None) -> bool:
    """Return whether a person sees a service's figures before they are published.

    `reach` is the person's, where it has been read already; likewise in the functions below.
    """
    if may_see_drafts(user):
        return True
    return user.role in _OWN_PART_ONLY and _looks_after(user, service, reach)


def may_see_exempt_lines(user: User | AnonymousUser) -> bool:
    """Return whether a person sees exempt lines, and reports that name one that became exempt."""
    return user.is_authenticated and user.role in _SEE_DRAFTS


def may_redact(user: User | AnonymousUser) -> bool:
    """Return whether a person may redact what is published."""
    return user.is_authenticated and user.role in (Role.ADMINISTRATOR, Role.FINANCE_LEAD)


def may_upload(user: User) -> bool:
    """Return whether a person may upload figures."""
    return user.role in _FINANCE


def may_forecast(user: User, service: Service, reach: Reach | None = None) -> bool:
    """Return whether a person may enter forecasts for a service."""
    return user.role in _FORECAST and _looks_after(user, service, reach)


def forecast_reach(user: User, year: FinancialYear) -> Reach:
    """Return the services of a year for which a person may enter forecasts."""
    return reach_of(user, year) if user.role in _FORECAST else NOTHING


def draft_reach(user: User, year: FinancialYear) -> Reach:
    """Return the services of a year whose figures a person sees before they are published."""
    if may_see_drafts(user):
        return EVERYTHING
    return reach_of(user, year) if user.role in _OWN_PART_ONLY else NOTHING


def _looks_after(user: User, service: Service, reach: Reach | None) -> bool:
    return service.pk in (reach_of(user, service.year) if reach is None else reach)


def writes_commentary(user: User) -> bool:
    """Return whether a person's role writes commentary, on the services they look after."""
    return user.role in _COMMENT


def may_comment(user: User, service: Service, reach: Reach | None = None) -> bool:
    """Return whether a person may write the commentary of a service."""
    return writes_commentary(user) and _looks_after(user, service, reach)


def signs_off_commentary(user: User) -> bool:
    """Return whether a person's role signs commentary off, on the services they look after."""
    return user.role == Role.DIRECTOR


def may_sign_off(user: User, service: Service, reach: Reach | None = None) -> bool:
    """Return whether a person may sign the commentary of a service off."""
    return signs_off_commentary(user) and _looks_after(user, service, reach)


def lands_on_own_part(user: User) -> bool:
    """Return whether a person's first page shows the figures of the services they look after."""
    return user.role == Role.DIRECTOR


def may_see_month(user: User) -> bool:
    """Return whether a person takes part in a month's work, of which they see their own part."""
    return user.role in _SEE_DRAFTS | _OWN_PART_ONLY


def may_enter_virements(user: User) -> bool:
    """Return whether a person may enter budget transfers."""
    return user.role in _FINANCE


def may_enter_offset(user: User, year: FinancialYear) -> bool:
    """Return whether a person may enter the contingency's notional offset, the whole council's."""
    return user.role in _FINANCE and reach_of(user, year).everything


def may_see_virements(user: User) -> bool:
    """Return whether a person sees the register with pending virements; approving is a setting."""
    return user.role in _SEE_DRAFTS | {Role.DIRECTOR}


def may_publish(user: User) -> bool:
    """Return whether a person may publish and reopen reports."""
    return user.role == Role.FINANCE_LEAD


def may_review(user: User) -> bool:
    """Return whether a person sees what is outstanding before a draft is published."""
    return user.role in _SEE_DRAFTS


def may_give_reasons(user: User) -> bool:
    """Return whether a person may say why a questioned figure is right, or why a check differs.

    For figures, those of the services they look after.
    """
    return user.role in _FINANCE


def may_change_structure(user: User) -> bool:
    """Return whether a person may change the tree of services, and set years up."""
    return user.role in (Role.ADMINISTRATOR, Role.FINANCE_LEAD)


def may_read_settings(user: User) -> bool:
    """Return whether a person sees the council's settings."""
    return user.role in _SEE_DRAFTS


def may_change_settings(user: User) -> bool:
    """Return whether a person may change the council's settings."""
    return user.role in (Role.ADMINISTRATOR, Role.FINANCE_LEAD)


def may_see_audit(user: User) -> bool:
    """Return whether a person sees the audit trail."""
    return user.role in (Role.ADMINISTRATOR, Role.FINANCE_LEAD)


def may_keep_people(user: User) -> bool:
    """Return whether a person may make people and change their rights."""
    return user.role == Role.ADMINISTRATOR


def require(allowed: bool) -> None:
    """Raise `PermissionDenied` unless allowed."""
    if not allowed:
        raise PermissionDenied
