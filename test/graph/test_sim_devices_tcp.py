"""Modbus TCP devices of the bench, with a client that is not ours and with bytes by hand."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymodbus.client import ModbusTcpClient

from graph.device_bench import CONFIGS, PATIENCE, Bench, complaint, running


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """One bench for all tests of this module: each leaves it as it was."""
    with running(CONFIGS / "all_models.yaml") as one:
        yield one


def tcp_client(bench: Bench) -> ModbusTcpClient:
    host, port = bench.addresses[-1].split(":")
    client = ModbusTcpClient(host, port=int(port), timeout=5, retries=0)
    assert client.connect()
    return client


def test_pymodbus_reads_and_writes_over_tcp(bench: Bench) -> None:
    client = tcp_client(bench)
    for unit in (255, 1, 0):
        assert client.read_input_registers(3, count=3, device_id=unit).registers == [3, 4, 5]
    both = client.readwrite_registers(
        read_address=0, read_count=2, write_address=0, values=[7, 8], device_id=255
    )
    assert both.registers == [7, 8]
    assert client.read_holding_registers(100, count=1, device_id=255).exception_code == 2
    client.close()


def test_two_clients_and_requests_in_a_row(bench: Bench) -> None:
    host, port = bench.addresses[-1].split(":")
    other = tcp_client(bench)
    with socket.create_connection((host, int(port)), PATIENCE) as raw:
        frame = "{:04X} 0000 0006 FF 04 0003 0001"
        raw.sendall(b"".join(bytes.fromhex(frame.format(number)) for number in (5, 6)))
        stream = raw.makefile("rb")
        for number in (5, 6):
            wanted = f"{number:04X} 0000 0005 FF 04 02 0003"
            assert stream.read(11) == bytes.fromhex(wanted)
        assert other.read_input_registers(4, count=1, device_id=255).registers == [4]
        raw.sendall(bytes.fromhex("0007 0001 0006 FF 04 0003 0001"))
        assert stream.read(1) == b"", "what is no Modbus TCP ends the connection"
        stream.close()
    other.close()


def test_faults_of_a_tcp_device(bench: Bench) -> None:
    bench.do(op="inject", fault="late_reply", device="cabinet", seconds=0.3)
    client = tcp_client(bench)
    begin = time.monotonic()
    assert client.read_input_registers(3, count=1, device_id=255).registers == [3]
    assert time.monotonic() - begin >= 0.3
    bench.do(op="heal", fault="late_reply", device="cabinet")
    bench.do(op="inject", fault="unplug", line="ethernet")
    with pytest.raises(Exception, match=r"[Cc]onnect|No response"):
        client.read_input_registers(3, count=1, device_id=255)
    client.close()
    bench.do(op="heal", fault="unplug", line="ethernet")
    again = tcp_client(bench)
    assert again.read_input_registers(3, count=1, device_id=255).registers == [3]
    again.close()


def test_a_reply_with_a_foreign_unit(bench: Bench) -> None:
    host, port = bench.addresses[-1].split(":")
    bench.do(op="inject", fault="wrong_unit", device="cabinet", unit=9)
    with socket.create_connection((host, int(port)), PATIENCE) as raw, raw.makefile("rb") as stream:
        raw.sendall(bytes.fromhex("0007 0000 0006 FF 04 0003 0001"))
        assert stream.read(11) == bytes.fromhex("0007 0000 0005 09 04 02 0003")
        bench.do(op="heal", fault="wrong_unit", device="cabinet")
        raw.sendall(bytes.fromhex("0008 0000 0006 FF 04 0003 0001"))
        assert stream.read(11) == bytes.fromhex("0008 0000 0005 FF 04 02 0003")


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = tmp_path / "mine.yaml"
        config.write_text(
            f"tcp: {{net: {{port: {port}, devices: {{a: {{kind: generic_plc}}}}}}}}\n"
        )
        assert f"port {port} of 'net' cannot be opened" in complaint(config, tmp_path)
