"""What the laws of temperature have in common: commands in, a measurement now and then, one number out."""

from typing import Protocol

from stackpress_py.control.heater_watch import Heated
from stackpress_py.control.thermal import ThermalStage


class ThermalLawOutput(Protocol):
    """One step of a law."""

    @property
    def command(self) -> float:
        """What to command: a signed power -1..1, or a set-point in degC; nothing while the stage is IDLE."""

    @property
    def stage(self) -> ThermalStage:
        """What the law is doing."""

    @property
    def target(self) -> float:
        """In degC; NaN without target."""

    @property
    def setpoint(self) -> float:
        """In degC; NaN without target."""

    @property
    def lost(self) -> str:
        """One sentence if the law gave up and switched off in this step; else empty."""


class ThermalLaw(Protocol):
    """A law of one platen's temperature. Commands change its target; :meth:`step` answers each measurement."""

    stage: ThermalStage

    @property
    def setpoint(self) -> float:
        """Present set-point in degC; NaN without target."""

    @property
    def heated(self) -> Heated | None:
        """What the platen is given now, and what is known of it; None: a controller of the press's own heats it."""

    def regulate(self, temperature: float, rate: float) -> None:
        """Ramp to a temperature (degC) at no more than a rate (K/s, > 0) and hold it.

        Raises:
            ValueError: it is not possible.
        """

    def hold_present(self) -> None:
        """Hold the present set-point; without one nothing changes."""

    def off(self) -> None:
        """Switch heating and cooling off."""

    def step(self, now: float, temperature: float, surroundings: float) -> ThermalLawOutput:
        """Answer one measurement: s, degC of the platen, degC of what its losses go to."""
