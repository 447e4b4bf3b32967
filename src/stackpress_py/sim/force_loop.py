"""A press with a force loop of its own: set-point and rate in, everything else is its stock controller's work. SI."""

import math
import random

from .command import Command
from .config import ForceLoopConfig, PressConfig
from .drive import Drive

#: s within which a tick of the loop counts as due.
DUE = 1e-9


class ForceLoop(Drive):
    """A servo drive under a force controller with its own load cell, ramp and proportional-integral law.

    While a force is asked and its cell feels none, the ram approaches: fast up to a taught position, then at touch
    speed. From contact on the set-point moves to the asked force at the asked rate, from the force that is felt, and
    the law follows it. When none is asked the set-point moves to zero likewise, and then the ram opens. Its gains were
    set once for a stack of middling stiffness: it is slow on a softer stack, and rings on a stiffer one.

    Args:
        press: of the drive.
        config: of the loop.
        rng: draws its cell's errors, once, and noise.
    """

    def __init__(self, press: PressConfig, config: ForceLoopConfig, rng: random.Random) -> None:
        super().__init__(press)
        self._c = config
        self._rng = rng
        self._gain = 1.0 + rng.uniform(-1.0, 1.0) * config.gain_error
        self._zero = rng.uniform(-1.0, 1.0) * config.zero_n
        self._period = config.period_ms * 1e-3
        self._proportional = config.proportional_um_s_kn * 1e-9
        self._fastest = config.press_velocity_mm_s * 1e-3
        self._force_limit = press.force_limit_kn * 1e3
        self._asked = math.nan
        self._rate = config.rate_limit_n_s
        self._setpoint = math.nan
        self._integral = 0.0
        self.until_tick = self._period

    def order(self, command: Command) -> None:
        """Take force and rate; without a rate its own limit holds."""
        asked = command.force
        self._asked = asked if math.isnan(asked) else min(self._force_limit, max(0.0, asked))
        limit = self._c.rate_limit_n_s
        self._rate = limit if not command.force_rate > 0.0 else min(limit, command.force_rate)

    def step(self, force: float, dt: float) -> None:
        """Move for ``dt`` s, at most until the next tick, against a force (N)."""
        if self.until_tick >= self._period - DUE:
            self._run_at(self._velocity(force))
        super().step(force, dt)
        self.until_tick -= dt
        if self.until_tick < DUE:
            self.until_tick = self._period

    def _velocity(self, force: float) -> float:
        """Return the velocity (m/s) until the next tick."""
        c = self._c
        felt = force * self._gain + self._zero + self._rng.gauss(0.0, c.noise_n)
        if math.isnan(self._asked):
            self._setpoint, self._integral = math.nan, 0.0
            return 0.0
        if felt < c.contact_n and self._asked > 0.0:
            self._setpoint, self._integral = felt, 0.0
            near = self.position >= c.touch_position_mm * 1e-3
            return (c.touch_velocity_mm_s if near else c.approach_velocity_mm_s) * 1e-3
        if math.isnan(self._setpoint):
            self._setpoint = felt
        most = self._rate * self._period
        self._setpoint += min(most, max(-most, self._asked - self._setpoint))
        if self._setpoint <= 0.0 and felt < c.contact_n:
            self._integral = 0.0
            return -c.approach_velocity_mm_s * 1e-3 if self.position > 0.0 else 0.0
        return self._regulate(self._setpoint - felt)

    def _regulate(self, error: float) -> float:
        share = error * self._period / self._c.integral_time_s
        wanted = self._proportional * (error + self._integral + share)
        if abs(wanted) < self._fastest or wanted * error < 0.0:
            self._integral += share
        return min(self._fastest, max(-self._fastest, wanted))
