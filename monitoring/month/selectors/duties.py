"""The work that a person does in a month."""

from council_finance.accounts.models import User
from monitoring.month.selectors.month import Duties, service_with_id
from monitoring.people.rights import (
    Reach,
    may_comment,
    may_forecast,
    may_publish,
    may_review,
    may_sign_off,
    may_upload,
)
from monitoring.structure.models import Period


def duties_of(user: User, period: Period, own: Reach) -> Duties:
    """Return what a person does in a month; forecasts and commentary for the services of `own`.

    In an archived year that is to read: nobody changes anything of it.
    """
    if period.year.is_archived:
        return Duties(review=may_review(user))
    within: dict[str, bool] = {}
    if own:
        service = service_with_id(period, min(own.services, default=0))
        signs = may_sign_off(user, service, own)
        within = {
            "forecast": may_forecast(user, service, own),
            "comment": signs or may_comment(user, service, own),
            "sign_off": signs,
        }
    return Duties(
        upload=may_upload(user), review=may_review(user), publish=may_publish(user), **within
    )
