"""How long a device on a bus may take, and how exactly a bus keeps its times."""

import contextlib
import threading
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Patience:
    """Times of one device on a bus.

    Attributes:
        reply_latency: s, longest time from the end of a request to the begin of its answer.
        silence: s, least silence before a request to this device; the protocol's own if that is longer.
    """

    reply_latency: float
    silence: float = 0.0


def wake_on_time() -> None:
    """Let the waits of the calling thread end on time; call it at the begin of a bus's thread.

    To save power Linux lets them end up to 50 µs late, which costs about one percent of the rate at
    115200 baud. Where this cannot be set nothing but the rate changes.
    """
    with contextlib.suppress(OSError):
        Path(f"/proc/{threading.get_native_id()}/timerslack_ns").write_text("1")
