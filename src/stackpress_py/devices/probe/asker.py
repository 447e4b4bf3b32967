"""One question to one unit, and what came of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from stackpress_py.devices.bus.errors import NoReplyError, RefusedError, ReplyError
from stackpress_py.devices.bus.modbus import EXCEPTIONS
from stackpress_py.devices.device.profile import DeviceProfile
from stackpress_py.devices.probe.fits import Fit, fits
from stackpress_py.devices.probe.listening import GLITCH, answers, last_line
from stackpress_py.devices.probe.questions import LONG_WAIT, USUAL_WAIT, Question, patient
from stackpress_py.devices.probe.read_only import ReadOnlyWire

#: Exceptions by which a gateway says that the device behind it did not answer.
_GATEWAY = (10, 11)
#: What an answer says that is as it should be.
VALUES = "values"
#: A late answer is waited for so many times as long as a usual one.
_LINGER = 2.0


class Outcome(Enum):
    """What came of a question.

    Attributes:
        ANSWER: an answer, or an exception: there is a device.
        NOBODY: nothing came.
        ECHO: the question itself came back, and nothing else.
        NOISE: something came that is no answer.
        GATEWAY: a gateway says that its device does not answer.
    """

    ANSWER = "answer"
    NOBODY = "nobody"
    ECHO = "echo"
    NOISE = "noise"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a question.

    Attributes:
        outcome: in one word.
        says: what was answered.
        latency: s from the question's begin to the answer's end.
        noise: what came and is no answer.
    """

    outcome: Outcome
    says: str = ""
    latency: float = 0.0
    noise: bytes = b""


class Asker:
    """Ask questions over one port.

    Args:
        wires: returns the wire of a protocol over the port.
    """

    def __init__(self, wires: Callable[[str], ReadOnlyWire]) -> None:
        self._make = wires
        self._wires: dict[str, ReadOnlyWire] = {}
        self._silent: set[tuple[str, int]] = set()
        self._stray = b""
        self._wait = 0.0

    def ask(self, question: Question) -> Reply:
        """Return what came of a question.

        Raises:
            PortError: the port is gone.
        """
        reply = self._ask(question)
        protocol = question.profile.protocol
        if protocol == "ascii" and reply.says != VALUES:
            # What was asked in other protocols may stand before the first line.
            return self._ask(question)
        if reply.outcome is not Outcome.ANSWER:
            self._silent.add((protocol, question.unit))
        elif (protocol, question.unit) in self._silent:
            # It may have answered an earlier question only now: then nothing fits together.
            self._flush(self._wire(protocol))
            return self._ask(question.patient())
        return reply

    def _ask(self, question: Question) -> Reply:
        wire = self._wire(question.profile.protocol)
        wire.tap.forget()
        self._wait = question.profile.timing.reply_latency
        try:
            wire.link(question.profile, question.unit).read(question.names)
        except RefusedError as error:
            return self._refused(error, wire)
        except NoReplyError:
            return Reply(Outcome.ECHO if wire.tap.echoed else Outcome.NOBODY)
        except ReplyError:
            return self._wrong(question, wire)
        finally:
            if question.profile.protocol == "modbus":
                self._stray += wire.tap.foreign
        return Reply(Outcome.ANSWER, VALUES, wire.latency)

    def fits(
        self, profiles: Iterable[DeviceProfile], protocol: str, unit: int, latency: float
    ) -> tuple[Fit, ...]:
        """Return the profiles that fit a device, best first.

        Args:
            profiles: to try.
            protocol: that the device speaks.
            unit: its address.
            latency: s that its answer took.

        Raises:
            PortError: the port is gone.
        """
        if latency > USUAL_WAIT:
            profiles = [patient(profile, LONG_WAIT) for profile in profiles]
        return fits(profiles, protocol, unit, self._wire(protocol))

    def late(self) -> list[int]:
        """Wait for Modbus answers that come too late; return the units that they are of.

        Raises:
            PortError: the port is gone.
        """
        wire = self._wires.get("modbus")
        if wire is None:
            return []
        wire.tap.forget()
        while wire.tap.read(_LINGER * self._wait):
            pass
        heard, self._stray = self._stray + wire.tap.heard, b""
        return sorted(set(answers(heard)))

    @staticmethod
    def _flush(wire: ReadOnlyWire) -> None:
        while wire.tap.read(LONG_WAIT):
            pass

    def _wire(self, protocol: str) -> ReadOnlyWire:
        if protocol not in self._wires:
            self._wires[protocol] = self._make(protocol)
        return self._wires[protocol]

    @staticmethod
    def _refused(error: RefusedError, wire: ReadOnlyWire) -> Reply:
        if error.code in _GATEWAY:
            return Reply(Outcome.GATEWAY, EXCEPTIONS[error.code])
        meaning = EXCEPTIONS.get(error.code, "unknown")
        # A refusal is timed as well as an answer where the master does so.
        return Reply(Outcome.ANSWER, f"exception {error.code} ({meaning})", wire.latency)

    def _wrong(self, question: Question, wire: ReadOnlyWire) -> Reply:
        """Judge what came instead of the answer."""
        noise = wire.tap.foreign
        if question.profile.protocol == "ascii" and (line := last_line(noise)):
            return Reply(Outcome.ANSWER, f"'{line}'")
        if len(noise) >= GLITCH:
            return Reply(Outcome.NOISE, noise=noise)
        return Reply(Outcome.ECHO if wire.tap.echoed else Outcome.NOBODY)
