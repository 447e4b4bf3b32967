"""The low-pressure alarm of a run: what is told of it, and what stays shown until a person has seen it."""

from stackpress_py.account import LowPressureWatch
from stackpress_py.quantities import format_duration, format_pressure


class RunAlarm:
    """The alarms of all phases of a run.

    Attributes:
        latched: sentence about the first alarm; it stays when the pressure is back. Empty: there was none.
    """

    def __init__(self) -> None:
        self.latched = ""
        self._news: list[tuple[bool, str]] = []

    def note(self, phase: str, watch: LowPressureWatch) -> None:
        """Take an alarm that was raised or ended just now."""
        limit, delay = format_pressure(watch.limit), format_duration(watch.delay)
        side = "below" if watch.raised else "above"
        text = f"phase '{phase}': the pressure has been {side} {limit} for {delay}"
        if watch.raised and not self.latched:
            self.latched = text
        self._news.append((watch.raised, text))

    def take_news(self) -> list[tuple[bool, str]]:
        """Return what has happened since the last call: whether an alarm was raised (else ended), and a sentence."""
        news, self._news = self._news, []
        return news
