"""What was commanded and is not felt yet. SI units."""

from collections import deque


class Movement:
    """Movements of the ram that have their effect one dead time later.

    Each is noted with the change of force that it was meant to have, since the stiffness may be taken for another one
    by the time that it is felt.

    Args:
        dead_time: s.

    Attributes:
        travel, force: m and N that have been felt since the last step.
        coming_travel, coming_force: m and N that are still to be felt.
    """

    def __init__(self, dead_time: float) -> None:
        self._dead_time = dead_time
        self._coming: deque[tuple[float, float, float, float]] = deque()
        self.travel = self.force = self.coming_travel = self.coming_force = 0.0

    def step(self, now: float, dt: float, travel: float, force: float) -> None:
        """Note what was commanded during the last ``dt`` s, and take what was felt meanwhile (s, m, N)."""
        coming = self._coming
        begin = now - dt
        coming.append((begin, now, travel, force))
        self.coming_travel += travel
        self.coming_force += force
        felt_until = now - self._dead_time
        felt_travel = felt_force = 0.0
        while coming and coming[0][0] < felt_until:
            begin, end, travel, force = coming.popleft()
            if end > felt_until:
                share = (felt_until - begin) / (end - begin)
                coming.appendleft((felt_until, end, (1.0 - share) * travel, (1.0 - share) * force))
                travel *= share
                force *= share
            felt_travel += travel
            felt_force += force
        self.travel, self.force = felt_travel, felt_force
        self.coming_travel -= felt_travel
        self.coming_force -= felt_force

    def take_for(self, stiffness: float) -> None:
        """Take what is still to be felt for movements against another stiffness (N/m)."""
        self._coming = deque((b, e, travel, stiffness * travel) for b, e, travel, _ in self._coming)
        self.coming_force = stiffness * self.coming_travel

    def restart(self) -> None:
        """Forget everything."""
        self._coming.clear()
        self.travel = self.force = self.coming_travel = self.coming_force = 0.0
