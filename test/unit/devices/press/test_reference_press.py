"""The reference press: every register of docs/reference_press_plc.md, byte by byte."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.timing import Patience
from stackpress_py.devices.device.device import Device
from stackpress_py.devices.device.links import ModbusLink
from stackpress_py.devices.device.profile import ModbusProfile
from stackpress_py.devices.press.command import SAFE, Heat, Levels, PressCommand, Velocity
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.devices.press.reading import Reading
from stackpress_py.devices.press.usage import paths_read
from stackpress_py.devices.press.wiring import Wiring
from unit.devices.fakes import FakePlc, identity_words

PROFILE = load_profile("reference_plc")
WIRING = Wiring(PROFILE)


class Direct:
    """A master whose slave is a function: no line, no time."""

    def __init__(self, plc: FakePlc) -> None:
        self.plc = plc

    def transact(self, unit: int, request: modbus.Request, patience: Patience) -> bytes:
        ((_, frame),) = self.plc.reply(bytes((unit,)) + request.pdu)
        return frame[1:-2]

    def distrust(self) -> None:
        raise AssertionError("an answer of the reference press was not believed")


def device_on(plc: FakePlc) -> Device:
    kind = PROFILE.device_profiles["plc"]
    assert isinstance(kind, ModbusProfile)
    device = Device("plc", kind, ModbusLink(Direct(plc), 1, kind), paths_read(PROFILE)["plc"])
    device.identify(0.0)
    return device


def reading(**registers: int) -> Reading:
    """Read a press in which `r4=0x4120` stands for register 4, and all others are 0."""
    plc = FakePlc()
    device = device_on(plc)
    plc.words = [0] * 19 + [1]
    plc.status = set()
    given = {int(name[1:]): word for name, word in registers.items()}
    plc.fixed = given
    return WIRING.reading({"plc": device.exchange(WIRING.wishes(SAFE)["plc"], 0.0)})


def written(command: PressCommand) -> list[int]:
    """Return the write block of a command."""
    plc = FakePlc()
    device = device_on(plc)
    device.exchange(WIRING.wishes(SAFE)["plc"], 0.0)  # the first one is harmless whatever is wished
    device.exchange(WIRING.wishes(command)["plc"], 0.01)
    return plc.written[-1]


def test_read_block_register_by_register() -> None:
    assert reading(r3=0x0801).faults == ("communication_watchdog", "drive")
    assert reading(r4=0x4120).forces == (0.0, 10.0)
    assert reading(r6=0x4120, r7=0x0000).forces == (10.0, 0.0)
    assert reading(r8=0x4248).position == pytest.approx(0.05)
    assert reading(r10=0xC0A0).velocity == pytest.approx(-0.005)
    assert reading(r12=805).upper_temperature == pytest.approx(80.5)
    assert reading(r13=0x10000 - 55).lower_temperature == pytest.approx(-5.5)
    assert reading(r14=250).frame_temperature == pytest.approx(25.0)
    assert reading(r15=5000).upper_output == pytest.approx(0.5)
    assert reading(r16=0x10000 - 10000).lower_output == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("bit", "name"),
    [
        (1, "motion_enabled"),
        (3, "guard_closed"),
        (4, "estop_released"),
        (5, "at_open_limit"),
        (6, "at_closed_limit"),
        (7, "part_present"),
        (8, "ram_locked"),
        (9, "heating_enabled"),
    ],
)
def test_status_bits(bit: int, name: str) -> None:
    names = ("motion_enabled", "guard_closed", "estop_released", "at_open_limit")
    names += ("at_closed_limit", "part_present", "ram_locked", "heating_enabled")
    found = reading(r2=1 << bit)
    flags = (found.motion_enabled, found.guard_closed, found.estop_released, found.at_open_limit)
    flags += (found.at_closed_limit, found.part_present, found.ram_locked, found.heating_enabled)
    assert [known for known, flag in zip(names, flags, strict=True) if flag] == [name]


def test_sentinels_are_unknown() -> None:
    assert math.isnan(reading(r12=0x8000).upper_temperature)
    assert math.isnan(reading(r13=0x8000).lower_temperature)
    assert math.isnan(reading(r14=0x8000).frame_temperature)
    assert math.isnan(reading(r4=0x7FC0).forces[1])
    assert math.isnan(reading(r8=0x7F80).position), "infinity is no position"


def test_a_force_with_its_fault_bit_is_unknown() -> None:
    assert math.isnan(reading(r3=1 << 6, r4=0x4120).forces[1])
    assert math.isnan(reading(r3=1 << 7, r6=0x4120).forces[0])
    assert reading(r3=1 << 7, r4=0x4120).forces[1] == 10.0


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (SAFE, [7, 0, 0, 0, 0, 0, 0, 0]),
        (PressCommand(Velocity(0.0)), [7, 1, 0, 0, 0, 0, 0, 0]),
        (PressCommand(Velocity(-0.005)), [7, 1, 0xC0A0, 0, 0, 0, 0, 0]),
        (PressCommand(heat=Heat(1.0, -0.5)), [7, 2, 0, 0, 10000, 60536, 0, 0]),
        (PressCommand(levels=Levels(reset=True)), [7, 4, 0, 0, 0, 0, 0, 0]),
        (PressCommand(levels=Levels(lock=True)), [7, 8, 0, 0, 0, 0, 0, 0]),
        (PressCommand(levels=Levels(unlock=True)), [7, 16, 0, 0, 0, 0, 0, 0]),
    ],
)
def test_write_block(command: PressCommand, words: list[int]) -> None:
    assert written(command)[1:] == words[1:]


@pytest.mark.parametrize(
    "command",
    [
        PressCommand(Velocity(0.0101)),
        PressCommand(Velocity(math.nan)),
        PressCommand(Velocity(-math.inf)),
        PressCommand(heat=Heat(1.01, 0.0)),
        PressCommand(heat=Heat(0.0, math.nan)),
    ],
)
def test_what_the_press_does_not_take_is_refused_and_not_clipped(command: PressCommand) -> None:
    with pytest.raises(ValueError, match=r"allowed are|cannot be written"):
        written(command)


@given(st.floats(-0.01, 0.01), st.floats(-1.0, 1.0))
def test_what_is_written_is_what_was_asked(velocity: float, power: float) -> None:
    words = written(PressCommand(Velocity(velocity), Heat(power, 0.0)))
    sent = struct.unpack(">f", struct.pack(">2H", *words[2:4]))[0]
    assert sent == pytest.approx(velocity * 1e3, rel=1e-6, abs=1e-30)
    upper = words[4] - 0x10000 * (words[4] >> 15)
    assert upper == pytest.approx(power * 1e4, abs=0.501)


# ---- what it tells of its own limits -------------------------------------------------------------


def why_weaker(words: list[int]) -> str:
    plc = FakePlc()
    plc.identity = words
    device = device_on(plc)
    return WIRING.why_weaker({"plc": device.exchange(WIRING.wishes(SAFE)["plc"], 0.0)})


def test_the_reference_press_is_as_strong_as_its_profile() -> None:
    assert why_weaker(identity_words()) == ""


@pytest.mark.parametrize(
    ("index", "number", "message"),
    [
        (10, 20_000.0, "force limit is 20 kN, and the profile says more, 22 kN"),
        (16, 50.0, "travel is 50 mm"),
        (18, 5.0, "velocity limit is 5 mm/s"),
        (20, 150.0, "temperature limit is 150 degC"),
        (10, math.nan, "force limit"),
    ],
)
def test_a_weaker_press_than_the_profiles_is_refused(
    index: int, number: float, message: str
) -> None:
    words = identity_words()
    words[index : index + 2] = struct.unpack(">2H", struct.pack(">f", number))
    assert message in why_weaker(words)


def test_a_slower_watchdog_than_the_profiles_is_refused() -> None:
    words = identity_words()
    words[8] = 500
    assert "watchdog time is" in why_weaker(words)
