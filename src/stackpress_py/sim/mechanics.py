"""Ram, frame and die: the force is the equilibrium between the ram's position and all that gives way. SI units."""

import math

from .config import PressConfig
from .drive import Drive, Play
from .friction import dahl
from .hydraulics import Hydraulics
from .sample import Blank, Body

#: m; an equilibrium is found when all lengths agree to this (2.5 mN on a stiff frame).
CLOSED = 5e-11
#: Part of the pressure and m up to which a step of Newton's is the last one: what it misses is of second order, below
#: a millionth of the force.
LAST_CHANGE = 1e-4
LAST_EXCESS = 2e-8
MOST_ITERATIONS = 60
#: Pa beyond which no equilibrium is sought.
HIGHEST_PRESSURE = 1e11


class Mechanics:
    """A die of that area between ram and frame, with or without a sample.

    The frame gives way by ``F / k + s (1 - exp(-F / F_s))``: joints settle at small forces. Wall friction makes the
    ram's force ``P A exp(f c h / d)`` with f from -1 (the sample expands) to 1 (it is compressed), turning round
    over a small travel. What backs the ram is a screw, which stands, or oil, which gives way too.

    Attributes:
        drive: what moves the ram.
        area: m^2 of the die.
        force: N, on ram and load cells.
        pressure: Pa, on the sample.
        stiffness: N/m, slope of the force over the ram's position; 0 without contact.
        sample: what lies in the die; None: nothing.
    """

    def __init__(self, config: PressConfig, drive: Drive | Hydraulics) -> None:
        self.drive = drive
        self.diameter = config.die_diameter_mm * 1e-3
        self.area = math.pi / 4.0 * self.diameter**2
        self.force = 0.0
        self.pressure = 0.0
        self.stiffness = 0.0
        self.sample: Body | None = None
        self._oil = drive if isinstance(drive, Hydraulics) else None
        self._play = Play(config)
        self._bottom_position = config.die_bottom_mm * 1e-3
        self._bottom = Blank(0.0, config.bottom_stiffness_kn_mm * 1e6, self.area)
        self._frame = 1.0 / (config.frame_stiffness_kn_mm * 1e6)
        self._seating = config.seating_um * 1e-6
        self._seating_force = config.seating_force_n
        self._friction = 0.0
        self._height = 0.0
        self._ram = 0.0
        self._closed = 0.0
        self._pressure_slope = 0.0

    def lay(self, sample: Body | None) -> None:
        """Put a body into the empty die, or take out what is there."""
        self.sample = sample
        self._friction = 0.0
        self.pressure = 0.0

    def step(self, expansion: float, warming: float, dt: float) -> None:
        """Advance by ``dt`` s.

        Args:
            expansion: m by which the thermal expansion, and the sample's own, close the press.
            warming: K of the sample above the room.
            dt: s.
        """
        drive, oil, play = self.drive, self._oil, self._play
        drive.step(self.force, dt)
        body = self.sample if self.sample is not None else self._bottom
        backed = play.follow(drive.position) if oil is None else oil.supply
        # The pressure will go on as it did in the last step.
        closed = backed + expansion
        closer = closed - self._closed - body.flow(warming, dt)
        self._closed = closed
        guess = max(0.0, self.pressure + self._pressure_slope * closer)
        room = self._bottom_position - expansion
        friction = self._solve(body, room, backed, guess)
        if oil is not None:
            oil.settle(self._ram, self.force)
        elif play.yields(drive.position, self.force):
            backed = play.push_back(drive.position, self.force, self.stiffness)
            friction = self._solve(body, room, backed, self.pressure)
        self._friction = friction
        body.settle(self.pressure, self._height)

    def _solve(self, body: Body, room: float, backed: float, pressure: float) -> float:
        """Find the pressure at which stack and frame fill the room up to the ram (guarded Newton).

        Args:
            body: what is pressed.
            room: m from the die's bottom to the open ram.
            backed: m, the place of a screw, or the supply of oil.
            pressure: Pa, a guess.

        Returns:
            the state of the friction on the wall.
        """
        oil = self._oil
        touch = room - body.free_height
        if backed - touch <= (0.0 if oil is None else oil.give(touch, 0.0)[0]):
            self._ram = backed if oil is None else oil.free()
            self.pressure = self.force = self.stiffness = self._pressure_slope = 0.0
            self._height = body.free_height
            return dahl(self._friction, body.wall_travel, body.height - self._height)[0]
        area, state, travel, kink = self.area, self._friction, body.wall_travel, body.kink
        most = body.wall_friction * body.height / self.diameter
        friction = friction_slope = 0.0
        low, high = 0.0, HIGHEST_PRESSURE
        for _ in range(MOST_ITERATIONS):
            height, slope = body.height_at(pressure)
            force, force_slope = pressure * area, area
            if most > 0.0:
                friction, friction_slope = dahl(state, travel, body.height - height)
                share = math.exp(most * friction)
                force_slope = share * (area - force * most * friction_slope * slope)
                force *= share
            seated = self._seating * math.exp(-force / self._seating_force)
            ram = room - height + self._frame * force + (self._seating - seated)
            ram_slope = (self._frame + seated / self._seating_force) * force_slope - slope
            give, excess = ram_slope, backed - ram
            if oil is not None:
                missing, by_ram, by_force = oil.give(ram, force)
                excess -= missing
                give += by_ram * ram_slope + by_force * force_slope
            change = excess / give
            found = pressure + change
            if abs(excess) < CLOSED or (
                abs(change) <= LAST_CHANGE * pressure
                and abs(excess) <= LAST_EXCESS
                and (found <= kink) is (pressure <= kink)
            ):
                break
            if excess > 0.0:
                low = pressure
            else:
                high = pressure
            pressure = found
            if not low <= pressure <= high:
                pressure = 0.5 * (low + min(high, 2.0 * low + 1e6))
        change = max(change, -pressure)
        self.pressure, self.force = pressure + change, force + force_slope * change
        self._height, self._ram = height + slope * change, ram + ram_slope * change
        self.stiffness, self._pressure_slope = force_slope / ram_slope, 1.0 / give
        return dahl(state, travel, body.height - self._height)[0] if most > 0.0 else 0.0
