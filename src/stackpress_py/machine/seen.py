"""What the machine sees, what it tells, and its limits."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from stackpress_py.control.compliance import Compliance
from stackpress_py.machine.handover import UNSEEN, HandoverLimits, PressView
from stackpress_py.machine.phase import Sample


class Severity(IntEnum):
    """As in RunEvent."""

    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True, slots=True)
class Event:
    """Something for the journal; fields as in RunEvent."""

    severity: Severity
    code: str
    text: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One message of the driver.

    Attributes:
        stamp: s, when it was measured, on the clock of the record.
        sample: what a run's accounts take.
        view: what the handover looks at.
        interlocks: latched trips, bits; 0: none.
        interlock_text: their names.
        zero_valid: the force sensors read zero when last nothing could touch them.
    """

    stamp: float
    sample: Sample
    view: PressView
    interlocks: int
    interlock_text: str
    zero_valid: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """What has been seen since the last tick.

    Attributes:
        measurements: in their order.
        silence: s since the press was last connected.
        dead: names of dead nodes.
        health_silence: s since the supervisor was last heard; 0 where none was ever heard.
    """

    measurements: Sequence[Measurement] = ()
    silence: float = 0.0
    dead: Sequence[str] = ()
    health_silence: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Times and thresholds of the machine.

    Attributes:
        silence: s without a connected press after which the machine aborts.
        health_silence: s without the supervisor after which the machine aborts.
        release_rate: N/s, unload where no recipe gives a rate.
        force_rate: N/s, machine's limit: a vent unloads as fast.
        opening_time: s that unloading may take beyond what its rate asks for.
        record_time: s for the logger to open or close a record.
        answer_time: s for anything that is done at once.
        handover: of the handover.
        by_hand: a person moves the press, and is told what to do.
        compliance: how the press gives way under its force; None: it cannot tell the height of a cell.
    """

    silence: float = 1.5
    health_silence: float = 1.5
    release_rate: float = 200.0
    force_rate: float = 20e3
    opening_time: float = 60.0
    record_time: float = 20.0
    answer_time: float = 5.0
    handover: HandoverLimits = field(default_factory=HandoverLimits)
    by_hand: bool = False
    compliance: Compliance | None = None


NOTHING_SEEN = Measurement(math.nan, Sample(math.nan, math.nan, math.nan, math.nan), UNSEEN, 0, "")
