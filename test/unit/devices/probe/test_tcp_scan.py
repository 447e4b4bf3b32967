"""The search behind a TCP connection, in virtual time; a device fails the test on a write."""

from collections.abc import Sequence

import pytest

from stackpress_py.devices.bus.errors import PortError
from stackpress_py.devices.probe.advice import advice
from stackpress_py.devices.probe.read_only import Time
from stackpress_py.devices.probe.report import ScanReport
from stackpress_py.devices.probe.scope import Scope
from stackpress_py.devices.probe.tcp_scan import TcpScan
from unit.devices.bus.tcp_fakes import Device, FakeConnection, framed
from unit.devices.probe.fakes import Onlooker


def answering(*units: int, gateway: bool = False) -> Device:
    """Return devices that have register 0; a gateway answers for those that are missing."""

    def device(request: bytes) -> Sequence[tuple[float, bytes]]:
        assert request[7] in (1, 2, 3, 4), f"{request.hex(' ')} writes"
        if request[6] in units:
            return [(0.002, framed(bytes.fromhex("03 02 00 07"), request))]
        return [(0.002, framed(bytes.fromhex("83 0B"), request))] if gateway else []

    return device


def search(device: Device, scope: Scope) -> ScanReport:
    line = FakeConnection(device)
    line.close()
    return TcpScan(line, scope, [], Onlooker(), Time(line.clock)).run()


def units(report: ScanReport) -> list[int | None]:
    return [each.unit for each in report.found]


def test_a_device_that_answers_to_every_unit_is_one_device() -> None:
    report = search(answering(*range(256)), Scope())
    assert units(report) == [1]
    assert report.found[0].says == "values, whatever the unit"
    assert report.asked == 3


def test_a_device_with_one_unit_is_found() -> None:
    report = search(answering(255), Scope())
    assert (units(report), report.asked) == ([255], 18)
    assert report.found[0].latency == pytest.approx(0.002)


def test_units_behind_a_gateway_are_found_and_the_missing_ones_counted() -> None:
    report = search(answering(3, 4, gateway=True), Scope(units=(1, 2, 3, 4)))
    assert units(report) == [3, 4]
    assert report.behind_gateway == 4
    assert "a gateway answers, and says of 4 units that they do not" in advice(report, False)[0]


def test_silence_is_told_as_such() -> None:
    report = search(answering(), Scope(units=(1,), given_wait=0.1))
    assert report.found == []
    assert advice(report, False)[0].startswith("the connection was taken, and nobody answered")


def test_a_device_that_ends_the_connection_for_foreign_units_is_found() -> None:
    line = FakeConnection(lambda request: [])

    def device(request: bytes) -> Sequence[tuple[float, bytes]]:
        if request[6] != 5:
            line.close()
            return []
        return answering(5)(request)

    line.device = device
    report = TcpScan(line, Scope(units=(5,)), [], Onlooker(), Time(line.clock)).run()
    assert units(report) == [5]
    assert report.ended == 3


def test_nobody_at_the_address_is_an_error_of_the_port() -> None:
    class Refusing(FakeConnection):
        def open(self) -> None:
            if self.connections:
                raise PortError("192.0.2.1:502 refused the connection")
            super().open()

    line = Refusing(answering())
    line.close()
    with pytest.raises(PortError, match="refused"):
        TcpScan(line, Scope(), [], Onlooker(), Time(line.clock)).run()
