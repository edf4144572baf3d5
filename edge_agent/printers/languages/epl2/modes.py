"""What an EPL2 printer keeps from label to label: rows, of which preamble and `docs/printer-modes.md` are made.

Sources: [EPL] EPL Programming Guide 14245L-001 Rev. A, page; [EPL003] the same, 14245L-003, p. 39: most settings are
written to flash when they differ, so saying them again wears nothing; [ESIM] Intermec's ESim for the PC4, p. 104;
[UQ] four print-outs in WebZLP's `docs/epl/observed_configs.md`.

R, the origin, has no command here: q sets it, to the middle of the head ([ESIM] q; in all of [UQ] R is half of what the
label leaves of the head), and an R behind q makes the whole head the label's width. A printer that left R alone because
q was told the same width again would print beside; whether one does is unconfirmed.
"""

from __future__ import annotations

from edge_agent.errors import RefusedError
from edge_agent.model.media import Handling, Media, Sensor, Setup
from edge_agent.printers.languages.contract import Mode, Quirks, Stays, always
from edge_agent.printers.languages.epl2 import answer_bits


def _reports(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    """US1 asks for an ACK per label, UN ends that: [EPL] 157."""
    return b"US1" if quirks.confirms else b"UN"


def _options(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    """Cutter, direct thermal, label-taken sensor. What O does not mention it resets, so `Fr`, reprint by the feed key,
    is off without a word; F itself is left out, since the print-out of an LP 2844 (V4.45) does not know it."""
    if setup.ribbon is None:
        raise RefusedError(
            "EPL2: expected to know whether the printer has a ribbon, since each O command says so; got nothing; write "
            "ribbon = true (thermal transfer) or ribbon = false (direct thermal) on the printer's row in agent.toml"
        )
    said = {
        b"C": setup.handling is Handling.CUT,
        b"D": not setup.ribbon,
        b"P": setup.handling is Handling.PEEL,
    }
    return b"O" + b",".join(letter for letter, on in said.items() if on)


def _width(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    if media.dots(setup.origin_right_mm) or media.dots(setup.origin_down_mm):
        raise RefusedError(
            "EPL2: expected no origin_right_mm and no origin_down_mm, since q puts the label in the middle of the head "
            f"and R undoes that; got {setup.origin_right_mm:g} and {setup.origin_down_mm:g}; use shift_right_mm and "
            "shift_down_mm"
        )
    return b"q%d" % (-(-media.width_dots // 8) * 8)


def _form(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    """Black line mode requires an offset; the + before it is unconfirmed for 0."""
    if not 0 < media.height_dots <= answer_bits.FORM_DOTS:
        raise RefusedError(
            f"EPL2: expected a label of 1 to {answer_bits.FORM_DOTS} dots, got {media.height_dots}; change it"
        )
    if media.gap_mm <= 0 or setup.sensor is Sensor.CONTINUOUS:
        return b"Q%d,0" % media.height_dots
    mark = setup.sensor is Sensor.MARK
    return (b"Q%d,B%d+0" if mark else b"Q%d,%d") % (media.height_dots, _gap_dots(media))


def _gap_dots(media: Media) -> int:
    """An unknown resolution is held to the bounds of 203 dpi, which are wider."""
    least, most = answer_bits.GAP_DOTS.get(media.dpi, answer_bits.GAP_DOTS[203])
    gap = media.dots(media.gap_mm)
    if not least <= gap <= most:
        raise RefusedError(
            f"EPL2: expected a gap or mark of {least} to {most} dots, got {media.gap_mm:g} mm = {gap} dots; "
            "correct the gap, or use another roll"
        )
    return gap


def _heat(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    if setup.darkness is None:
        return b""
    if not 0 <= setup.darkness <= answer_bits.DARKNESS:
        raise RefusedError(f"EPL2: expected a darkness of 0 to {answer_bits.DARKNESS}, got {setup.darkness}; change it")
    return b"D%d" % setup.darkness


def _speed(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    if setup.speed_ips is not None:
        raise RefusedError(
            f"EPL2: expected no speed, since S means another one on each model; got speed_ips = {setup.speed_ips:g}; "
            "leave it out and set the speed at the printer"
        )
    return b""


MODES = (
    Mode(
        "UA UB",
        "换卷后接着打",
        "the batch goes on after media out",
        Stays.POWER,
        "[EPL] 147: cleared by power-up and reset",
        always(b"UA"),
        (b"UB\r\n",),
    ),
    Mode("US UT UN", "每张后自己说话", "words after each label", Stays.POWER, "[EPL] 157", _reports, (b"US1\r\n",)),
    Mode(
        "O",
        "切刀、热敏、剥离，走纸键补打",
        "cutter, direct thermal, peel, and reprint by the feed key",
        Stays.STORED,
        "[EPL] 130",
        _options,
        (b"O\r\n", b"OP\r\n", b"OC,Fr\r\n"),
    ),
    Mode(
        "I",
        "代码页、数据位",
        "the code page and the data bits of text",
        Stays.STORED,
        "[EPL] I; [UQ] I8,A,001 and I8,0,001",
        always(b"I8,0,001"),
        (b"I7,0,001\r\n", b"I8,A,001\r\n"),
    ),
    Mode(
        "JF JB JC",
        "打完退回页首",
        "backing up to the top of the form",
        Stays.STORED,
        "[EPL] JF; [UQ] JF",
        always(b"JF"),
        (b"JB\r\n",),
    ),
    Mode(
        "q R",
        "标签的宽，和原点",
        "the width of the label, and the origin",
        Stays.STORED,
        "[EPL] q; [ESIM] 104",
        _width,
        (b"q200\r\n", b"R40,16\r\n"),
    ),
    Mode(
        "Q",
        "标签的长，间隙、黑标、连续纸",
        "the length of the label; gap, mark or continuous",
        Stays.STORED,
        "[EPL] 137",
        _form,
        (b"Q200,24\r\n", b"Q320,0\r\n"),
    ),
    Mode("ZT ZB", "整张倒转", "the label upside down", Stays.STORED, "[EPL] Z", always(b"ZT"), (b"ZB\r\n",)),
    Mode("D", "浓度", "darkness", Stays.STORED, "[EPL] 86", _heat, (b"D15\r\n",)),
    Mode(
        "S",
        "速度：同一个数各型号不同，机上设",
        "speed: one number is another speed on each model, so it is set at the printer",
        Stays.STORED,
        "[EPL] 142",
        _speed,
    ),
    Mode(
        "N",
        "图和前面命令的错误留着",
        "what is drawn, and the error of an earlier command",
        Stays.POWER,
        "[EPL] N; [ESIM] N clears errors; each label says it too",
        always(b"N"),
    ),
    Mode(
        "dump OEPL1",
        "转储方式、行方式：不应答，所以不往里打；按走纸键，或关机再开",
        "dump mode and line mode: they answer nothing, so nothing is sent; press the feed key, or switch it off and on",
        Stays.POWER,
        "[EPL] dump, OEPL1",
        None,
        (b"dump\r\n", b"OEPL1\r\n"),
    ),
    Mode(
        "f M xS",
        "切纸位置、内存、传感器：机上校准的",
        "where it is cut, memory, sensors: calibrated at the printer",
        Stays.STORED,
        "[EPL] f, M, xS",
    ),
    Mode(
        "eR oR oE rN rY",
        "只管打印机自己的字、话和缓冲：这里只送点阵",
        "of the printer's own text, words and buffers only: we send dots",
        Stays.STORED,
        "[EPL] eR, o, r",
    ),
)
"""In the order of the preamble, a line each."""
