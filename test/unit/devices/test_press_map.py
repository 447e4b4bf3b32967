"""Every register of docs/reference_press_plc.md, byte by byte."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.devices.identity import wrong_identity
from stackpress_py.devices.press_map import SAFE, PressCommand, PressMap, Reading
from stackpress_py.devices.profile import load_profile
from stackpress_py.devices.registers import Point, Register, RegisterType, WordOrder
from stackpress_py.quantities import LENGTH, TEMPERATURE
from unit.devices.fakes import identity_words

PROFILE = load_profile("reference_plc")
MAP = PressMap(PROFILE)
EMPTY = [0] * 19 + [1]


def reading(**registers: int) -> Reading:
    """Decode a block in which `r4=0x4120` stands for register 4."""
    words = list(EMPTY)
    for name, word in registers.items():
        words[int(name[1:])] = word
    return MAP.decode(words)


def test_read_block_register_by_register() -> None:
    assert reading(r0=0xFFFF).heartbeat_echo == 65535
    assert reading(r1=0x1234).sequence == 0x1234
    assert reading(r3=0x0801).faults == 0x0801
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


def test_the_map_version_is_checked() -> None:
    assert MAP.wrong_version(EMPTY) == ""
    assert "map_version 2" in MAP.wrong_version([*EMPTY[:19], 2])


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (SAFE, [7, 0, 0, 0, 0, 0, 0, 0]),
        (PressCommand(velocity=0.0), [7, 1, 0, 0, 0, 0, 0, 0]),
        (PressCommand(velocity=-0.005), [7, 1, 0xC0A0, 0, 0, 0, 0, 0]),
        (PressCommand(upper_power=1.0, lower_power=-0.5), [7, 2, 0, 0, 10000, 60536, 0, 0]),
        (PressCommand(reset=True), [7, 4, 0, 0, 0, 0, 0, 0]),
        (PressCommand(lock=True), [7, 8, 0, 0, 0, 0, 0, 0]),
        (PressCommand(unlock=True), [7, 16, 0, 0, 0, 0, 0, 0]),
    ],
)
def test_write_block(command: PressCommand, words: list[int]) -> None:
    assert list(MAP.encode(command, 7)) == words


@pytest.mark.parametrize(
    "command",
    [
        PressCommand(velocity=0.0101),
        PressCommand(velocity=math.nan),
        PressCommand(velocity=-math.inf),
        PressCommand(upper_power=1.01),
        PressCommand(lower_power=math.nan),
    ],
)
def test_what_the_press_does_not_take_is_refused_and_not_clipped(command: PressCommand) -> None:
    with pytest.raises(ValueError, match="allowed are"):
        MAP.encode(command, 1)


@given(st.floats(-0.01, 0.01), st.floats(-1.0, 1.0), st.integers(0, 65535))
def test_what_is_written_is_what_was_asked(velocity: float, power: float, beat: int) -> None:
    words = MAP.encode(PressCommand(velocity=velocity, upper_power=power), beat)
    sent = struct.unpack(">f", struct.pack(">2H", *words[2:4]))[0]
    assert sent == pytest.approx(velocity * 1e3, rel=1e-6, abs=1e-30)
    upper = words[4] - 0x10000 * (words[4] >> 15)
    assert upper == pytest.approx(power * 1e4, abs=0.501)
    assert words[0] == beat


# ---- types and units -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "order", "words", "value"),
    [
        (RegisterType.U16, WordOrder.HIGH_FIRST, [65535], 65535),
        (RegisterType.I16, WordOrder.HIGH_FIRST, [65535], -1),
        (RegisterType.U32, WordOrder.HIGH_FIRST, [1, 2], 65538),
        (RegisterType.U32, WordOrder.LOW_FIRST, [2, 1], 65538),
        (RegisterType.I32, WordOrder.HIGH_FIRST, [65535, 65534], -2),
        (RegisterType.I32, WordOrder.LOW_FIRST, [65534, 65535], -2),
        (RegisterType.F32, WordOrder.HIGH_FIRST, [0x42F6, 0xE979], 123.456),
        (RegisterType.F32, WordOrder.LOW_FIRST, [0xE979, 0x42F6], 123.456),
    ],
)
def test_types_and_word_orders(
    kind: RegisterType, order: WordOrder, words: list[int], value: float
) -> None:
    point = Point.of(Register(address=5, type=kind), 5, order)
    assert point.decode(words) == pytest.approx(value)
    assert list(point.encode(value)) == words


def test_units_and_scales() -> None:
    feet = Register(address=0, type=RegisterType.I16, scale=0.1, unit="inch")
    point = Point.of(feet, 0, WordOrder.HIGH_FIRST, LENGTH)
    assert point.decode([10]) == pytest.approx(0.0254)
    assert point.encode(-0.0254) == (65526,)
    fahrenheit = Register(address=0, type=RegisterType.I16, unit="degF")
    point = Point.of(fahrenheit, 0, WordOrder.HIGH_FIRST, TEMPERATURE)
    assert point.decode([212]) == pytest.approx(100.0)
    assert point.encode(100.0) == (212,)


def test_a_value_that_does_not_fit_is_refused() -> None:
    point = Point.of(Register(address=0, type=RegisterType.I16), 0, WordOrder.HIGH_FIRST)
    for value in (32768.0, -32769.0, math.nan, math.inf):
        with pytest.raises(ValueError, match=r"does not fit|cannot be written"):
            point.encode(value)


# ---- identity ------------------------------------------------------------------------------------


def test_the_reference_press_is_recognised() -> None:
    assert wrong_identity(PROFILE, identity_words()) == ""


def test_another_device_is_refused() -> None:
    problem = wrong_identity(PROFILE, identity_words(b"ACME PRESS"))
    assert "'ACME PRESS'" in problem
    assert "'STACKPRESS-REF-1'" in problem
    assert wrong_identity(PROFILE, [0] * 24) != ""


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
    assert message in wrong_identity(PROFILE, words)


def test_a_slower_watchdog_than_the_profiles_is_refused() -> None:
    words = identity_words()
    words[8] = 500
    assert "watchdog time is" in wrong_identity(PROFILE, words)
