"""The servo drive: how a velocity command moves the screw, and the screw the ram. SI units, closing is positive."""

import math

from .command import Command
from .config import PressConfig
from .lag import Delay

#: m/s by which the velocity may miss its goal and counts as equal: without an end the lag would never be over.
RESTING = 1e-12


class Drive:
    """A servo drive with a ball screw.

    The command is bounded, quantised and dead for a while; the velocity follows it with a first-order lag within the
    acceleration limit; the screw's cogs make it ripple along its way; the position comes in steps of the motor's
    encoder. All of it is exact for steps of any length.

    Attributes:
        position: m, of the screw, 0 is fully open; what the press's own encoder measures.
        velocity: m/s.
        stalled: the motor cannot push harder.
        until_tick: s after which it must be stepped again.
    """

    def __init__(self, config: PressConfig) -> None:
        self.position = 0.0
        self.velocity = 0.0
        self.stalled = False
        self.until_tick = math.inf
        self._limit = config.velocity_limit_mm_s * 1e-3
        self._quantum = config.velocity_quantum_um_s * 1e-6
        self._lag = config.velocity_lag_ms * 1e-3
        self._acceleration = config.acceleration_limit_mm_s2 * 1e-3
        self._resolution = config.drive_resolution_nm * 1e-9
        self._wave = 2.0 * math.pi / (config.ripple_period_um * 1e-6)
        self._ripple = config.ripple / self._wave
        self._leak = config.leak_um_s_kn * 1e-9
        self._stall = config.stall_force_kn * 1e3
        self._lowest = -config.overtravel_mm * 1e-3
        self._highest = (config.travel_mm + config.overtravel_mm) * 1e-3
        self._delay = Delay(config.velocity_dead_time_ms * 1e-3)
        self._turned = 0.0
        self._slipped = 0.0

    def order(self, command: Command) -> None:
        """Take what it shall do from now on."""
        self._run_at(command.velocity)

    def step(self, force: float, dt: float) -> None:
        """Move for ``dt`` s against a force (N)."""
        turned = 0.0
        for goal, time in self._delay.pieces(dt):
            turned += goal * time if goal == self.velocity else self._follow(goal, time)
        self.stalled = force >= self._stall and self.velocity > 0.0
        if self.stalled:
            turned, self.velocity = 0.0, 0.0
        self._turned += turned
        self._slipped += self._leak * force * dt
        # d(exact) / d(turned) = 1 + ripple * sin(wave * turned)
        uneven = self._ripple * (1.0 - math.cos(self._wave * self._turned))
        exact = self._turned + uneven - self._slipped
        if not self._lowest <= exact <= self._highest:
            stop = self._lowest if exact < self._lowest else self._highest
            self._slipped += exact - stop
            exact, self.velocity = stop, 0.0
        self.position = round(exact / self._resolution) * self._resolution

    def _run_at(self, velocity: float) -> None:
        bounded = min(self._limit, max(-self._limit, velocity))
        self._delay.order(round(bounded / self._quantum) * self._quantum)

    def _follow(self, goal: float, time: float) -> float:
        """Let the velocity follow a goal for a time (s); return the way (m)."""
        way = 0.0
        error = goal - self.velocity
        most = self._acceleration * self._lag
        if abs(error) > most:
            acceleration = math.copysign(self._acceleration, error)
            ramp = min(time, (abs(error) - most) / self._acceleration)
            way = (self.velocity + 0.5 * acceleration * ramp) * ramp
            self.velocity += acceleration * ramp
            error, time = goal - self.velocity, time - ramp
        decay = math.exp(-time / self._lag)
        way += goal * time - error * self._lag * (1.0 - decay)
        left = error * decay
        self.velocity = goal if abs(left) < RESTING else goal - left
        return way


class Play:
    """Backlash between screw and ram: the ram stays behind when the screw reverses, unless a force keeps it pressed on.

    Attributes:
        ram: m; equal to the screw's position while the screw pushes it.
    """

    def __init__(self, config: PressConfig) -> None:
        self.ram = 0.0
        self._gap = config.backlash_um * 1e-6
        self._preload = config.backlash_preload_n

    def follow(self, screw: float) -> float:
        """Take the screw's movement; friction holds the ram as far as the play allows. Return where it is."""
        self.ram = min(screw + self._gap, max(screw, self.ram))
        return self.ram

    def yields(self, screw: float, force: float) -> bool:
        """Return whether this force pushes the ram back within the play."""
        return self.ram > screw and force > self._preload

    def push_back(self, screw: float, force: float, stiffness: float) -> float:
        """Let a force beyond the preload push the ram back towards the screw; return where it is."""
        back = (force - self._preload) / stiffness if stiffness > 0.0 else self._gap
        self.ram = max(screw, self.ram - back)
        return self.ram
