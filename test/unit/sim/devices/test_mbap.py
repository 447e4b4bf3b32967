"""Modbus TCP around RTU frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.sim.devices.mbap import FrameError, Query, split
from stackpress_py.sim.modbus_slave import crc

READ = bytes.fromhex("0007 0000 0006 11 03 006B 0003")


def test_a_request() -> None:
    buffer = bytearray(READ)
    assert split(buffer) == [Query(7, 0x11, bytes.fromhex("03 006B 0003"))]
    assert buffer == b""


def test_the_same_as_an_rtu_frame_and_back() -> None:
    query = split(bytearray(READ))[0]
    assert query.rtu(1) == bytes.fromhex("01 03 006B 0003 7417")
    reply = bytes.fromhex("01 03 02 002A")
    assert query.reply(reply + crc(reply)) == bytes.fromhex("0007 0000 0005 11 03 02 002A")


@given(st.integers(0, 2 * len(READ)))
def test_requests_may_come_in_any_pieces(cut: int) -> None:
    buffer = bytearray()
    queries = []
    for piece in ((READ + READ)[:cut], (READ + READ)[cut:]):
        buffer += piece
        queries += split(buffer)
    assert queries == [Query(7, 0x11, bytes.fromhex("03 006B 0003"))] * 2


@pytest.mark.parametrize("text", ["0007 0001 0006 11", "0007 0000 0001 11", "0007 0000 00FF 11"])
def test_what_is_no_modbus_tcp(text: str) -> None:
    with pytest.raises(FrameError):
        split(bytearray.fromhex(text))
