"""What the laws of pressure have in common: commands in, a measurement in each cycle, one move out.

Which law a press needs follows from how it is moved: by velocity (:mod:`stackpress_py.control.force`), by the
set-point of a force loop of its own (:mod:`stackpress_py.control.force_setpoint`), by pump and valve
(:mod:`stackpress_py.control.pump_and_valve`), by a person (:mod:`stackpress_py.control.by_hand`).

SI units; forces compressive-positive. An isostatic press counts its pressure as the force on 1 m^2.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, TypeAlias

#: s; a longer time without a known force is a loss of the press. The driver has frozen it long before, and the press
#: its own watchdog; what is left to decide here is whether to go on afterwards.
LONGEST_GAP = 1.0
#: Part of the force that may vanish between two samples; relaxation takes less than a hundredth of it.
LARGEST_DROP = 0.05
#: s by which the reference moves at most from one sample to the next: the press stood still in a longer gap.
LONGEST_STEP = 0.05
#: Noise is below this part of a force's expanded uncertainty, which is mostly accuracy.
NOISE_SHARE = 0.3


class Stage(IntEnum):
    """What the loop is doing; numbers as in LoopState."""

    IDLE = 0
    APPROACH = 1
    RAMP = 2
    HOLD = 3
    UNLOAD = 4
    OPEN = 5
    FREEZE = 6


@dataclass(frozen=True, slots=True)
class ForceSample:
    """One measurement.

    Attributes:
        time: s.
        force: N; NaN: not known.
        uncertainty: N, expanded.
        position: m, of the ram; NaN: not known.
        opened: the press is open; None: it cannot tell.
        temperature: degC, mean of the platens; NaN: not known.
        current: A, of the cycler that charges (+) or discharges (-) the cell; NaN: none, or not known.
    """

    time: float
    force: float
    uncertainty: float
    position: float
    opened: bool | None = None
    temperature: float = math.nan
    current: float = math.nan


@dataclass(frozen=True, slots=True)
class VelocityMove:
    """Move the ram.

    Attributes:
        velocity: m/s, positive towards closing; never 0, which is no move.
    """

    velocity: float

    @property
    def output(self) -> float:
        """As in LoopState."""
        return self.velocity

    @property
    def acts(self) -> bool:
        """True if a press that follows commands must be enabled now."""
        return True


@dataclass(frozen=True, slots=True)
class ForceMove:
    """Let the press's own loop go to a force.

    Attributes:
        force: N.
        rate: N/s, largest rate of the press's own set-point.
    """

    force: float
    rate: float

    @property
    def output(self) -> float:
        """As in LoopState."""
        return self.force

    @property
    def acts(self) -> bool:
        """True if a press that follows commands must be enabled now."""
        return True


@dataclass(frozen=True, slots=True)
class HydraulicMove:
    """Run the pump or open the valve, never both; or neither, and be ready for them.

    Attributes:
        pump, valve: 1, 0..1.
    """

    pump: float
    valve: float

    @property
    def output(self) -> float:
        """As in LoopState."""
        return self.pump - self.valve

    @property
    def acts(self) -> bool:
        """True if a press that follows commands must be enabled now."""
        return self.pump > 0.0 or self.valve > 0.0


Move: TypeAlias = VelocityMove | ForceMove | HydraulicMove


class LawOutput(Protocol):
    """One step of a law."""

    @property
    def stage(self) -> Stage:
        """What the law is doing."""

    @property
    def target(self) -> float:
        """N; NaN without target."""

    @property
    def setpoint(self) -> float:
        """N; NaN without."""

    @property
    def move(self) -> Move | None:
        """What to command; None: stand still."""

    @property
    def lost(self) -> str:
        """One sentence if the law gave up and froze the press in this step; else empty."""


@dataclass(frozen=True, slots=True)
class Output:
    """One step of a law; attributes as in :class:`LawOutput`."""

    stage: Stage
    target: float
    setpoint: float
    move: Move | None
    lost: str = ""


class PressureLaw(Protocol):
    """A law of pressure. Commands change its stage; :meth:`step` answers each measurement."""

    stage: Stage

    @property
    def contact_force(self) -> float:
        """N above which the stack is in contact."""

    @property
    def learned(self) -> Mapping[str, str]:
        """What the law has learned of the press, for people: names with units, and numbers."""

    def press(self, force: float, rate: float, tolerance: float = 0.0) -> None:
        """Bring the stack to a force, from contact or without, and hold it.

        Args:
            force: N, > 0.
            rate: N/s, > 0, at no more than which the set-point moves.
            tolerance: N, half-width of the band in which the force shall be held; 0: as well as it goes.

        Raises:
            ValueError: a number is not finite, or not above 0.
        """

    def hold_present(self) -> None:
        """Hold the force that is on the stack now; without contact stand still."""

    def unload(self, rate: float) -> None:
        """Take the force off at no more than a rate (N/s, > 0) and open.

        Raises:
            ValueError: it is not finite, or not above 0.
        """

    def freeze(self) -> None:
        """Stand still, whatever the force does."""

    def step(self, sample: ForceSample) -> LawOutput:
        """Answer one measurement."""


@dataclass(frozen=True, slots=True)
class PressFacts:
    """What a law must know of a press that has no constants of its own in a tuning file.

    Attributes:
        force_limit: N, more is never asked of the press.
        force_rate: N/s, likewise.
        contact_force: N above which the stack is in contact.
        opening_time: s from contact to the open position, or back.
        period: s between two measurements.
        pump_step, valve_step: smallest step of what pump and valve can be told, 0..1; 1: they are on or off.
    """

    force_limit: float
    force_rate: float
    contact_force: float
    opening_time: float
    period: float
    pump_step: float = 1.0
    valve_step: float = 1.0
