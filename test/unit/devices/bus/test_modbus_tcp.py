"""The strict TCP master against everything that a stream can do to frames; a real server at last."""

import socket
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.errors import (
    DeviceError,
    NoReplyError,
    PortError,
    RefusedError,
    ReplyError,
)
from stackpress_py.devices.bus.modbus_tcp import TcpMaster
from stackpress_py.devices.bus.tcp_port import TcpPort
from stackpress_py.devices.bus.timing import Patience
from unit.devices.bus.tcp_fakes import (
    ABORT,
    LOCAL,
    Answer,
    Device,
    FakeConnection,
    Peer,
    PymodbusServer,
    framed,
)

PATIENCE = Patience(0.05)
READ_3 = modbus.read_registers(0x10, 3)
PDU_3 = bytes.fromhex("03 06 0001 0002 0003")


def master_on(device: Device) -> tuple[TcpMaster, FakeConnection]:
    connection = FakeConnection(device)
    return TcpMaster(connection, connection.clock), connection


def answering(pdu: bytes) -> Device:
    return lambda request: [(0.002, framed(pdu, request))]


def ask(device: Device) -> tuple[int, ...]:
    master, _ = master_on(device)
    return modbus.registers(master.transact(1, READ_3, PATIENCE))


# ---- frames --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "unit", "sent", "answered"),
    [
        (READ_3, 1, "0001 0000 0006 01 03 0010 0003", "03 06 0001 8000 ffff"),
        (
            modbus.write_registers(100, [7, 8]),
            0xFF,
            "0001 0000 000b ff 10 0064 0002 04 0007 0008",
            "10 0064 0002",
        ),
        (
            modbus.read_write_registers(0, 2, 100, [9]),
            17,
            "0001 0000 000d 11 17 0000 0002 0064 0001 02 0009",
            "17 04 0009 1234",
        ),
    ],
    ids=["03", "16", "23"],
)
def test_transcripts(request_: modbus.Request, unit: int, sent: str, answered: str) -> None:
    master, connection = master_on(answering(bytes.fromhex(answered)))
    assert master.transact(unit, request_, PATIENCE) == bytes.fromhex(answered)
    assert connection.sent == [bytes.fromhex(sent)]
    assert master.latency == pytest.approx(0.002)


def test_every_request_has_its_own_number() -> None:
    master, connection = master_on(answering(PDU_3))
    for _ in range(70_000):
        master.transact(1, READ_3, PATIENCE)
    numbers = [int.from_bytes(frame[:2], "big") for frame in connection.sent]
    assert numbers == [n % 65536 for n in range(1, 70_001)]


@pytest.mark.parametrize("unit", [-1, 256])
def test_impossible_units_are_refused(unit: int) -> None:
    master, connection = master_on(answering(PDU_3))
    with pytest.raises(ValueError, match=f"unit {unit} is not within 0 to 255"):
        master.transact(unit, READ_3, PATIENCE)
    assert connection.sent == []


# ---- the fault matrix ----------------------------------------------------------------------------


def test_a_split_at_every_byte_is_joined() -> None:
    def device(split: int) -> Device:
        def cut(request: bytes) -> Sequence[tuple[float, bytes]]:
            frame = framed(PDU_3, request)
            return [(0.002, frame[:split]), (0.03, frame[split:])]

        return cut

    for split in range(1, 15):
        assert ask(device(split)) == (1, 2, 3)
    one_by_one: Device = lambda request: [  # noqa: E731
        (0.001 * i, bytes((byte,))) for i, byte in enumerate(framed(PDU_3, request))
    ]
    assert ask(one_by_one) == (1, 2, 3)


def test_an_answer_after_the_time_out_is_passed_over() -> None:
    """The trap of a library that does not look at the number: one answer late, for ever."""
    for late in (0.07, 0.13, 0.5):
        delays, values = iter([late, 0.01, 0.01]), iter([1, 2, 3])

        def device(
            request: bytes, delays: Iterator[float] = delays, values: Iterator[int] = values
        ) -> Sequence[tuple[float, bytes]]:
            return [(next(delays), framed(bytes((3, 2, 0, next(values))), request))]

        master, _ = master_on(device)
        one = modbus.read_registers(0, 1)
        with pytest.raises(NoReplyError, match=r"unit 1 of 192\.0\.2\.1:502 does not answer"):
            master.transact(1, one, PATIENCE)
        assert modbus.registers(master.transact(1, one, PATIENCE)) == (2,)
        assert modbus.registers(master.transact(1, one, PATIENCE)) == (3,)


def test_two_frames_in_one_segment_are_taken_apart() -> None:
    """The answer to the question before, late, and half of it alone in a segment of its own."""
    frames: list[bytes] = []

    def device(request: bytes) -> Sequence[tuple[float, bytes]]:
        frames.append(framed(PDU_3, request))
        if len(frames) == 1:
            return []
        both = frames[0] + frames[1]
        return [(0.002, both)] if len(frames) == 2 else [(0.002, both[:9]), (0.003, both[9:])]

    master, _ = master_on(device)
    for silent in (True, False, True, False):
        if silent:
            frames.clear()
            with pytest.raises(NoReplyError):
                master.transact(1, READ_3, PATIENCE)
        else:
            assert master.transact(1, READ_3, PATIENCE) == PDU_3


def test_a_duplicated_answer_is_passed_over() -> None:
    values = iter(range(1, 6))

    def device(request: bytes) -> Sequence[tuple[float, bytes]]:
        frame = framed(bytes((3, 2, 0, next(values))), request)
        return [(0.002, frame), (0.003, frame)]

    master, _ = master_on(device)
    one = modbus.read_registers(0, 1)
    got = [modbus.registers(master.transact(1, one, PATIENCE))[0] for _ in range(5)]
    assert got == [1, 2, 3, 4, 5]


def test_two_answers_to_one_request_are_none() -> None:
    other = bytes.fromhex("03 06 0009 0009 0009")
    with pytest.raises(ReplyError, match="gave more than one answer"):
        ask(lambda request: [(0.002, framed(PDU_3, request) + framed(other, request))])


@pytest.mark.parametrize(
    ("pdu", "told"),
    [
        ("03 04 0001 0002", "something else: 03 04"),
        ("03 08 0001 0002 0003 0004", "something else: 03 08"),
        ("03 06 0001 0002", "something else: 03 06"),
        ("03 06 0001 0002 0003 00", "something else: 03 06"),
        ("04 06 0001 0002 0003", "something else: 04 06"),
        ("03", "something else: 03"),
        ("83", "something else: 83"),
        ("83 02 00", "something else: 83"),
        ("84 02", "something else: 84"),
    ],
)
def test_what_is_not_the_answer_is_told(pdu: str, told: str) -> None:
    with pytest.raises(ReplyError, match=rf"unit 1 of 192\.0\.2\.1:502 answered {told}"):
        ask(answering(bytes.fromhex(pdu)))


@pytest.mark.parametrize("pdu", ["10 0064 0003", "10 0065 0002", "0f 0064 0002", "10 0064"])
def test_a_wrong_echo_of_a_write_is_told(pdu: str) -> None:
    master, _ = master_on(answering(bytes.fromhex(pdu)))
    with pytest.raises(ReplyError, match="answered something else"):
        master.transact(1, modbus.write_registers(100, [7, 8]), PATIENCE)


def test_another_unit_is_told() -> None:
    with pytest.raises(ReplyError, match=r"unit 2 answered instead of unit 1 of 192\.0\.2\.1:502"):
        ask(lambda request: [(0.002, framed(PDU_3, request, unit=2))])


def test_an_answer_to_what_was_never_asked_is_told() -> None:
    with pytest.raises(ReplyError, match="answered transaction 777, which was not asked for"):
        ask(lambda request: [(0.002, framed(PDU_3, b"\x03\x09" + request[2:]))])


def test_an_exception_is_told_at_once() -> None:
    master, connection = master_on(answering(bytes.fromhex("83 02")))
    for _ in range(2):
        with pytest.raises(RefusedError, match=r"function 03: exception 2 \(illegal addr") as told:
            master.transact(1, READ_3, PATIENCE)
        assert told.value.code == 2
    assert connection.sent_at[1] - connection.sent_at[0] < 0.01, "it is an answer: no drain"


@pytest.mark.parametrize("code", [10, 11])
def test_a_gateways_line_is_given_time(code: int) -> None:
    """A device behind a gateway may still be about to answer."""
    master, connection = master_on(answering(bytes((0x83, code))))
    for _ in range(2):
        with pytest.raises(RefusedError, match="gateway"):
            master.transact(1, READ_3, PATIENCE)
    assert connection.sent_at[1] - connection.sent_at[0] >= PATIENCE.reply_latency - 1e-9


@pytest.mark.parametrize(
    "head",
    ["0001 0001 0009 01", "0001 0000 0001 01", "0001 0000 0000 01", "0001 0000 00ff 01"],
    ids=["protocol", "too short", "empty", "too long"],
)
def test_a_lost_stream_ends_the_connection(head: str) -> None:
    noise = bytes.fromhex(head) + PDU_3
    master, connection = master_on(lambda request: [(0.002, noise)])
    with pytest.raises(
        ReplyError,
        match=r"no Modbus TCP \(00 01 .*connection was ended",
    ):
        master.transact(1, READ_3, PATIENCE)
    assert not connection.is_open
    with pytest.raises(PortError, match="is closed"):
        master.transact(1, READ_3, PATIENCE)
    connection.open()
    connection.device = answering(PDU_3)
    assert master.transact(1, READ_3, PATIENCE) == PDU_3


def test_a_lost_stream_is_seen_before_the_next_request_too() -> None:
    master, connection = master_on(answering(PDU_3))
    master.transact(1, READ_3, PATIENCE)
    connection.inject(b"HTTP/1.1 400 Bad Request\r\n")
    with pytest.raises(ReplyError, match="is no Modbus TCP"):
        master.transact(1, READ_3, PATIENCE)
    assert not connection.is_open
    assert len(connection.sent) == 1


def test_half_an_answer_has_no_continuation_in_another_connection() -> None:
    master, connection = master_on(lambda request: [(0.002, framed(PDU_3, request)[:9])])
    with pytest.raises(NoReplyError):
        master.transact(1, READ_3, PATIENCE)
    connection.close()
    connection.open()
    connection.device = answering(PDU_3)
    assert master.transact(1, READ_3, PATIENCE) == PDU_3


def test_half_an_answer_is_completed_late_and_passed_over() -> None:
    cut: list[bytes] = []

    def device(request: bytes) -> Sequence[tuple[float, bytes]]:
        frame = framed(PDU_3, request)
        if not cut:
            cut.append(frame[9:])
            return [(0.002, frame[:9])]
        return [(0.001, cut[0]), (0.002, frame)]

    master, _ = master_on(device)
    with pytest.raises(NoReplyError):
        master.transact(1, READ_3, PATIENCE)
    assert master.transact(1, READ_3, PATIENCE) == PDU_3


def test_a_flood_of_old_answers_ends_in_an_error() -> None:
    flood: list[bytes] = []

    def device(request: bytes) -> Sequence[tuple[float, bytes]]:
        if not flood:
            flood.append(framed(PDU_3, request))
            return [(0.002, flood[0])]
        return [(0.0, 200 * flood[0])] * 1000

    master, _ = master_on(device)
    master.transact(1, READ_3, PATIENCE)
    with pytest.raises(ReplyError, match="sends without end"):
        master.transact(1, READ_3, PATIENCE)


def test_after_distrust_and_after_an_error_the_line_is_silent() -> None:
    master, connection = master_on(answering(PDU_3))
    for _ in range(2):
        master.transact(1, READ_3, PATIENCE)
    assert connection.sent_at[1] - connection.sent_at[0] < 0.01
    master.distrust()
    master.transact(1, READ_3, PATIENCE)
    assert connection.sent_at[2] - connection.sent_at[1] >= PATIENCE.reply_latency - 1e-9


def test_the_devices_own_silence_is_kept() -> None:
    master, connection = master_on(answering(PDU_3))
    for _ in range(2):
        master.transact(1, READ_3, Patience(0.05, silence=0.2))
    assert connection.sent_at[1] - connection.sent_at[0] >= 0.2 - 1e-9


@given(st.data())
def test_damage_never_gives_another_value(data: st.DataObject) -> None:
    """Cut, repeat, insert and change anything in what a device sends but the values themselves."""
    seen: list[bytes] = []

    def device(request: bytes) -> Sequence[tuple[float, bytes]]:
        number = len(seen) + 1
        seen.append(framed(bytes((3, 2, 0, number)), request))
        stream = bytearray(b"".join(data.draw(st.lists(st.sampled_from(seen), max_size=3))))
        for _ in range(data.draw(st.integers(0, 2))):
            at = data.draw(st.integers(0, max(0, len(stream) - 1)))
            # TCP keeps bytes: what a device gets wrong is the header; its number is all we go by.
            if 2 <= at % 11 < 9:
                stream[at : at + 1] = data.draw(st.binary(max_size=1))
                break
        return [(data.draw(st.sampled_from([0.0, 0.06, 0.11])), bytes(stream))]

    master, connection = master_on(device)
    one = modbus.read_registers(0, 1)
    for _ in range(4):
        if not connection.is_open:
            connection.open()
        try:
            pdu = master.transact(1, one, PATIENCE)
        except DeviceError:
            continue
        assert modbus.registers(pdu) == (len(seen),), "the answer to this request and no other"


# ---- real sockets --------------------------------------------------------------------------------

#: Enough for an answer on a busy computer; after an error as much silence has to be waited for.
REAL = Patience(0.5)


@pytest.fixture
def server() -> Iterator[PymodbusServer]:
    it = PymodbusServer()
    it.start()
    yield it
    it.stop()


def test_pymodbus_answers(server: PymodbusServer) -> None:
    port = TcpPort(LOCAL, server.port)
    port.open()
    master = TcpMaster(port)

    def read(address: int, count: int) -> tuple[int, ...]:
        reply = master.transact(1, modbus.read_registers(address, count), REAL)
        return modbus.registers(reply)

    with pytest.raises(RefusedError) as refused:
        master.transact(1, modbus.read_registers(90, 20), REAL)
    assert refused.value.code == 2
    assert read(10, 3) == (10, 11, 12)
    assert read(0, 100) == tuple(range(100))
    master.transact(1, modbus.write_registers(20, [7, 0xFFFF]), REAL)
    assert read(19, 4) == (19, 7, 0xFFFF, 22)
    both = modbus.read_write_registers(30, 2, 31, [5])
    assert modbus.registers(master.transact(1, both, REAL)) == (30, 5)
    assert 0.0 < master.latency < 0.5
    port.close()


def test_pymodbus_is_found_again_after_it_was_gone(server: PymodbusServer) -> None:
    port = TcpPort(LOCAL, server.port)
    port.open()
    master = TcpMaster(port)
    request = modbus.read_registers(10, 1)
    for _ in range(2):
        assert modbus.registers(master.transact(1, request, REAL)) == (10,)
        server.stop()
        with pytest.raises(PortError):
            master.transact(1, request, REAL)
        with pytest.raises(PortError, match="refused the connection"):
            port.open()
        server.start()
        port.open()
    assert modbus.registers(master.transact(1, request, REAL)) == (10,)
    port.close()


def _split(connection: socket.socket, request: bytes) -> None:
    for byte in framed(PDU_3, request):
        connection.sendall(bytes((byte,)))


def _silent(connection: socket.socket, request: bytes) -> None:
    return


def _late_then_right(connection: socket.socket, request: bytes) -> None:
    earlier = (int.from_bytes(request[:2], "big") - 1).to_bytes(2, "big") + request[2:]
    late = framed(bytes.fromhex("03 06 0009 0009 0009"), earlier)
    connection.sendall(late + framed(PDU_3, request))


def _other_protocol(connection: socket.socket, request: bytes) -> None:
    connection.sendall(b"SSH-2.0-something\r\n")


def _half_and_gone(connection: socket.socket, request: bytes) -> None:
    connection.sendall(framed(PDU_3, request)[:9])
    connection.shutdown(socket.SHUT_RDWR)


def _reset(connection: socket.socket, request: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
    connection.close()


def test_faults_over_a_real_connection() -> None:
    """Each is told, and the request after it has its own answer."""
    script: list[tuple[Answer, type[DeviceError] | None]] = [
        (_split, None),
        (_silent, NoReplyError),
        (_late_then_right, None),
        (_other_protocol, ReplyError),
        (_split, None),
        (_half_and_gone, PortError),
        (_split, None),
        (_reset, PortError),
        (_split, None),
    ]
    peer = Peer([answer for answer, _ in script])
    port = TcpPort(LOCAL, peer.port)
    master = TcpMaster(port)
    for _, error in script:
        port.open()
        if error is None:
            assert master.transact(1, READ_3, REAL) == PDU_3
        else:
            with pytest.raises(error):
                master.transact(1, READ_3, REAL)
    port.close()
    peer.stop()
