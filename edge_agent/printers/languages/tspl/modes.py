"""What a TSPL printer keeps from label to label: rows, of which preamble and `docs/printer-modes.md` are made.

Sources: [TSPL] TSC Bar Code Printer Series Programming Manual, TSPL/TSPL2, the section of the command; [GP] Gprinter's
SDK. The manual rarely says what a printer keeps over power-up, and many keep what they were told last, so every row
counts as kept. A command that a model does not know is an empty line to it; that this holds for all is unconfirmed.
"""

from __future__ import annotations

from math import ceil

from edge_agent.errors import RefusedError
from edge_agent.model.media import Handling, Media, Sensor, Setup
from edge_agent.printers.languages.contract import Mode, Quirks, Stays, always

_HANDLING = {
    Handling.TEAR: (b"SET PEEL OFF", b"SET CUTTER OFF", b"SET PARTIAL_CUTTER OFF", b"SET TEAR ON"),
    Handling.PEEL: (b"SET TEAR OFF", b"SET CUTTER OFF", b"SET PARTIAL_CUTTER OFF", b"SET PEEL ON"),
    Handling.CUT: (b"SET TEAR OFF", b"SET PEEL OFF", b"SET PARTIAL_CUTTER OFF", b"SET CUTTER 1"),
}


def _handling(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    return quirks.line_end.join(_HANDLING[setup.handling])


def _size(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    return b"SIZE %b mm,%b mm" % (_mm(media.width_dots, media.dpi), _mm(media.height_dots, media.dpi))


def _mm(dots: int, dpi: int) -> bytes:
    """Rounded up to a hundredth, as drivers send it: at most an eighth of a dot too much."""
    return b"%.2f" % (ceil(dots * 2_540 / dpi - 1e-6) / 100)


def _tracking(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    """GAP or BLINE height,offset; 0 = continuous. Of a black mark, `gap_mm` is the height."""
    if media.gap_mm <= 0 or setup.sensor is Sensor.CONTINUOUS:
        return b"GAP 0,0"
    return b"%b %g mm,0 mm" % (b"BLINE" if setup.sensor is Sensor.MARK else b"GAP", media.gap_mm)


def _origin(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    """SHIFT counts dots along the paper, an inch at most; REFERENCE knows no way to the left."""
    right, down = media.dots(setup.origin_right_mm), media.dots(setup.origin_down_mm)
    if right < 0 or abs(down) > media.dpi:
        raise RefusedError(
            "TSPL: expected an origin_right_mm of 0 or more and an origin_down_mm of at most 25.4, got "
            f"{setup.origin_right_mm:g} and {setup.origin_down_mm:g}; move the roll, or use shift_right_mm"
        )
    return b"REFERENCE %d,0%bSHIFT %d" % (right, quirks.line_end, down)


def _ribbon(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    return b"" if setup.ribbon is None else b"SET RIBBON %b" % (b"ON" if setup.ribbon else b"OFF")


def _heat(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    return b"" if setup.darkness is None else b"DENSITY %d" % max(0, min(15, setup.darkness))


def _speed(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    """In inches per second, its steps by the model's manual."""
    return b"" if setup.speed_ips is None else b"SPEED %g" % setup.speed_ips


MODES = (
    Mode(
        "SET REPRINT",
        "出错后自己补打",
        "the printer's own reprint after an error",
        Stays.POWER,
        "[GP] setReprint; its value at power-up is unconfirmed and taken to be ON",
        always(b"SET REPRINT OFF"),
        (b"SET REPRINT ON\r\n",),
    ),
    Mode(
        "SET PRINTKEY",
        "走纸键再打一张",
        "the feed key prints a second copy",
        Stays.POWER,
        "[TSPL] SET PRINTKEY",
        always(b"SET PRINTKEY OFF"),
        (b"SET PRINTKEY ON\r\n",),
    ),
    Mode(
        "SET RESPONSE",
        "每张后自己说话",
        "words after each label that nobody asked for",
        Stays.STORED,
        "[GP] SET RESPONSE; what a TSC makes of it is unconfirmed",
        always(b"SET RESPONSE OFF"),
        (b"SET RESPONSE ON\r\n",),
    ),
    Mode(
        "SET HEAD",
        "开盖传感器不管用",
        "the sensor of the open head is switched off",
        Stays.STORED,
        "[TSPL] SET HEAD; [GP] setHead",
        always(b"SET HEAD ON"),
        (b"SET HEAD OFF\r\n",),
    ),
    Mode(
        "CODEPAGE",
        "代码页",
        "the code page",
        Stays.STORED,
        "[TSPL] CODEPAGE",
        always(b"CODEPAGE 437"),
        (b"CODEPAGE UTF-8\r\n",),
    ),
    Mode(
        "SIZE",
        "标签的宽和长",
        "width and length of the label",
        Stays.STORED,
        "[TSPL] SIZE",
        _size,
        (b"SIZE 25 mm,15 mm\r\n",),
    ),
    Mode(
        "GAP BLINE",
        "间隙、黑标、连续纸",
        "gap, mark or continuous",
        Stays.STORED,
        "[TSPL] GAP, BLINE",
        _tracking,
        (b"GAP 0,0\r\n", b"BLINE 4 mm,0 mm\r\n"),
    ),
    Mode(
        "DIRECTION",
        "整张倒转、镜像",
        "the label upside down or mirrored",
        Stays.STORED,
        "[TSPL] DIRECTION",
        always(b"DIRECTION 0,0"),
        (b"DIRECTION 1,0\r\n", b"DIRECTION 0,1\r\n"),
    ),
    Mode(
        "REFERENCE SHIFT",
        "原点，沿走纸方向的微移",
        "the origin, and the shift along the paper",
        Stays.STORED,
        "[TSPL] REFERENCE, SHIFT: 1 inch at most; that a positive SHIFT is down is unconfirmed",
        _origin,
        (b"REFERENCE 24,16\r\n", b"SHIFT 20\r\n"),
    ),
    Mode(
        "OFFSET",
        "剥离、切刀多走的纸",
        "paper fed beyond the label in peel and cut",
        Stays.STORED,
        "[TSPL] OFFSET",
        always(b"OFFSET 0 mm"),
        (b"OFFSET 6 mm\r\n",),
    ),
    Mode(
        "SET TEAR, PEEL, CUTTER, PARTIAL_CUTTER",
        "撕下、剥离、切刀、半切",
        "tear-off, peel-off, cutter, partial cutter",
        Stays.STORED,
        "[TSPL] SET PEEL, SET TEAR, SET CUTTER, SET PARTIAL_CUTTER",
        _handling,
        (b"SET TEAR OFF\r\nSET PEEL ON\r\n", b"SET CUTTER 1\r\n", b"SET PARTIAL_CUTTER 1\r\n"),
    ),
    Mode(
        "SET RIBBON",
        "热转印还是热敏",
        "thermal transfer or direct thermal",
        Stays.STORED,
        "[TSPL] SET RIBBON",
        _ribbon,
        (b"SET RIBBON ON\r\n",),
    ),
    Mode("DENSITY", "浓度", "darkness", Stays.STORED, "[TSPL] DENSITY", _heat, (b"DENSITY 15\r\n",)),
    Mode("SPEED", "速度", "speed", Stays.STORED, "[TSPL] SPEED", _speed, (b"SPEED 12\r\n",)),
    Mode(
        "~!D",
        "转储方式：收到的字节当十六进制打出来，没有命令能退出；不应答，所以不往里打；关机再开",
        "dump mode, which prints what is received as hex and which no command ends: it answers nothing, so nothing is "
        "sent; switch the printer off and on",
        Stays.POWER,
        "[TSPL] ~!D; that no command ends it is taken from its silence about one",
        None,
        (b"~!D\r\n",),
    ),
    Mode(
        "SET GAP, LIMITFEED, SET KEY1",
        "传感器、最多走多长、按键：机上校准的",
        "sensors, longest feed, keys: calibrated at the printer",
        Stays.STORED,
        "[TSPL] SET GAP, LIMITFEED, SET KEY1",
    ),
    Mode(
        "SET COUNTER, COUNTRY",
        "只管打印机自己的字和号：这里只送点阵",
        "of the printer's own text and numbers only: we send dots",
        Stays.STORED,
        "[TSPL] SET COUNTER, COUNTRY",
    ),
)
"""In the order of the preamble, a line each; the image buffer is cleared by each label's own CLS."""
