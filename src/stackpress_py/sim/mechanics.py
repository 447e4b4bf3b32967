"""Drive, frame and die: how a velocity command becomes a force on the stack. SI units."""

import math
from collections import deque
from collections.abc import Callable

from .config import MechanicsConfig
from .sample import Blank, Sample

#: s, step of the integration.
STEP = 0.002
#: Pa, end of the search for an equilibrium.
HIGHEST_PRESSURE = 2.0e9


class Drive:
    """A servo drive with a screw: dead time, lag, limits, quantised velocity, ripple, backlash and leak.

    Attributes:
        position: m, as the drive's encoder tells it.
        velocity: m/s.
        ram: m, position of the ram itself, which lags the encoder by the backlash that is open.
    """

    def __init__(self, config: MechanicsConfig) -> None:
        self._c = config
        self.position = 0.0
        self.velocity = 0.0
        self.ram = 0.0
        steps = max(1, round(config.velocity_dead_time_ms * 1e-3 / STEP))
        self._pipe: deque[float] = deque([0.0] * steps, maxlen=steps)

    def step(self, command: float, force: float) -> None:
        """Advance by STEP; command in m/s, force on the ram in N."""
        c = self._c
        quantum = c.velocity_quantum_um_s * 1e-6
        delayed = self._pipe[0]
        self._pipe.append(round(command / quantum) * quantum if quantum > 0.0 else command)
        change = (delayed - self.velocity) * min(1.0, STEP / (c.velocity_lag_ms * 1e-3))
        limit = c.acceleration_limit_mm_s2 * 1e-3 * STEP
        self.velocity += max(-limit, min(limit, change))
        ripple = 1.0 + c.velocity_ripple * math.sin(2e3 * math.pi * self.position / c.screw_lead_mm)
        leak = c.leak_um_s_kn * 1e-6 * force * 1e-3
        self.position += (self.velocity * ripple - leak) * STEP
        self._play(force)

    def _play(self, force: float) -> None:
        # A load presses the screw against one flank; only an unloaded ram rattles in its backlash.
        lowest = self.position - self._c.backlash_um * 1e-6
        if force > self._c.backlash_preload_n:
            self.ram = lowest
        else:
            self.ram = max(lowest, min(self.position, self.ram))


class Press:
    """Frame and die with a sample: equilibrium between the ram's position and the force.

    Attributes:
        force: N on the ram, as an ideal load cell would tell it.
        pressure: Pa on the sample itself: less than force over area while it is compacted (wall friction).
        sample: what lies in the die; None: nothing.
    """

    def __init__(self, config: MechanicsConfig) -> None:
        self._c = config
        self.area = math.pi / 4.0 * (config.die_diameter_mm * 1e-3) ** 2
        self.drive = Drive(config)
        self.force = 0.0
        self.pressure = 0.0
        self.sample: Sample | None = None
        self._bottom = Blank(0.0, 2.0 * config.frame_stiffness_kn_mm * 1e6, self.area)
        self._frame = config.frame_stiffness_kn_mm * 1e6

    def step(self, command: float, expansion: float) -> None:
        """Advance by STEP; command in m/s, thermal expansion of platens and die in m."""
        self.drive.step(command, self.force)
        body = self.sample if self.sample is not None else self._bottom
        gap = self._c.die_bottom_mm * 1e-3 - self.drive.ram - expansion
        self.pressure = self._equilibrium(body, gap)
        movement = body.settle(self.pressure, STEP)
        self.force = max(0.0, self.pressure * self.area + body.rub(movement))

    def _equilibrium(self, body: Sample, gap: float) -> float:
        """Solve height(P) = gap + F(P)/frame for the pressure (Pa), by bisection on a bracket and secants."""
        rest = body.friction / self._frame
        if body.height_at(0.0) <= gap:
            return 0.0

        def excess(pressure: float) -> float:
            return body.height_at(pressure) - gap - pressure * self.area / self._frame - rest

        # The pressure has changed little since the last step: look near it first.
        low, high = 0.98 * self.pressure, 1.02 * self.pressure + 1.0e3
        f_low = excess(low)
        if f_low <= 0.0:
            low, high, f_high = 0.0, low, f_low
            f_low = excess(low)
            if f_low <= 0.0:
                return 0.0
        else:
            f_high = excess(high)
        while f_high > 0.0 and high < HIGHEST_PRESSURE:
            low, f_low, high = high, f_high, 2.0 * high
            f_high = excess(high)
        return _root(excess, (low, f_low), (high, f_high))


def _root(
    function: Callable[[float], float], low: tuple[float, float], high: tuple[float, float]
) -> float:
    """Find the root of a falling function in a bracket (Illinois method), to 0.1 Pa or 1e-9 of the value."""
    (a, fa), (b, fb) = low, high
    x = b
    side = 0
    for _ in range(80):
        last, x = x, (fa * b - fb * a) / (fa - fb)
        fx = function(x)
        if abs(x - last) <= 0.1 + 1e-9 * x or fx == 0.0:
            break
        if fx > 0.0:
            a, fa = x, fx
            fb *= 0.5 if side > 0 else 1.0
            side = 1
        else:
            b, fb = x, fx
            fa *= 0.5 if side < 0 else 1.0
            side = -1
    return x
