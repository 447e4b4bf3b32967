"""A temperature controller of Yudian's AI family (AI-518 and kin) on AIBUS, with its own loop.

Sourced: the frames (see ``aibus_frames``); the codes 00h to 11h and dPt, which is read with 128 added where all values
in the unit of the measured value must be divided by 10, and written without (Yudian communication protocol V8.x,
2011); 15h model code, 1Ah output, 1Bh run/stop/hold, values from 7F00h for what does not exist, 32000 as the largest
that can be written (public notes on the AI-516/518). Instruments of the older protocol run and stop by 15h (0, 4, 12)
and have the programme's temperatures and minutes from 1Ah on: a stop written to 1Bh there sets the first segment's
time (public driver of an AI-518P furnace). That is the setting ``protocol: V7``.

Unverified: the bits of the alarm byte, what an open sensor shows (here: top of the range, alarm, no output), the sample
period, the sign of dLAL, that a refused write is answered with the value in force.
"""

from collections.abc import Callable
from enum import IntFlag

from .aibus_frames import Reading, packed_reply, parsed_request
from .device import SimulatedDevice
from .regulator import Regulator
from .yudian_parameters import LARGEST, Code, Parameters, Settings, State

#: s between two samples of the input.
SAMPLE = 0.25


class Alarm(IntFlag):
    """Bits of the alarm byte."""

    NONE = 0
    HIGH = 1
    LOW = 2
    HIGH_DEVIATION = 4
    LOW_DEVIATION = 8
    INPUT = 16


class YudianAi(SimulatedDevice):
    """One instrument with its heater.

    Attributes:
        unit: its address.
    """

    def __init__(self, settings: Settings, temperature: Callable[[], float]) -> None:
        """Take the thermocouple's temperature, degC; NaN: it is broken."""
        self.unit = settings.unit
        self._parameters = Parameters(settings)
        self._temperature = temperature
        self._loop = Regulator(settings, self._sensed, SAMPLE)
        self._alarms = Alarm.NONE
        self._apply()

    @property
    def output(self) -> float:
        """Share of the heater's power, 0 to 1."""
        return self._loop.output

    def truth(self) -> dict[str, object]:
        """Return output, set-point, state and the writes of each parameter by its code."""
        return {
            "output": self.output,
            "set_point": self._parameters.degrees(Code.TARGET),
            "state": self._parameters.state.name.lower(),
            "writes": {f"{code:02X}": count for code, count in self._parameters.writes.items()},
        }

    def advance(self, now: float) -> None:
        """Sample and control up to now."""
        self._loop.advance(now, self._before_sample)
        self._parameters.output = round(100.0 * self._loop.output)
        self._alarms = self._watched()

    def answer(self, frame: bytes, now: float) -> bytes | None:
        """Return the reply to a request for this address."""
        request = parsed_request(frame)
        if request is None or request.address != self.unit:
            return None
        self.advance(now)
        if request.write:
            self._parameters.write(request.code, request.value)
            self._apply()
        return packed_reply(self.unit, self._reading(), self._parameters.read(request.code))

    # ---- control ---------------------------------------------------------------------------------

    def _sensed(self) -> float:
        return self._temperature() + self._parameters.degrees(Code.SHIFT)

    def _apply(self) -> None:
        """Give the loop what the parameters say."""
        parameters, loop = self._parameters, self._loop
        loop.band = parameters.degrees(Code.BAND)
        loop.integral = float(parameters[Code.INTEGRAL])
        loop.derivative = parameters[Code.DERIVATIVE] / 10.0
        loop.off = parameters.state is State.STOP
        if loop.off:
            loop.restart()
            parameters.output = 0
        if parameters[Code.CONTROL] != 0:
            loop.manual = None

    def _before_sample(self, seconds: float) -> float:
        """Return the set-point, degC; switch the output where control is on and off."""
        target = self._parameters.degrees(Code.TARGET)
        if self._parameters[Code.CONTROL] == 0:
            half = self._parameters.degrees(Code.HYSTERESIS)
            error = target - self._loop.measured
            on = error > half or (error > -half and self._loop.output > 0.0)
            self._loop.manual = 1.0 if on else 0.0
        return target

    # ---- what a reply carries --------------------------------------------------------------------

    def _measured(self) -> float:
        if self._loop.broken:
            return self._parameters.degrees(Code.SCALE_HIGH)
        return self._loop.measured

    def _reading(self) -> Reading:
        measured = round(self._measured() * self._parameters.scale)
        return Reading(
            measured=max(-LARGEST, min(LARGEST, measured)),
            target=self._parameters[Code.TARGET],
            output=self._parameters.output,
            alarms=int(self._alarms),
        )

    def _watched(self) -> Alarm:
        """Return the alarms of now; each goes a hysteresis later than it came."""
        degrees, measured = self._parameters.degrees, self._measured()
        deviation = measured - degrees(Code.TARGET)
        excesses = {
            Alarm.HIGH: measured - degrees(Code.HIGH),
            Alarm.LOW: degrees(Code.LOW) - measured,
            Alarm.HIGH_DEVIATION: deviation - degrees(Code.HIGH_DEVIATION),
            Alarm.LOW_DEVIATION: degrees(Code.LOW_DEVIATION) - deviation,
        }
        alarms = Alarm.INPUT if self._loop.broken else Alarm.NONE
        for alarm, excess in excesses.items():
            held = alarm in self._alarms and excess > -degrees(Code.HYSTERESIS)
            if excess > 0.0 or held:
                alarms |= alarm
        return alarms
