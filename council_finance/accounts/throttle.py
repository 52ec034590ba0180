"""Limits on wrong passwords, links to set a password, and PDFs; the pages for those who must wait.

The limit on wrong passwords is in the settings, and django-axes applies it. Counted here are links
that one address asks for, links mailed to one person, and PDFs, which take long to make.
"""

import datetime
import ipaddress
import logging
import math
from collections.abc import Mapping

from axes.models import AccessAttempt
from django.conf import settings
from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
_OWN_COUNTS = LocMemCache("counts", {})

NOBODY_KNOWS = "0.0.0.0"
"""The address for requests that come without one, such as through a socket file."""

_MINUTE = datetime.timedelta(minutes=1)
_HOUR = datetime.timedelta(hours=1)
BUSY_SECONDS = 5
PDFS_WITHIN = datetime.timedelta(minutes=10)


def client_address(request: HttpRequest) -> str:
    """Return the address by which wrong passwords are counted.

    The sender can write X-Forwarded-For, so only its last TRUSTED_PROXIES entries are trusted,
    which the site's own web servers added. An IPv6 address counts as its network of 64 bits, all
    of which one subscriber has.
    """
    given = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        chain = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(chain) >= settings.TRUSTED_PROXIES:
            given = chain[-settings.TRUSTED_PROXIES].strip()
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return NOBODY_KNOWS
    if address.version == 6 and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    if address.version == 6:
        return str(ipaddress.ip_network((int(address), 64), strict=False).network_address)
    return str(address)


class AxesRequest(HttpRequest):
    """A request as django-axes hands it on, with the address and the time of the attempt."""

    axes_ip_address: str
    axes_attempt_time: datetime.datetime


def locked_out(
    request: AxesRequest, response: HttpResponse | None, credentials: Mapping[str, str]
) -> HttpResponse:
    """Return the page that says when to try again, and what to do instead."""
    attempts = AccessAttempt.objects.filter(
        username=credentials["username"], ip_address=request.axes_ip_address
    )
    latest = attempts.aggregate(latest=Max("attempt_time"))["latest"] or request.axes_attempt_time
    wait = latest + settings.AXES_COOLOFF_TIME - request.axes_attempt_time
    minutes = max(1, math.ceil(wait / _MINUTE))
    # The page shows whole minutes, so it names the minute after the end.
    context = {
        "until": request.axes_attempt_time + wait + _MINUTE,
        "minutes": minutes,
        "failures": settings.AXES_FAILURE_LIMIT,
        "next": request.POST.get("next", ""),
    }
    answer = render(request, "accounts/locked_out.html", context, status=429)
    answer["Retry-After"] = str(math.ceil(wait.total_seconds()))
    return answer


def no_place(request: HttpRequest, *, for_address: bool) -> HttpResponse:
    """Return the page for a password that was not checked, as too many others are."""
    context = {
        "for_address": for_address,
        "seconds": BUSY_SECONDS,
        "next": request.POST.get("next", ""),
        "log_in": request.path == resolve_url(settings.LOGIN_URL),
    }
    answer = render(request, "accounts/busy.html", context, status=429 if for_address else 503)
    answer["Retry-After"] = str(BUSY_SECONDS)
    return answer


def may_ask_for_link(request: HttpRequest) -> bool:
    """Count one more link that this address asks for; return whether it is within the limit."""
    return counted(f"asked {client_address(request)}") <= settings.RESET_ASKED_MOST


def may_mail_link(user_id: int) -> bool:
    """Count one more link mailed to this person; return whether it is within the limit."""
    return counted(f"mailed {user_id}") <= settings.RESET_MAILED_MOST


def may_have_pdf(request: HttpRequest) -> bool:
    """Count one more PDF for this person, or a stranger's address; return whether it is allowed."""
    who = request.user.pk if request.user.is_authenticated else client_address(request)
    return counted(f"pdf {who}", PDFS_WITHIN) <= settings.PDFS_MOST


def counted(what: str, within: datetime.timedelta = _HOUR) -> int:
    """Count one more in all web processes together, and return the count.

    While the shared cache cannot be reached, this process counts by itself.
    """
    key = f"count {what}".replace(" ", "-")
    try:
        return _count_in(cache, key, within)
    except RedisError:
        logger.warning("The cache cannot be reached; this process counts by itself.")
        return _count_in(_OWN_COUNTS, key, within)


def _count_in(counts: BaseCache, key: str, within: datetime.timedelta) -> int:
    if counts.add(key, 1, timeout=within.total_seconds()):
        return 1
    try:
        return counts.incr(key)
    except ValueError:  # the time ended just now
        return 1
