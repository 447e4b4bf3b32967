"""The servo drive: how a velocity command moves the screw, and the screw the ram. SI units, closing is positive."""

import math
from collections import deque

from .config import PressConfig

#: m/s below which the drive stands still: without an end the lag would go on into denormal numbers.
RESTING = 1e-12


class Drive:
    """A servo drive with a ball screw.

    The command is bounded, quantised and dead for a while; the velocity follows it with a first-order lag within the
    acceleration limit and ripples along the screw; the position comes in steps of the motor's encoder.

    Attributes:
        position: m, of the screw, 0 is fully open; what the press's own encoder measures.
        velocity: m/s.
        stalled: the motor cannot push harder.
    """

    def __init__(self, config: PressConfig) -> None:
        self.position = 0.0
        self.velocity = 0.0
        self.stalled = False
        self._limit = config.velocity_limit_mm_s * 1e-3
        self._quantum = config.velocity_quantum_um_s * 1e-6
        self._lag = config.velocity_lag_ms * 1e-3
        self._dead_time = config.velocity_dead_time_ms * 1e-3
        self._acceleration = config.acceleration_limit_mm_s2 * 1e-3
        self._resolution = config.drive_resolution_nm * 1e-9
        self._ripple = config.ripple
        self._wave = 2.0 * math.pi / (config.ripple_period_um * 1e-6)
        self._leak = config.leak_um_s_kn * 1e-9
        self._stall = config.stall_force_kn * 1e3
        self._lowest = -config.overtravel_mm * 1e-3
        self._highest = (config.travel_mm + config.overtravel_mm) * 1e-3
        self._exact = 0.0
        self._dt = 0.0
        self._blend = 0.0
        self._wanted = 0.0
        self._pipe: deque[float] = deque()

    def step(self, command: float, force: float, dt: float) -> None:
        """Move for ``dt`` s under a command (m/s) against a force (N)."""
        if dt != self._dt:
            self._adapt(dt)
        bounded = min(self._limit, max(-self._limit, command))
        self._wanted = round(bounded / self._quantum) * self._quantum
        self._pipe.append(self._wanted)
        before = self.velocity
        change = (self._pipe.popleft() - before) * self._blend
        most = self._acceleration * dt
        velocity = before + min(most, max(-most, change))
        if abs(velocity) < RESTING:
            velocity = 0.0
        self.stalled = force >= self._stall and velocity > 0.0
        if self.stalled:
            velocity = 0.0
        ripple = 1.0 + self._ripple * math.sin(self._wave * self._exact)
        exact = self._exact + (0.5 * (before + velocity) * ripple - self._leak * force) * dt
        if not self._lowest <= exact <= self._highest:
            exact = min(self._highest, max(self._lowest, exact))
            velocity = 0.0
        self._exact, self.velocity = exact, velocity
        self.position = round(exact / self._resolution) * self._resolution

    def _adapt(self, dt: float) -> None:
        self._dt = dt
        self._blend = 1.0 - math.exp(-dt / self._lag)
        self._pipe = deque([self._wanted] * round(self._dead_time / dt))


class Play:
    """Backlash between screw and ram: the ram stays behind when the screw reverses, unless a force keeps it pressed on.

    Attributes:
        ram: m; equal to the screw's position while the screw pushes it.
    """

    def __init__(self, config: PressConfig) -> None:
        self.ram = 0.0
        self._gap = config.backlash_um * 1e-6
        self._preload = config.backlash_preload_n

    def follow(self, screw: float) -> None:
        """Take the screw's movement; friction holds the ram as far as the play allows."""
        self.ram = min(screw + self._gap, max(screw, self.ram))

    def yields(self, screw: float, force: float) -> bool:
        """Return whether this force pushes the ram back within the play."""
        return force > self._preload and self.ram > screw

    def push_back(self, screw: float, force: float, stiffness: float) -> None:
        """Let a force beyond the preload push the ram back towards the screw."""
        back = (force - self._preload) / stiffness if stiffness > 0.0 else self._gap
        self.ram = max(screw, self.ram - back)
