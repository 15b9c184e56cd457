"""Times as tracker.toml writes them."""

from __future__ import annotations

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


def seconds(written: str) -> float:
    """A time as the schema allows it ("5 min") in seconds."""
    number = written.rstrip("smindh ")
    return float(number) * _SECONDS[written[len(number) :].strip()]
