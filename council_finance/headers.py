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


def with_policies(get_response: Callable[[HttpRequest], HttpResponse]):
    """No page uses the devices of who reads it, and no other site shows parts of it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in POLICIES.items():
            response[name] = value
        return response

    return middleware
