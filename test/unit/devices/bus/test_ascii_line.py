"""Lines of text: asked for, and sent by a device on its own; nothing but a whole line is taken."""

import re
from collections.abc import Callable, Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stackpress_py.devices.bus.ascii_line import MOST_WAITING, LineMaster
from stackpress_py.devices.bus.ascii_lines import MOST_LINE, LineSplitter
from stackpress_py.devices.bus.errors import NoReplyError, PortError, ReplyError
from stackpress_py.devices.bus.timing import Patience
from unit.devices.fakes import FakeLine, Slave

#: What FakeLine takes for a byte.
CHARACTER = 11 / 115200
PATIENCE = Patience(0.05)
#: MT-SICS: balances answer `S S`, an emulator `SI S`; no number when too much, too little or busy.
SICS = re.compile(rb"SI? (?:[SD] +(?P<value>-?\d+\.\d+) (?P<unit>kg|g)|(?P<state>[+I-]))")
#: A load cell's amplifier on a microcontroller.
NUMBER = re.compile(rb"-?\d+\.\d\d")
STABLE = b"S S     12.50 kg"


def master_on(slave: Slave) -> tuple[LineMaster, FakeLine]:
    line = FakeLine(slave)
    line.open()
    return LineMaster(line, CHARACTER, line.clock, line.sleep), line


def always(*answers: tuple[float, bytes]) -> Slave:
    return lambda request: answers


def ask(*answers: tuple[float, bytes]) -> bytes:
    master, _ = master_on(always(*answers))
    return master.ask(b"SI", SICS, PATIENCE)["value"]


# ---- asking --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "value", "state"),
    [
        (STABLE, b"12.50", None),
        (b"S D     -0.25 kg", b"-0.25", None),
        (b"S S    100.00 g", b"100.00", None),
        (b"SI S     12.50 kg", b"12.50", None),
        (b"S +", None, b"+"),
        (b"S -", None, b"-"),
        (b"S I", None, b"I"),
    ],
)
def test_answers_of_a_balance(answer: bytes, value: bytes | None, state: bytes | None) -> None:
    master, line = master_on(always((0.01, answer + b"\r\n")))
    match = master.ask(b"SI", SICS, PATIENCE)
    assert (match["value"], match["state"]) == (value, state)
    assert line.sent == [b"SI\r\n"]
    assert master.latency == pytest.approx(0.01 + (len(answer) + 6) * CHARACTER, abs=1e-3)


def test_another_terminator() -> None:
    master, line = master_on(always((0.01, b"001M982122V\r")))
    match = master.ask(b"001M^", re.compile(rb"001M(\d{6})."), PATIENCE, b"\r")
    assert (match[1], line.sent) == (b"982122", [b"001M^\r"])


@pytest.mark.parametrize(
    ("command", "terminator"), [(b"SI\r\n", b"\r\n"), (b"SI", b""), (b"SI", b"\x11")]
)
def test_impossible_questions_are_refused(command: bytes, terminator: bytes) -> None:
    master, line = master_on(always())
    with pytest.raises(ValueError, match=r"holds its terminator|cannot end a line"):
        master.ask(command, SICS, PATIENCE, terminator)
    assert line.sent == []


def test_a_split_at_every_character_is_joined() -> None:
    answer = STABLE + b"\r\n"
    for split in range(1, len(answer)):
        late = 0.002 + (split + 50) * CHARACTER
        assert ask((0.002, answer[:split]), (late, answer[split:])) == b"12.50"


def test_flow_control_may_come_at_any_place() -> None:
    answer = STABLE + b"\r\n"
    for at in range(len(answer) + 1):
        for control in (b"\x11", b"\x13", b"\x13\x11"):
            assert ask((0.002, answer[:at] + control + answer[at:])) == b"12.50"


def test_flow_control_on_an_idle_line_costs_no_time() -> None:
    master, line = master_on(always((0.002, STABLE + b"\r\n\x11")))
    for _ in range(3):
        master.ask(b"SI", SICS, PATIENCE)
        line.inject(b"\x11")
        line.sleep(0.005)
    assert line.sent_at[2] - line.sent_at[1] < 0.02


def test_endless_flow_control_is_as_good_as_silence() -> None:
    master, line = master_on(always((0.02, STABLE + b"\r\n")))
    line.inject(b"\x11" * 20_000)
    for _ in range(2):
        assert master.ask(b"SI", SICS, Patience(0.05, silence=0.03))["value"] == b"12.50"
    assert line.sent_at[1] - line.sent_at[0] < 0.1


def test_the_local_echo_is_passed_over() -> None:
    master, line = master_on(lambda sent: [(-4 * CHARACTER, sent), (0.03, STABLE + b"\r\n")])
    assert master.ask(b"SI", SICS, PATIENCE)["value"] == b"12.50"
    line.slave = always((0.0, b"SI\r\n" + STABLE + b"\r\n"))
    assert master.ask(b"SI", SICS, PATIENCE)["value"] == b"12.50"


def test_an_echo_alone_is_silence() -> None:
    master, _ = master_on(lambda sent: [(0.0, sent)])
    with pytest.raises(NoReplyError, match="device at fake0 does not answer"):
        master.ask(b"SI", SICS, PATIENCE)


def test_an_echo_comes_once() -> None:
    with pytest.raises(ReplyError, match="'SI' came from fake0"):
        ask((0.0, b"SI\r\n"), (0.01, b"SI\r\n"))


def test_silence_is_told_after_the_reply_latency() -> None:
    master, line = master_on(always())
    with pytest.raises(NoReplyError, match="device at fake0 does not answer"):
        master.ask(b"SI", SICS, PATIENCE)
    assert line.time - line.sent_at[0] < PATIENCE.reply_latency + 0.015


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (b"ES\r\n", "'ES' came from fake0"),
        (b"S S     12.50 lb\r\n", "12.50 lb' came"),
        (b" S S     12.50 kg\r\n", "' S S .* came"),
        (b"\r\n", "'' came"),
        (b"S S   \xb1 12.50 kg\r\n", "is no text"),
        (b"\xff" + STABLE + b"\r\n", "is no text"),
        (STABLE + b"\x00\r\n", "is no text"),
        (STABLE + b"\n\r\n", "is no text"),
        (STABLE, "16 characters came from fake0 without a line's end: 'S S"),
        (STABLE + b"\r", "without a line's end"),
        (b"7" * (MOST_LINE + 1), "without a line's end"),
    ],
)
def test_what_is_no_answer_is_told_with_its_text(answer: bytes, wrong: str) -> None:
    with pytest.raises(ReplyError, match=wrong):
        ask((0.002, answer))


def test_two_lines_in_one_piece_are_no_answer() -> None:
    class Burst(FakeLine):
        """Everything arrives in one piece, as from a network gateway."""

        def read(self, timeout: float) -> bytes:
            first = super().read(timeout)
            self.time += 0.01 if first else 0.0
            return first + super().read(0.0)

    line = Burst(always((0.002, STABLE + b"\r\nS S     99.00 kg\r\n")))
    line.open()
    master = LineMaster(line, CHARACTER, line.clock, line.sleep)
    with pytest.raises(ReplyError, match="more than one line came from fake0"):
        master.ask(b"SI", SICS, PATIENCE)


def test_a_line_that_came_before_the_question_is_not_its_answer() -> None:
    master, line = master_on(always((0.02, STABLE + b"\r\n")))
    for unasked in (b"S S     99.00 kg\r\n", b"S S     99.", b"0 kg\r\n"):
        line.inject(unasked)
        line.sleep(0.01)
        before = line.time
        assert master.ask(b"SI", SICS, PATIENCE)["value"] == b"12.50"
        assert line.sent_at[-1] - before >= PATIENCE.reply_latency - 1e-9, "drained"


def test_an_answer_after_the_time_out_is_not_taken_for_the_next() -> None:
    delays = iter([0.09, 0.002, 0.002])
    values = iter([b"1.00", b"2.00", b"3.00"])

    def slave(sent: bytes) -> Sequence[tuple[float, bytes]]:
        return [(next(delays), b"S S " + next(values) + b" kg\r\n")]

    master, _ = master_on(slave)
    with pytest.raises(NoReplyError):
        master.ask(b"SI", SICS, PATIENCE)
    assert master.ask(b"SI", SICS, PATIENCE)["value"] == b"2.00"
    assert master.ask(b"SI", SICS, PATIENCE)["value"] == b"3.00"


def test_the_next_question_after_a_good_answer_is_not_delayed() -> None:
    master, line = master_on(always((0.002, STABLE + b"\r\n")))
    for _ in range(3):
        master.ask(b"SI", SICS, PATIENCE)
    assert line.sent_at[2] - line.sent_at[1] < 0.01
    master.distrust()
    master.ask(b"SI", SICS, PATIENCE)
    assert line.sent_at[3] - line.sent_at[2] >= PATIENCE.reply_latency - 1e-9


def test_an_answer_may_take_longer_than_its_begin() -> None:
    long = b"S S " + b" " * 200 + b"12.50 kg\r\n"
    master, _ = master_on(always((0.004, long)))
    assert master.ask(b"SI", SICS, Patience(0.005))["value"] == b"12.50"


def test_endless_noise_after_a_question_ends_in_an_error() -> None:
    master, line = master_on(always((0.002, b"7" * 100_000)))
    with pytest.raises(ReplyError, match="without a line's end"):
        master.ask(b"SI", SICS, PATIENCE)
    assert line.time - line.sent_at[0] < (MOST_LINE + 20) * CHARACTER + 0.002


def test_a_device_that_is_never_silent_cannot_be_asked() -> None:
    master, line = master_on(always())
    line.inject(b"12.50\r\n" * 10_000)
    with pytest.raises(ReplyError, match="line to fake0 is never silent"):
        master.ask(b"SI", SICS, PATIENCE)
    assert line.sent == []


def test_unplug_is_told_at_every_stage() -> None:
    master, line = master_on(always((0.002, STABLE)))
    line.unplug()
    uses: list[Callable[[], object]] = [
        lambda: master.ask(b"SI", SICS, PATIENCE),
        lambda: master.listen(NUMBER, PATIENCE),
    ]
    for use in uses:
        with pytest.raises(PortError):
            use()

    def vanish(sent: bytes) -> Sequence[tuple[float, bytes]]:
        line.unplug()
        return []

    line.present, line.slave = True, vanish
    line.open()
    with pytest.raises(PortError):
        master.ask(b"SI", SICS, PATIENCE)


# ---- listening -----------------------------------------------------------------------------------

PERIOD = 0.0125  # 80 lines a second


class Stream:
    """A device that sends 10.00, 10.01, ... by itself, from ``begin`` s on."""

    def __init__(self, period: float = PERIOD, begin: float = 0.0, count: int = 4000) -> None:
        self.master, self.line = master_on(always())
        self.lines = [b"%d.%02d" % divmod(1000 + i, 100) for i in range(count)]
        start = self.line.time + begin
        #: When each line's last character has come.
        self.ends = [
            start + i * period + (len(text) + 2) * CHARACTER for i, text in enumerate(self.lines)
        ]
        for i, text in enumerate(self.lines):
            self.line.inject(text + b"\r\n", begin + i * period)

    def listen(self, patience: Patience = PATIENCE) -> bytes:
        return self.master.listen(NUMBER, patience)[0]

    def newest(self) -> bytes:
        """The last line whose end has come."""
        return [
            text
            for text, end in zip(self.lines, self.ends, strict=True)
            if end <= self.line.time + 1e-9
        ][-1]


def test_a_device_that_sends_by_itself_is_heard() -> None:
    stream = Stream(count=40)
    heard = [stream.listen() for _ in range(20)]
    assert heard == stream.lines[1:21], "all but the first: its begin may have been missed"


def test_the_newest_line_is_given_and_none_twice() -> None:
    stream = Stream(count=100)
    stream.listen()
    stream.line.sleep(3.4 * PERIOD)
    heard = stream.listen()
    assert heard == stream.newest()
    assert stream.listen() == stream.lines[stream.lines.index(heard) + 1]


def test_a_line_that_lay_in_the_buffer_is_not_given() -> None:
    stream = Stream(count=100)
    stream.listen()
    stream.line.sleep(0.5)
    asked = stream.line.time
    heard = stream.listen()
    assert heard == stream.newest()
    assert stream.ends[stream.lines.index(heard)] > asked


def test_an_old_line_of_a_device_that_fell_silent_is_not_given() -> None:
    stream = Stream(count=10)
    stream.listen()
    stream.line.sleep(1.0)
    with pytest.raises(NoReplyError, match=r"no whole line came from fake0 within 0\.05 s"):
        stream.listen()


def test_a_line_that_is_cut_at_the_front_is_not_taken() -> None:
    """The port is opened while 112.50 is sent: 2.50 comes."""
    for cut in range(1, 6):
        master, line = master_on(always())
        line.inject(b"112.50"[cut:] + b"\r\n")
        line.inject(b"112.75\r\n", 0.02)
        assert master.listen(NUMBER, PATIENCE)[0] == b"112.75"


def test_a_line_that_is_cut_at_the_front_and_alone_is_silence() -> None:
    master, line = master_on(always())
    line.inject(b"2.50\r\n")
    with pytest.raises(NoReplyError, match="no whole line came"):
        master.listen(NUMBER, PATIENCE)


def test_after_an_overflow_the_seam_is_not_taken() -> None:
    """The system's buffer was full: the begin of one line and the end of another lie together."""
    master, line = master_on(always())
    line.inject(b"10.00\r\n10.00\r\n")
    assert master.listen(NUMBER, PATIENCE)[0] == b"10.00"
    kept = (b"1.00\r\n" + b"10.00\r\n" * 700)[:MOST_WAITING]
    assert kept.endswith(b"\n1"), "199.00 lies there then"
    line.inject(kept)
    line.sleep(MOST_WAITING * CHARACTER + 0.001)
    line.inject(b"99.00\r\n")
    line.inject(b"20.00\r\n", 0.01)
    assert master.listen(NUMBER, Patience(1.0))[0] == b"20.00"


def test_a_line_whose_rest_does_not_come_is_told_and_never_completed() -> None:
    master, line = master_on(always())
    line.inject(b"10.00\r\n10.00\r\n1")
    assert master.listen(NUMBER, PATIENCE)[0] == b"10.00"
    with pytest.raises(ReplyError, match="1 characters came from fake0 without a line's end"):
        master.listen(NUMBER, PATIENCE)
    line.inject(b"2.50\r\n")  # the device was reset
    line.inject(b"3.00\r\n", 0.01)
    assert master.listen(NUMBER, PATIENCE)[0] == b"3.00"


def test_a_line_that_pauses_is_completed() -> None:
    """A sketch prints a name, measures, and prints the value."""
    master, line = master_on(always())
    line.inject(b"10.00\r\n1")
    line.inject(b"2.5", 0.04)
    line.inject(b"0\r\n", 0.08)
    with pytest.raises(ReplyError, match="4 characters came"):
        master.listen(NUMBER, PATIENCE)
    assert master.listen(NUMBER, PATIENCE)[0] == b"12.50"


def test_a_line_that_was_begun_long_ago_is_never_completed() -> None:
    master, line = master_on(always())
    line.inject(b"10.00\r\n10.00\r\n1")
    assert master.listen(NUMBER, PATIENCE)[0] == b"10.00"
    line.sleep(10.0)
    line.inject(b"2.50\r\n")
    line.inject(b"3.00\r\n", 0.01)
    assert master.listen(NUMBER, PATIENCE)[0] == b"3.00"


@pytest.mark.parametrize(
    ("stream", "wrong"),
    [
        (b"\r\nHX711 not found.\r\n", "'HX711 not found.' came from fake0"),
        (b"\r\n12\xb750\r\n", "is no text"),
        (b"\r\n12.50\n\r\n", "is no text"),
        (b"7" * 300, "characters came from fake0 without a line's end"),
        (b"12.50\n" * 5, "without a line's end"),
    ],
)
def test_what_is_no_line_is_told_with_its_text(stream: bytes, wrong: str) -> None:
    master, line = master_on(always())
    line.inject(stream)
    with pytest.raises(ReplyError, match=wrong):
        master.listen(NUMBER, PATIENCE)
    line.inject(b"12.50\r\n12.50\r\n", 0.02)
    assert master.listen(NUMBER, PATIENCE)[0] == b"12.50"


def test_a_question_between_forgets_what_was_heard() -> None:
    master, line = master_on(always((0.01, STABLE + b"\r\n")))
    line.inject(b"10.00\r\n10.00\r\n1")
    master.listen(NUMBER, PATIENCE)
    assert master.ask(b"SI", SICS, PATIENCE)["value"] == b"12.50"
    line.inject(b"2.50\r\n3.00\r\n")
    assert master.listen(NUMBER, PATIENCE)[0] == b"3.00"


def test_after_a_replug_the_first_line_may_be_a_rest() -> None:
    stream = Stream(count=4)
    assert stream.listen() == b"10.01"
    stream.line.unplug()
    with pytest.raises(PortError):
        stream.listen()
    stream.line.present = True
    stream.line.open()
    stream.line.inject(b"2.50\r\n3.00\r\n")
    assert stream.listen() == b"3.00"


# ---- any stream, cut and delayed in any way ------------------------------------------------------

texts = st.lists(
    st.integers(-99_999, 99_999).map(lambda n: b"%d.%02d" % (n // 100, abs(n) % 100)),
    min_size=1,
    max_size=12,
)


@given(texts, st.data())
def test_a_splitter_gives_whole_lines_only(lines: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(text + b"\r\n" for text in lines)
    begin = data.draw(st.integers(0, len(stream)))
    cuts = sorted(data.draw(st.sets(st.integers(begin, len(stream)), max_size=20)))
    splitter = LineSplitter(b"\r\n")
    found: list[bytes] = []
    for a, b in zip([begin, *cuts], [*cuts, len(stream)], strict=True):
        found += splitter.feed(stream[a:b])
    assert found == lines[len(lines) - len(found) :]
    ends = stream[begin:].count(b"\r\n")
    assert len(found) == max(0, ends - 1)


@given(texts, st.data())
def test_a_stream_never_yields_a_line_that_was_not_sent_whole(
    lines: list[bytes], data: st.DataObject
) -> None:
    """Begun anywhere, with pauses, flow control and flipped top bits anywhere, read at any time."""
    stream = bytearray(b"".join(text + b"\r\n" for text in lines))
    for at in data.draw(st.sets(st.integers(0, len(stream) - 1), max_size=3)):
        stream[at] ^= 0x80
    del stream[: data.draw(st.integers(0, len(stream)))]
    master, line = master_on(always())
    delay = 0.0
    while stream:
        size = data.draw(st.integers(1, 15))
        line.inject(bytes(stream[:size]) + data.draw(st.sampled_from([b"", b"\x11"])), delay)
        delay += 16 * CHARACTER + data.draw(st.sampled_from([0.0, 0.01, 0.2]))
        del stream[:size]
    position = -1
    for _ in range(8):
        line.sleep(data.draw(st.sampled_from([0.0, 0.003, 0.2])))
        try:
            heard = master.listen(NUMBER, PATIENCE)[0]
        except (NoReplyError, ReplyError):
            continue
        assert heard in lines[position + 1 :], "whole, in order, and none twice"
        position = lines.index(heard, position + 1)


@given(st.binary(max_size=60))
def test_noise_instead_of_an_answer_is_never_a_value(noise: bytes) -> None:
    assume(not SICS.fullmatch(noise.split(b"\r\n")[0].translate(None, b"\x11\x13")))
    with pytest.raises((NoReplyError, ReplyError)):
        ask((0.002, noise))
