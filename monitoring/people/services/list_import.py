"""The service that stores a list of people: everybody on it, or nobody."""

from django.db import transaction

from council_finance.accounts.models import User
from council_finance.accounts.single_sign_on.people import expect_sign_on
from council_finance.errors import Refused
from monitoring.people.list_rows import PeopleList
from monitoring.people.selectors.list_plan import ListPlan, plan_people
from monitoring.people.services.list_changed import ListChanged
from monitoring.people.services.people import (
    change_person,
    locked_administrators,
    make_person,
)


@transaction.atomic
def store_people_list(
    *, listed: PeopleList, revision: str, by: User, by_sign_on: bool = False
) -> list[User]:
    """Add and change everybody on a list; return those who are new, in the order of the list.

    `revision` is that of the plan that was shown; `by_sign_on` lets single sign-on recognise new
    people by their address. Raise `ListChanged` where it is another by now,
    `Refused` where a row is refused; then nothing is stored.
    """
    locked_administrators()
    plan = plan_people(listed, by=by)
    if plan.problems:
        raise Refused(*(fault.sentence for fault in plan.problems))
    if plan.revision != revision:
        raise ListChanged
    made = _add_new_people(plan, by)
    for person in made if by_sign_on else ():
        expect_sign_on(person=person, by=by)
    _change_people(plan, by)
    return made


def _add_new_people(plan: ListPlan, by: User) -> list[User]:
    return [
        make_person(
            username=each.username,
            name=each.name,
            email=each.email,
            role=each.role,
            parts=each.parts,
            by=by,
        )
        for each in plan.new
    ]


def _change_people(plan: ListPlan, by: User) -> None:
    for each in plan.changed:
        if each.person is not None:
            change_person(
                person=each.person,
                name=each.name,
                email=each.email,
                role=each.role,
                parts=each.parts,
                active=each.person.is_active,
                by=by,
            )
