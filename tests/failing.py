"""A site with a page and a task that fail, with secrets at hand: for the tests of the error hook.

`gunicorn tests.failing:application` and `celery -A tests.failing worker`.
"""

import importlib
import logging
import os

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from council_finance.celery import app
from council_finance.wsgi import application
from tests.planted_secrets import SECRETS

__all__ = ["app", "application"]


def fail() -> None:
    """Raise as a library does: with what somebody typed in the message, and a variable at hand."""
    kept = SECRETS["variable"]
    raise ValueError(
        f"invalid literal for int(): '{SECRETS['typed']}', mail {SECRETS['mail']}, {len(kept)}\n"
        f"DETAIL: Key (name)=({SECRETS['detail']}) is there already."
    )


@csrf_exempt
@login_not_required
def broken_page(request, uidb64: str, token: str):
    """A page whose address is a one-time link, and which fails with the form's fields read."""
    assert request.POST
    fail()


@app.task(name="tests.failing.broken_task")
def broken_task(_text: str) -> None:
    """A task that fails, and one that has logged so before."""
    logging.getLogger("tests.failing").error("Cannot store “%s”", SECRETS["typed"])
    fail()


# Only once the application is there can its addresses be read.
importlib.import_module("council_finance.urls").urlpatterns.insert(
    0, path("password/reset/<str:uidb64>/<str:token>/broken/", broken_page, name="broken")
)
if os.environ.get("SEND_BROKEN_TASK"):
    broken_task.delay(SECRETS["argument"])
