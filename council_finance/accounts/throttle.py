"""Wrong passwords: from which address they come, and what someone who must wait reads.

The rule itself (how many, how long, per what) is in the settings, and django-axes keeps it. Links
to set a password are counted here, those asked for from one address and those mailed to a person,
and downloads that take long to make.
"""

import datetime
import ipaddress
import logging
import math

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
"""Stands for the address of a request that came without one, such as through a socket file."""

_MINUTE = datetime.timedelta(minutes=1)
_HOUR = datetime.timedelta(hours=1)
BUSY_SECONDS = 5
PDFS_WITHIN = datetime.timedelta(minutes=10)


def client_address(request: HttpRequest) -> str:
    """The address that wrong passwords are counted by.

    X-Forwarded-For is written by whoever asks, so it is believed only as far as TRUSTED_PROXIES
    says that web servers of one's own have added to it, counted from its end. An IPv6 address
    stands for its network of 64 bits, all of which one subscriber has.
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


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict
) -> HttpResponse:
    """The page that says when to try again, and what to do instead."""
    attempts = AccessAttempt.objects.filter(
        username=credentials["username"], ip_address=request.axes_ip_address
    )
    latest = attempts.aggregate(latest=Max("attempt_time"))["latest"] or request.axes_attempt_time
    wait = latest + settings.AXES_COOLOFF_TIME - request.axes_attempt_time
    minutes = max(1, math.ceil(wait / _MINUTE))
    # The clock on the page shows whole minutes, so it names the next one.
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
    """The page for a password that was not looked at, as too many are being checked."""
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
    """Count one more link asked for from this address; whether it is not one too many this hour."""
    return counted(f"asked {client_address(request)}") <= settings.RESET_ASKED_MOST


def may_mail_link(user_id: int) -> bool:
    """Count one more link mailed to this person; whether it is not one too many this hour."""
    return counted(f"mailed {user_id}") <= settings.RESET_MAILED_MOST


def may_have_pdf(request: HttpRequest) -> bool:
    """Count one more PDF that this person, or a stranger's address, asks for; not one too many."""
    who = request.user.pk if request.user.is_authenticated else client_address(request)
    return counted(f"pdf {who}", PDFS_WITHIN) <= settings.PDFS_MOST


def counted(what: str, within: datetime.timedelta = _HOUR) -> int:
    """Count one more, among all web processes; in this one alone while the shared cache is away."""
    key = f"count {what}".replace(" ", "-")
    try:
        return _count(cache, key, within)
    except RedisError:
        logger.warning("The cache cannot be reached; this process counts by itself.")
        return _count(_OWN_COUNTS, key, within)


def _count(counts: BaseCache, key: str, within: datetime.timedelta) -> int:
    if counts.add(key, 1, timeout=within.total_seconds()):
        return 1
    try:
        return counts.incr(key)
    except ValueError:  # the time ended just now
        return 1
