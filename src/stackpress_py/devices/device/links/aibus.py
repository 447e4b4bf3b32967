"""The way of one AIBUS instrument over its line."""

from typing import Protocol

from stackpress_py.devices.bus.errors import ReplyError
from stackpress_py.devices.bus.timing import Patience
from stackpress_py.devices.device.links.link import Numbers, patience
from stackpress_py.devices.device.profile import AibusProfile
from stackpress_py.devices.device.words import Raw


class AibusAnswer(Protocol):
    """What every answer of an AIBUS instrument tells, raw."""

    @property
    def process_value(self) -> int:
        """Measured value."""

    @property
    def set_point(self) -> int:
        """Set-point."""

    @property
    def output(self) -> int:
        """Output, %."""

    @property
    def alarm(self) -> int:
        """Alarm bits."""

    @property
    def value(self) -> int:
        """The parameter that was asked for."""


class AibusBus(Protocol):
    """A master of an AIBUS line."""

    def read(self, unit: int, parameter: int, patience: Patience) -> AibusAnswer:
        """Read a parameter."""

    def write(self, unit: int, parameter: int, value: int, patience: Patience) -> AibusAnswer:
        """Write a parameter."""

    def distrust(self) -> None:
        """Listen until the line is silent before speaking again."""


class AibusLink:
    """One AIBUS instrument.

    Args:
        master: of its line.
        unit: its address.
        profile: of the instrument.
    """

    def __init__(self, master: AibusBus, unit: int, profile: AibusProfile) -> None:
        self._master = master
        self._unit = unit
        self._profile = profile
        self._patience = patience(profile)

    def read(self, names: frozenset[str]) -> dict[str, Raw]:
        """Return the raw values of points: each parameter asked for twice, at least one question."""
        points = self._profile.points
        codes = {name: code for name in names if (code := points[name].parameter) is not None}
        answers = {code: self._parameter(code) for code in sorted(set(codes.values()))}
        found: dict[str, Raw] = {name: answers[code].value for name, code in codes.items()}
        # Every answer tells the measured value; the set-point (0) is a parameter of them all.
        latest = list(answers.values()) or [self._ask(0)]
        told = {
            "process_value": latest[-1].process_value,
            "set_point": latest[-1].set_point,
            "output": latest[-1].output,
            "alarm": latest[-1].alarm,
        }
        found.update(
            {name: told[part] for name in names if (part := points[name].answer) is not None}
        )
        return found

    def _parameter(self, code: int) -> AibusAnswer:
        """Return the answer to a parameter.

        No answer tells which parameter it is of: a late one would pass for another's value, and a
        number of decimals that is a set-point makes every value wrong. The second one is its own.
        """
        first, second = self._ask(code), self._ask(code)
        if first.value != second.value:
            self._master.distrust()
            raise ReplyError(
                f"unit {self._unit} told {first.value} and {second.value} for parameter {code:02X}h:"
                " one of them is a late answer"
            )
        return second

    def _ask(self, code: int) -> AibusAnswer:
        return self._master.read(self._unit, code, self._patience)

    def write(self, numbers: Numbers) -> None:
        """Write raw numbers to parameters, one request each."""
        for name, number in numbers.items():
            parameter = self._profile.points[name].parameter
            if parameter is None:
                raise ValueError(f"{name} is no parameter")
            self._master.write(self._unit, parameter, int(number), self._patience)

    def exchange(self, numbers: Numbers, names: frozenset[str]) -> dict[str, Raw]:
        """Write points, then read others."""
        self.write(numbers)
        return self.read(names)

    def distrust(self) -> None:
        """Listen until the bus is silent before speaking again: an answer was wrong."""
        self._master.distrust()
