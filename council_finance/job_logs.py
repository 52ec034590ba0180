"""Logs of workers: the lines of a job have the id and the person of the request that sent it.

Celery's signals have no types, hence untyped-decorator.
"""

from typing import Any

from celery import Task
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun

from council_finance import logs


@setup_logging.connect  # type: ignore[untyped-decorator]
def keep_these_settings(**_: Any) -> None:
    """Do nothing: with a receiver, Celery leaves logging as Django set it up."""


@before_task_publish.connect  # type: ignore[untyped-decorator]
def send_request_id(headers: dict[str, Any] | None, **_: Any) -> None:
    """Send the id along with a job's message."""
    if headers is not None and logs.request_id():
        headers["request_id"] = logs.request_id()
        if logs.person() is not None:
            headers["person"] = logs.person()


@task_prerun.connect  # type: ignore[untyped-decorator]
def take_request_id(task: Task, task_id: str, **_: Any) -> None:
    """Work under the id that came with the message, else under the message's own id."""
    if task.request.called_directly or task.request.is_eager:
        return
    given = getattr(task.request, "request_id", None) or ""
    logs.of_request(given, else_id=task_id, person=getattr(task.request, "person", None))


@task_postrun.connect  # type: ignore[untyped-decorator]
def forget_request_id(task: Task, **_: Any) -> None:
    """Forget the id: what a worker does between jobs belongs to no request."""
    if not task.request.is_eager:
        logs.forget_request()
