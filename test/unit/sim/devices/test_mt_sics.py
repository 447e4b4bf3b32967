"""The simulated balance: its lines letter by letter, and what it does when the load does not rest."""

import math

import pytest

from stackpress_py.sim.devices.mt_sics import STANDARD_GRAVITY, MtSics, Settings

KG = STANDARD_GRAVITY
PLAIN = Settings()


class Pan:
    """What lies on the balance, kg."""

    def __init__(self, kg: float = 0.0) -> None:
        self.kg = kg

    def force(self) -> float:
        return self.kg * KG


def ask(device: MtSics, command: str, now: float) -> str:
    reply = device.answer(f"{command}\r\n".encode("ascii"), now)
    return "" if reply is None else reply.decode("ascii")


def rested(kg: float = 12.5, settings: Settings = PLAIN) -> tuple[Pan, MtSics]:
    """Return a balance whose load has been there for five seconds."""
    pan = Pan(kg)
    device = MtSics(settings, pan.force)
    device.advance(5.0)
    return pan, device


# ---- values --------------------------------------------------------------------------------------


def test_a_stable_weight_letter_by_letter() -> None:
    _, device = rested(100.0, Settings(capacity=200.0))
    assert ask(device, "S", 5.0) == "S S     100.00 kg\r\n"


@pytest.mark.parametrize(
    ("kg", "text"), [(12.5, "     12.50"), (0.0, "      0.00"), (-0.001, "      0.00")]
)
def test_values_stand_on_the_right_of_ten_characters(kg: float, text: str) -> None:
    _, device = rested(kg)
    assert ask(device, "SI", 5.0) == f"S S {text} kg\r\n"


def test_a_moving_load_is_dynamic() -> None:
    pan, device = rested()
    pan.kg = 13.0
    assert ask(device, "SI", 5.1) == "S D      13.00 kg\r\n"
    assert ask(device, "SI", 6.2) == "S S      13.00 kg\r\n"


def test_a_step_of_less_than_a_digit_is_rest() -> None:
    pan, device = rested()
    pan.kg += 0.009
    assert ask(device, "SI", 5.1).startswith("S S ")


def test_a_value_is_as_old_as_the_last_conversion() -> None:
    pan, device = rested()
    pan.kg = 20.0
    assert "12.50" in ask(device, "SI", 5.05)
    assert "20.00" in ask(device, "SI", 5.11)


@pytest.mark.parametrize(("kg", "mark"), [(60.1, "+"), (-1.3, "-")])
def test_overload_and_underload_have_no_value(kg: float, mark: str) -> None:
    _, device = rested(kg)
    for command in ("S", "SI"):
        assert ask(device, command, 5.0) == f"S {mark}\r\n"


def test_the_emulators_manner_of_beginning_with_si() -> None:
    _, device = rested(12.5, Settings(echoes=True))
    assert ask(device, "SI", 5.0) == "SI S      12.50 kg\r\n"
    assert ask(device, "S", 5.0) == "S S      12.50 kg\r\n"


# ---- waiting for rest ----------------------------------------------------------------------------


def test_s_waits_for_rest() -> None:
    pan, device = rested()
    pan.kg = 13.0
    device.advance(5.1)
    assert ask(device, "S", 5.15) == ""
    assert device.next_word(5.15) == pytest.approx(5.2)
    assert device.emit(5.95) == b""
    assert device.emit(6.0) == b"S S      13.00 kg\r\n"
    assert device.next_word(6.0) is None


def test_s_gives_up_and_another_command_meanwhile_is_refused() -> None:
    pan, device = rested()
    pan.kg = 13.0
    assert ask(device, "S", 5.1) == ""
    said = b""
    for tenth in range(52, 160):
        pan.kg += 0.05
        now = tenth / 10.0
        if tenth == 80:
            assert ask(device, "SI", now) == "S I\r\n"
        said += device.emit(now)
    assert said == b"S I\r\n"


def test_cancel_ends_the_waiting() -> None:
    pan, device = rested()
    pan.kg = 13.0
    assert ask(device, "T", 5.1) == ""
    assert ask(device, "@", 5.2) == 'I4 A "B021002593"\r\n'
    assert device.emit(20.0) == b""


def test_a_busy_balance() -> None:
    _, device = rested()
    device.switches()["busy"](True)
    assert ask(device, "SI", 5.0) == "S I\r\n"
    assert ask(device, "Z", 5.0) == "Z I\r\n"
    device.switches()["busy"](False)
    assert ask(device, "Z", 5.0) == "Z +\r\n"


def test_a_lost_cell_has_no_value() -> None:
    pan, device = rested()
    pan.kg = math.nan
    assert ask(device, "SI", 6.0) == "S I\r\n"


# ---- stream --------------------------------------------------------------------------------------


def test_sir_repeats_until_si_ends_it() -> None:
    pan, device = rested()
    assert ask(device, "SIR", 5.0) == "S S      12.50 kg\r\n"
    said = b""
    for hundredth in range(501, 551):
        said += device.emit(hundredth / 100.0)
    assert said == b"S S      12.50 kg\r\n" * 5
    pan.kg = 13.0
    assert ask(device, "SI", 5.55) == "S S      12.50 kg\r\n"
    assert device.next_word(5.55) is None
    assert device.emit(7.0) == b""


def test_values_that_waited_are_sent_before_a_reply() -> None:
    _, device = rested()
    ask(device, "SIR", 5.0)
    lines = ask(device, "I4", 5.25).split("\r\n")
    assert lines == ["S S      12.50 kg"] * 2 + ['I4 A "B021002593"', ""]


# ---- tare and zero -------------------------------------------------------------------------------


def test_tare_and_its_end() -> None:
    pan, device = rested(5.0)
    assert ask(device, "T", 5.0) == "T S       5.00 kg\r\n"
    pan.kg = 7.5
    device.advance(8.0)
    assert ask(device, "S", 8.0) == "S S       2.50 kg\r\n"
    assert ask(device, "TA", 8.0) == "TA A       5.00 kg\r\n"
    assert ask(device, "TAC", 8.0) == "TAC A\r\n"
    assert ask(device, "S", 8.0) == "S S       7.50 kg\r\n"


def test_tare_immediately_says_whether_it_rested() -> None:
    pan, device = rested(5.0)
    pan.kg = 6.0
    assert ask(device, "TI", 5.1) == "TI D       6.00 kg\r\n"
    assert ask(device, "TI", 8.0) == "TI S       6.00 kg\r\n"


def test_no_tare_below_zero_or_in_overload() -> None:
    pan, device = rested(-0.5)
    assert ask(device, "T", 5.0) == "T -\r\n"
    pan.kg = 61.0
    assert ask(device, "TI", 8.0) == "TI +\r\n"


def test_a_preset_tare() -> None:
    _, device = rested(5.0)
    assert ask(device, "TA 1.25 kg", 5.0) == "TA A       1.25 kg\r\n"
    assert ask(device, "S", 5.0) == "S S       3.75 kg\r\n"
    for wrong in ("TA 1.25 g", "TA -1 kg", "TA 61 kg", "TA 1e1 kg"):
        assert ask(device, wrong, 5.0) == "TA L\r\n"


def test_zero_within_its_range_clears_the_tare() -> None:
    pan, device = rested(1.0)
    ask(device, "T", 5.0)
    assert ask(device, "Z", 5.0) == "Z A\r\n"
    pan.kg = 3.0
    device.advance(8.0)
    assert ask(device, "S", 8.0) == "S S       2.00 kg\r\n"


def test_zero_beyond_its_range_is_refused() -> None:
    pan, device = rested(2.0)
    assert ask(device, "Z", 5.0) == "Z +\r\n"
    pan.kg = -1.25
    assert ask(device, "ZI", 8.0) == "ZI -\r\n"


def test_zero_immediately_says_whether_it_rested() -> None:
    pan, device = rested(0.5)
    pan.kg = 0.6
    assert ask(device, "ZI", 5.1) == "ZI D\r\n"
    assert ask(device, "ZI", 8.0) == "ZI S\r\n"


# ---- lines ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reply"),
    [("XYZ", "ES"), ("si", "ES"), ("", "ES"), ("S 5", "EL"), ("I4 1", "EL")],
)
def test_errors(line: str, reply: str) -> None:
    _, device = rested()
    assert ask(device, line, 5.0) == f"{reply}\r\n"


def test_a_byte_that_is_no_ascii_is_a_transmission_error() -> None:
    _, device = rested()
    assert device.answer(b"S\xc9\r\n", 5.0) == b"ET\r\n"


def test_half_a_line_waits_for_its_end_and_two_lines_have_two_replies() -> None:
    _, device = rested()
    assert device.answer(b"S", 5.0) is None
    assert device.answer(b"I\r", 5.0) is None
    assert device.answer(b"\nI4\r\n", 5.0) == b'S S      12.50 kg\r\nI4 A "B021002593"\r\n'
