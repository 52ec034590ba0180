"""Every table of performance, where Django finds them."""

from performance.activity.models import ActivityGroup, ActivityLine, ActivityPosition

__all__ = ["ActivityGroup", "ActivityLine", "ActivityPosition"]
