"""What to do where a search has found nothing, or not what was sought; pure."""

from collections.abc import Iterator

from stackpress_py.devices.probe.listening import Heard
from stackpress_py.devices.probe.questions import USUAL_WAIT
from stackpress_py.devices.probe.report import ScanReport

_SAMPLE = 16
#: Of a question and its answer, at least.
_BYTES = 15
#: Bytes that a line gives which is cut, crossed or without a level of its own.
_LEVELS = b"\x00\xff\x80\xfe\xc0\xfc\xe0\xf0\xf8"


def advice(report: ScanReport, serial: bool) -> list[str]:
    """Return what there is to say of a search, one sentence a line.

    Args:
        report: of the search.
        serial: it was on a serial line.
    """
    lines = [*_refusals(report), *_disturbed(report)]
    if not report.found and report.complete and not lines:
        lines += _silent(report) if serial else _silent_tcp(report)
    lines += _slow(report)
    if report.behind_gateway:
        lines.append(
            f"a gateway answers, and says of {report.behind_gateway} units that they do not: look"
            " at the line behind it, its baud rate and parity"
        )
    if report.ended:
        lines.append(
            f"the other side ended the connection {report.ended} times instead of answering"
        )
    return lines


def _refusals(report: ScanReport) -> Iterator[str]:
    for found in report.found:
        if not found.fits and found.says.startswith("exception"):
            yield (
                f"unit {found.unit} answered the first question with {found.says}: it is there, and"
                " has no such register or function"
            )


def _slow(report: ScanReport) -> Iterator[str]:
    for found in report.found:
        wire = 0.0 if found.setting is None else _BYTES * found.setting.line.character
        own = found.latency - wire
        if own > USUAL_WAIT:
            yield (
                f"unit {found.unit} takes {1e3 * own:.0f} ms to answer: its profile must"
                " allow that (`reply_latency`), unless its menu has a delay that can be made shorter"
            )


def _disturbed(report: ScanReport) -> Iterator[str]:
    if report.heard is Heard.MODBUS:
        units = ", ".join(map(str, report.masters))
        yield (
            f"another Modbus master speaks on this line ({report.at}, unit {units}): a line has one"
            " master only; disconnect it, or end its program, and try again. Nothing was asked"
        )
    elif report.heard is Heard.NOISE:
        yield (
            "the line is never silent, and at none of these settings is it text or Modbus"
            f" ({_sample(report.noise)}): look for another baud rate or framing of a device that"
            " sends unasked, for A and B exchanged, a missing ground or termination. Nothing was"
            " asked"
        )
    elif report.heard is Heard.TEXT and not any(found.fits for found in report.found):
        yield (
            "the lines of text fit no profile that comes with Stackpress: copy"
            " config/devices/arduino_scale.yaml and change its pattern"
        )
    elif report.noisy and not report.found:
        yield from _noisy(report)


def _noisy(report: ScanReport) -> Iterator[str]:
    yield (
        f"bytes came {report.noisy} times, and never a valid answer ({_sample(report.noise)}): a"
        " wrong baud rate or parity, two devices with the same unit, or noise"
    )
    if report.noise and all(byte in _LEVELS for byte in report.noise):
        yield (
            "they are what a line without a level gives: exchange A and B, connect the ground, and"
            " close the line with its 120 ohm and bias resistors"
        )


def _silent(report: ScanReport) -> Iterator[str]:
    if report.echoes:
        yield (
            f"nobody answered; {report.echoes} of {report.asked} questions came back as they were"
            " sent: the adapter hears itself, which does no harm, and works up to its own driver"
        )
    else:
        yield f"nobody answered any of {report.asked} questions"
    yield "look at these, in this order:"
    yield "  - the device has power, and its communication is fitted and switched on in its menu"
    yield "  - A and B (D+ and D-): makers do not agree on the names; exchange them and try again"
    yield "  - the ground is connected, and 120 ohm close both ends of a long line"
    yield "  - RS-485 needs an RS-485 adapter: RS-232 and TTL are other things"
    yield "  - protocol: its menu must say Modbus RTU, not ASCII, CompoWay/F or Standard Bus"
    yield "  - its unit (address) and baud rate may be others: --units 1-247, --baud 1200"
    yield "  - a slow device needs more time: --wait 1s"


def _silent_tcp(report: ScanReport) -> Iterator[str]:
    yield (
        "the connection was taken, and nobody answered Modbus"
        f" ({report.asked} units were asked): look whether Modbus TCP is switched on, at the port's"
        " number, and at the unit (--units 1-247)"
    )


def _sample(noise: bytes) -> str:
    begin = noise[:_SAMPLE]
    return f"it begins with {begin.hex(' ')}" if begin else "no byte was kept"
