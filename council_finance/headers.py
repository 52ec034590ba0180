"""Headers that every answer has beside those that Django, django-csp and WhiteNoise set."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_NOT_NEEDED = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture"),
    *("geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment"),
    *("publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
POLICIES = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _NOT_NEEDED),
    "Cross-Origin-Resource-Policy": "same-origin",
}


NOT_KEPT = "private, no-store"
ASKED_EACH_TIME = "no-cache"


def with_policies(get_response: Callable[[HttpRequest], HttpResponse]):
    """No page uses the devices of who reads it, and no other site shows parts of it.

    Nor is a page kept by a browser or between, unless its view says so or everybody may read it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in POLICIES.items():
            response[name] = value
        response.setdefault("Cache-Control", _how_kept(request, response))
        return response

    return middleware


def _how_kept(request: HttpRequest, response: HttpResponse) -> str:
    """Public to a stranger: asked for again each time. All else, errors and forms too: not kept."""
    match = request.resolver_match
    user = getattr(request, "user", None)
    is_stranger = user is not None and not user.is_authenticated
    is_public = match is not None and getattr(match.func, "is_public", lambda: False)()
    return (
        ASKED_EACH_TIME if is_public and is_stranger and response.status_code == 200 else NOT_KEPT
    )
