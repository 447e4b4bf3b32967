"""Ram, frame and die: the force is the equilibrium between the ram's position and all that gives way. SI units."""

import math

from .config import PressConfig
from .drive import Drive, Play
from .sample import Blank, Body

#: m; an equilibrium is found when all lengths agree to this (2.5 mN on a stiff frame).
CLOSED = 5e-11
MOST_ITERATIONS = 60
#: Pa beyond which no equilibrium is sought.
HIGHEST_PRESSURE = 1e11


class Mechanics:
    """A die of that area between ram and frame, with or without a sample.

    The frame gives way by ``F / k + s (1 - exp(-F / F_s))``: joints settle at small forces. Wall friction makes the
    ram's force ``P A exp(f c h / d)`` with f from -1 (the sample expands) to 1 (it is compressed), turning round
    over a small travel as in Dahl's model.

    Attributes:
        drive: the servo drive.
        area: m^2 of the die.
        force: N, on ram and load cells.
        pressure: Pa, on the sample.
        stiffness: N/m, slope of the force over the ram's position; 0 without contact.
        sample: what lies in the die; None: nothing.
    """

    def __init__(self, config: PressConfig) -> None:
        self.drive = Drive(config)
        self.diameter = config.die_diameter_mm * 1e-3
        self.area = math.pi / 4.0 * self.diameter**2
        self.force = 0.0
        self.pressure = 0.0
        self.stiffness = 0.0
        self.sample: Body | None = None
        self._play = Play(config)
        self._bottom_position = config.die_bottom_mm * 1e-3
        self._bottom = Blank(0.0, config.bottom_stiffness_kn_mm * 1e6, self.area)
        self._frame = 1.0 / (config.frame_stiffness_kn_mm * 1e6)
        self._seating = config.seating_um * 1e-6
        self._seating_force = config.seating_force_n
        self._friction = 0.0
        self._height = 0.0

    def lay(self, sample: Body | None) -> None:
        """Put a body into the empty die, or take out what is there."""
        self.sample = sample
        self._friction = 0.0

    def step(self, command: float, expansion: float, warming: float, dt: float) -> None:
        """Advance by ``dt`` s.

        Args:
            command: m/s.
            expansion: m by which the thermal expansion closes the press.
            warming: K of the sample above the room.
            dt: s.
        """
        self.drive.step(command, self.force, dt)
        screw, play = self.drive.position, self._play
        play.follow(screw)
        body = self.sample if self.sample is not None else self._bottom
        room = self._bottom_position - expansion
        self._solve(body, room - play.ram)
        if play.yields(screw, self.force):
            play.push_back(screw, self.force, self.stiffness)
            self._solve(body, room - play.ram)
        self._friction = self._rubbed(body, body.height - self._height)[0]
        body.settle(self.pressure, self._height, warming, dt)

    def _solve(self, body: Body, gap: float) -> None:
        """Find the pressure at which the body's height equals the gap and the give of the frame (guarded Newton)."""
        if body.free_height <= gap:
            self.pressure = self.force = self.stiffness = 0.0
            self._height = body.free_height
            return
        low, high = 0.0, HIGHEST_PRESSURE
        pressure = self.pressure
        for _ in range(MOST_ITERATIONS):
            height, slope = body.height_at(pressure)
            force, force_slope = self._ram_force(body, pressure, height, slope)
            seated = self._seating * math.exp(-force / self._seating_force)
            excess = height - gap - self._frame * force - (self._seating - seated)
            give = (self._frame + seated / self._seating_force) * force_slope - slope
            if abs(excess) < CLOSED:
                break
            if excess > 0.0:
                low = pressure
            else:
                high = pressure
            pressure += excess / give
            if not low <= pressure <= high:
                pressure = 0.5 * (low + min(high, 2.0 * low + 1e6))
        self.pressure, self.force, self._height = pressure, force, height
        self.stiffness = force_slope / give

    def _ram_force(
        self, body: Body, pressure: float, height: float, slope: float
    ) -> tuple[float, float]:
        """Return the ram's force and its slope over the pressure."""
        force = pressure * self.area
        if body.wall_friction == 0.0:
            return force, self.area
        most = body.wall_friction * body.height / self.diameter
        friction, friction_slope = self._rubbed(body, body.height - height)
        share = math.exp(most * friction)
        return force * share, share * (self.area - force * most * friction_slope * slope)

    def _rubbed(self, body: Body, compression: float) -> tuple[float, float]:
        """Return the friction state after a compression (m), -1..1, and its slope (1/m)."""
        if compression >= 0.0:
            left = (1.0 - self._friction) * math.exp(-compression / body.wall_travel)
            return 1.0 - left, left / body.wall_travel
        left = (1.0 + self._friction) * math.exp(compression / body.wall_travel)
        return left - 1.0, left / body.wall_travel
