"""The type of middleware: a function from a request to its answer, around another one."""

from collections.abc import Callable
from typing import TypeAlias

from django.http import HttpRequest, HttpResponse

GetResponse: TypeAlias = Callable[[HttpRequest], HttpResponse]
