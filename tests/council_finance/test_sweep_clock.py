"""A machine's clock may be moved back: what waits for a message is not left waiting for hours."""

from datetime import timedelta

import pytest
from django.utils import timezone

from council_finance import jobs
from council_finance.jobs import Job

pytestmark = pytest.mark.django_db


def swept(sent: timedelta) -> list[Job]:
    """The jobs that a sweep sends again where one was sent so long before now."""
    job = Job.objects.create(task="made-up")
    Job.objects.filter(pk=job.pk).update(sent_at=timezone.now() - sent)
    found: list[Job] = []
    jobs.sweep(send=found.append, give_up=lambda job: pytest.fail(f"{job} was given up"))
    return found


@pytest.mark.parametrize("sent", [timedelta(minutes=1), timedelta(hours=-2)])
def test_a_message_that_is_overdue_or_from_the_future_is_sent_again_once(sent):
    again = swept(sent)
    assert [job.state for job in again] == ["queued"]
    jobs.sweep(send=lambda job: pytest.fail(f"{job} was sent twice"), give_up=pytest.fail)


@pytest.mark.parametrize("sent", [timedelta(seconds=5), timedelta(seconds=-5)])
def test_a_message_of_this_moment_is_waited_for_though_clocks_differ(sent):
    assert swept(sent) == []
