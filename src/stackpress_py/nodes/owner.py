"""Watch over the node that gave a controller its goal: when it is gone, the controller ends safely by itself."""

from collections.abc import Sequence

#: s without a word from the supervisor after which nothing is known of the owner any more.
SILENCE_LIMIT = 1.0
#: s without a connected press after which a controller's goal has failed.
LONGEST_SILENCE = 1.5


class OwnerWatch:
    """What is known of one node, from the supervisor's health messages.

    Args:
        owner: name of the node that gives the goals.
    """

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._dead = False
        self._heard: float | None = None

    def adopt(self, now: float) -> None:
        """A goal has come (time in s): its sender is alive."""
        self._dead = False
        if self._heard is not None:
            self._heard = max(self._heard, now)

    def update(self, dead: Sequence[str], now: float) -> None:
        """Take a health message: names of the dead nodes, time in s."""
        self._dead = self._owner in dead
        self._heard = now

    def why_lost(self, now: float) -> str:
        """Return one sentence if the owner must be taken for lost, else an empty text.

        Where no supervisor was ever heard, none is missed: a controller may be used without one.
        """
        if self._dead:
            return f"{self._owner} died"
        if self._heard is not None and now - self._heard > SILENCE_LIMIT:
            return f"nothing was heard of the supervisor for {SILENCE_LIMIT:g} s"
        return ""
