"""What a search has found, and who looks on."""

from dataclasses import dataclass, field
from typing import Protocol

from stackpress_py.devices.probe.fits import Fit
from stackpress_py.devices.probe.listening import Heard
from stackpress_py.devices.probe.read_only import Setting


@dataclass(frozen=True, slots=True)
class Found:
    """A device that answers.

    Attributes:
        protocol: modbus, aibus or ascii.
        setting: of the line; None: it is on TCP.
        unit: its address; None: it has none.
        latency: s from the question's begin to the answer's end; 0: it was not asked.
        says: what it answered.
        fits: profiles, best first.
    """

    protocol: str
    setting: Setting | None
    unit: int | None
    latency: float
    says: str
    fits: tuple[Fit, ...] = ()


@dataclass(slots=True)
class ScanReport:
    """What a search has found so far.

    Attributes:
        found: devices.
        asked: questions that were sent.
        echoes: of them came back, and nothing else.
        noise: begin of what came and is no answer.
        noisy: how often such came.
        heard: what came unasked.
        at: setting at which it was heard.
        masters: units that another master speaks with.
        behind_gateway: questions to which a gateway said that its device does not answer.
        ended: questions after which the other side ended the connection.
        complete: everything was tried.
    """

    found: list[Found] = field(default_factory=list)
    asked: int = 0
    echoes: int = 0
    noise: bytes = b""
    noisy: int = 0
    heard: Heard = Heard.NOTHING
    at: Setting | None = None
    masters: tuple[int, ...] = ()
    behind_gateway: int = 0
    ended: int = 0
    complete: bool = False


class Watcher(Protocol):
    """Who looks on."""

    def trying(self, what: str, done: int, total: int) -> None:
        """Note what is tried now, and how far the search is."""

    def found(self, found: Found) -> None:
        """Note that something answers."""
