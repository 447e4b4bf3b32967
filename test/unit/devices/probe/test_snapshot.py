"""All that a device says at one moment, over a line that drops and refuses."""

import struct
from collections.abc import Sequence

import pytest

from stackpress_py.devices.bus.errors import NoReplyError, PortError
from stackpress_py.devices.probe.read_only import Setting, serial_wire
from stackpress_py.devices.probe.snapshot import DeviceReader, Snapshot
from unit.devices.probe.fakes import ProbedLine, Slave, words_of
from unit.devices.probe.instrument import PROFILE

SETTING = Setting(19200, "8E1")


def registers() -> dict[int, int]:
    """The registers of an instrument at which nothing is to be found fault with."""
    found = dict(enumerate(struct.unpack(">4H", b"INSTR-7\0")))
    found |= {5: 1, 10: 15, 24: 251, 25: 1234, 26: 2, 29: 0x0201, 32: 1, 33: 0, 36: 20}
    for address, kind, value in (
        (20, "f", 25.5), (22, "f", 80.0), (27, "I", 55), (30, "f", 3.5), (34, "i", 77),
    ):  # fmt: skip
        found |= dict(enumerate(words_of(kind, value), address))
    return found


class Rig:
    """An instrument on a line, and what reads it."""

    def __init__(self) -> None:
        self.slave = Slave(1, registers())
        self.swallowed = 0
        self.line = ProbedLine({SETTING: [self._hear]})
        self.line.opener(SETTING)
        wire = serial_wire(self.line, "modbus", SETTING, [PROFILE], self.line.when)
        wire.tap.open()
        self.reader = DeviceReader("one", PROFILE, 1, wire)

    def _hear(self, frame: bytes) -> Sequence[tuple[float, bytes]]:
        answer = self.slave(frame)
        if self.swallowed:
            self.swallowed -= 1
            return []
        return answer

    def keep_only(self, *addresses: int) -> None:
        self.slave.registers = {a: registers()[a] for a in addresses}

    def drop(self, *addresses: int) -> None:
        self.slave.registers = {a: w for a, w in registers().items() if a not in addresses}


@pytest.fixture
def rig() -> Rig:
    return Rig()


def problems(snapshot: Snapshot) -> dict[str, str]:
    return {each.name: each.problem for each in snapshot.readings if each.problem}


def test_every_value_is_read_with_the_time_that_it_took(rig: Rig) -> None:
    snapshot = rig.reader.read()
    assert snapshot.fine
    values = {each.name: each.value for each in snapshot.readings}
    assert (values["temperature"], values["target"], values["count"]) == (25.5, 80.0, 77.0)
    assert values["oven"] == pytest.approx(25.1)
    # The slave's 5 ms, and at most 50 bytes at 19200 baud.
    assert all(0.005 < each.latency < 0.034 for each in snapshot.readings)


def test_a_register_that_is_refused_is_named_and_the_rest_is_read(rig: Rig) -> None:
    rig.drop(24)
    snapshot = rig.reader.read()
    assert problems(snapshot) == {
        "oven": "unit 1 refuses function 03: exception 2 (illegal address), at holding register 24"
        " (0018h)"
    }
    assert not snapshot.fine
    assert {each.name: each.value for each in snapshot.readings}["temperature"] == 25.5


def test_a_gap_that_may_not_be_read_is_the_profiles_fault(rig: Rig) -> None:
    def without_long_reads(frame: bytes) -> Sequence[tuple[float, bytes]]:
        (count,) = struct.unpack(">H", frame[4:6])
        whole = dict(rig.slave.registers)
        if count > 4:
            rig.slave.registers = {}
        answer = rig.slave(frame)
        rig.slave.registers = whole
        return answer

    rig.line.devices = {SETTING: [without_long_reads]}
    snapshot = rig.reader.read()
    assert problems(snapshot) == {}
    (finding,) = snapshot.findings
    assert finding.wrong
    assert finding.text.endswith(
        "refused in one request and given one by one; make `bridge` or `most_read` of the profile"
        " smaller"
    )


def test_a_device_that_refuses_everything_is_another_one(rig: Rig) -> None:
    rig.keep_only()
    snapshot = rig.reader.read()
    assert len(problems(snapshot)) == len(snapshot.readings)
    (finding,) = snapshot.findings
    assert finding.text.startswith("the device answers, and refuses all that instrument has:")


def test_one_lost_answer_is_a_glitch(rig: Rig) -> None:
    rig.swallowed = 1
    assert rig.reader.read().fine


@pytest.mark.parametrize("latency", [0.07, 0.12, 0.3])
def test_a_device_that_is_slower_than_its_profile_is_read_rightly_and_told(
    latency: float, rig: Rig
) -> None:
    rig.slave.latency = latency
    snapshot = rig.reader.read()
    assert problems(snapshot) == {}
    assert {each.name: each.value for each in snapshot.readings}["count"] == 77.0
    (finding,) = snapshot.findings
    assert finding.text.startswith("the device answers later than the 50 ms of the profile:")


def test_a_silent_device_is_told_within_seconds(rig: Rig) -> None:
    rig.swallowed = 1000
    begin = rig.line.time
    with pytest.raises(NoReplyError):
        rig.reader.read()
    assert rig.line.time - begin < 3.0


def test_a_device_that_is_silent_where_it_has_nothing_still_tells_the_rest(rig: Rig) -> None:
    rig.slave.silent_elsewhere = True
    rig.drop(10)
    snapshot = rig.reader.read()
    assert problems(snapshot) == {"unit_code": "unit 1 does not answer"}


def test_a_port_that_is_lost_is_no_fault_of_the_device(rig: Rig) -> None:
    rig.line.unplug()
    with pytest.raises(PortError):
        rig.reader.read()
