"""What holds for every device of the catalogue, whatever it is asked and whatever it measures."""

import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.sim.devices.catalogue import MODELS, Model
from stackpress_py.sim.devices.device import SimulatedDevice
from stackpress_py.sim.devices.modbus_device import ModbusDevice
from stackpress_py.sim.modbus_slave import crc

MODBUS = [name for name, model in MODELS.items() if model.modbus]
TEXT = [name for name, model in MODELS.items() if not model.modbus]
VALUES = (math.nan, -1e9, -1.0, 0.0, 25.0, 500.0, 1e9)
WORDS = st.integers(0, 0xFFFF) | st.sampled_from((0, 1, 0x7F80, 0x7FC0, 0xFF00, 0xFFFF))


class World:
    """A quantity that a test sets."""

    def __init__(self, model: Model) -> None:
        self.value = model.value
        self.device: SimulatedDevice = model.make(model.settings(), lambda: self.value)


def request(function: int, address: int, count: int, words: list[int]) -> bytes:
    head = struct.pack(">BBH", 1, function, address)
    if function in (5, 6):
        return head + struct.pack(">H", words[0])
    if function in (15, 16):
        head += struct.pack(">HB", count, 2 * count if function == 16 else (count + 7) // 8)
        data = struct.pack(">16H", *words)
        return head + data[: head[-1]]
    return head + struct.pack(">H", count)


def places(device: SimulatedDevice) -> list[int]:
    """Return the registers that a device has, and those behind each group of them."""
    assert isinstance(device, ModbusDevice)
    known = {*device.holding.addresses(), *device.inputs.addresses()}
    return sorted(known | {address + 1 & 0xFFFF for address in known})


def check(name: str, body: bytes, reply: bytes | None) -> None:
    function = body[1]
    if reply is None:
        # Only a software reset is not answered.
        assert name == "omron_e5c" and function in (6, 16)
        return
    assert crc(reply[:-2]) == reply[-2:] and reply[0] == 1
    assert reply[1] == function or (reply[1] == function | 0x80 and 1 <= reply[2] <= 4)


@pytest.mark.parametrize("name", MODBUS)
@pytest.mark.parametrize("value", VALUES)
def test_every_register_can_be_read_whatever_is_measured(name: str, value: float) -> None:
    world = World(MODELS[name])
    world.value = value
    world.device.advance(1.0)
    for address in places(world.device):
        for function in (3, 4):
            body = request(function, address, 1, [])
            check(name, body, world.device.answer(body + crc(body), 1.0))


@pytest.mark.parametrize("name", MODBUS)
@settings(max_examples=50)
@given(st.data())
def test_every_request_has_a_whole_answer(name: str, data: st.DataObject) -> None:
    world = World(MODELS[name])
    registers = places(world.device)
    now = 0.0
    for _ in range(data.draw(st.integers(1, 8))):
        function = data.draw(st.sampled_from((1, 2, 3, 4, 5, 6, 8, 15, 16, 16, 16, 23)))
        place = data.draw(st.sampled_from(registers) | st.integers(0, 0xFFFF))
        words = data.draw(st.lists(WORDS, min_size=16, max_size=16))
        body = request(function, place, data.draw(st.integers(1, 4) | st.integers(1, 16)), words)
        world.value = data.draw(st.sampled_from(VALUES))
        now += data.draw(st.sampled_from((0.001, 0.3, 1.5)))
        world.device.advance(now)
        check(name, body, world.device.answer(body + crc(body), now))


@pytest.mark.parametrize("name", MODELS)
def test_time_may_stand_still_and_pass_in_any_steps(name: str) -> None:
    world = World(MODELS[name])
    for now in (0.0, 0.0, 1e-6, 0.5, 0.5, 7.25):
        world.device.advance(now)
        assert isinstance(world.device.emit(now), bytes)
        word = world.device.next_word(now)
        assert word is None or word >= now
        assert isinstance(world.device.truth(), dict)


@pytest.mark.parametrize("name", TEXT)
@given(noise=st.binary(max_size=40))
def test_noise_does_no_harm(name: str, noise: bytes) -> None:
    world = World(MODELS[name])
    world.device.advance(1.0)
    reply = world.device.answer(noise, 1.0)
    assert reply is None or isinstance(reply, bytes)


@pytest.mark.parametrize("name", MODBUS)
def test_other_units_are_left_to_others(name: str) -> None:
    world = World(MODELS[name])
    for body in (b"\x02\x03\x00\x00\x00\x01", b"\x02\x06\x00\x00\x00\x01"):
        assert world.device.answer(body + crc(body), 0.0) is None
