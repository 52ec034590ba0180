"""The door to Celery for those who only send: it is loaded with the first message.

A command that uploads a file does the work itself and mostly sends none.
"""

from importlib import import_module


class NotSent(Exception):
    """A message that no broker took; the words say why."""


def wake_worker(task: str, *arguments: object) -> None:
    """Have a worker do the task of that name. Raise `NotSent` where no broker takes the message.

    The name begins with that of the module in which Celery finds the tasks of the app.
    """
    from kombu.exceptions import KombuError  # noqa: PLC0415

    from council_finance.celery import app  # noqa: PLC0415

    import_module(task.rpartition(".")[0])
    try:
        app.tasks[task].delay(*arguments)
    except (KombuError, OSError) as error:
        raise NotSent(str(error)) from error
