"""Random frames, half of them with the right unit and function, given to each contender as answers.

Ours takes them through the whole master, on a line in memory with a clock of its own. The libraries
wait in real time, so that theirs go straight into what they decode frames with.
"""

import random
from collections.abc import Callable

import minimalmodbus
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU

from _bus.stage import UNIT, read_answer
from _bus.trial import Verdict
from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.errors import DeviceError
from stackpress_py.devices.bus.rtu import RtuMaster
from stackpress_py.devices.bus.timing import Patience

FRAMES = 1_000_000
LONGEST = 32
COUNT = 10
HEAD = bytes((UNIT, 3))
CHARACTER = 11 / 115200
SEED = 1

Taker = Callable[[bytes], bool]


def frame(source: random.Random) -> bytes:
    """Return random bytes."""
    noise = source.randbytes(source.randrange(1, LONGEST))
    return HEAD + noise[2:] if source.random() < 0.5 else noise


class MemoryLine:
    """A line without a wire; time passes only when somebody waits.

    Attributes:
        answer: to the next request.
        time: s.
    """

    def __init__(self) -> None:
        self.answer = b""
        self.time = 0.0
        self._coming = b""

    def clock(self) -> float:
        """Return the time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.time += seconds

    def write(self, data: bytes) -> None:
        """Take a request; its answer is there at once."""
        self._coming = self.answer

    def read(self, timeout: float) -> bytes:
        """Return what has come."""
        came, self._coming = self._coming, b""
        if not came:
            self.time += max(timeout, 1e-9)
        return came


def ours() -> Taker:
    """Return our master, as a function that tells whether it takes a frame for an answer."""
    line = MemoryLine()
    master = RtuMaster(line, CHARACTER, line.clock, line.sleep)
    request, patience = modbus.read_registers(0, COUNT), Patience(0.02)

    def takes(frame: bytes) -> bool:
        line.answer = frame
        try:
            master.transact(UNIT, request, patience)
        except DeviceError:
            return False
        return True

    return takes


def pymodbus() -> Taker:
    """Return the decoder of pymodbus's clients."""
    framer = FramerRTU(DecodePDU(False))

    def takes(frame: bytes) -> bool:
        try:
            _, pdu = framer.handleFrame(frame, UNIT, 0)
        except ModbusException:
            return False
        return pdu is not None and not pdu.isError()

    return takes


def minimal() -> Taker:
    """Return the decoder of minimalmodbus, whose public methods would wait before each frame."""
    registers = minimalmodbus._Payloadformat.REGISTERS  # noqa: SLF001
    extract, check = minimalmodbus._extract_payload, minimalmodbus._check_response_payload  # noqa: SLF001

    def takes(frame: bytes) -> bool:
        # It reads no more bytes than it expects.
        try:
            payload = extract(frame[: 5 + 2 * COUNT], UNIT, "rtu", 3)
            check(payload, 3, 0, None, 0, COUNT, 0, False, 0, registers)
        except minimalmodbus.ModbusException:
            return False
        return True

    return takes


TAKERS: dict[str, Callable[[], Taker]] = {
    "ours": ours,
    "pymodbus": pymodbus,
    "minimalmodbus": minimal,
}


def judge(contender: str) -> Verdict:
    """Return how a contender does with random frames."""
    takes, source = TAKERS[contender](), random.Random(SEED)
    if not takes(read_answer(range(COUNT))):
        return Verdict("fail", "does not take the right answer")
    taken = sum(takes(frame(source)) for _ in range(FRAMES))
    if taken:
        return Verdict("wrong", f"took {taken} of {FRAMES:,}")
    return Verdict("pass", f"took none of {FRAMES:,}")
