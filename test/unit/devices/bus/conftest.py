"""Ways in which an adapter hands bytes over."""

from collections.abc import Iterator

import pytest

from unit.devices.bus.rtu_bench import PacketLine


@pytest.fixture(params=[False, True], ids=["byte by byte", "in packets"])
def handover(request: pytest.FixtureRequest) -> Iterator[None]:
    PacketLine.packets = request.param
    yield
    PacketLine.packets = False
