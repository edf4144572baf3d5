"""What a ZPL II printer keeps from label to label: rows, of which preamble and `docs/printer-modes.md` are made.

Sources: [ZV1] ZPL II Programming Guide, volume 1 (45541L), page; [ZDOC] docs.zebra.com, the page of the command. Where
[ZV1] names no value at power-up, the mode counts as one that ^JUS can save.

The prefixes come first. With another caret a printer reads none of our formats, but still `~CC^`; with another tilde
it answers no question, and only `^CT~` brings it back, which is why `ZPL.cancel` says that too. If both are others,
nothing we know reaches it: it never answers, so nothing is sent to it.
"""

from __future__ import annotations

from edge_agent.errors import RefusedError
from edge_agent.model.media import Handling, Media, Sensor, Setup
from edge_agent.printers.languages.contract import Mode, Quirks, Stays, always

_HANDLING = {Handling.TEAR: b"T", Handling.PEEL: b"P", Handling.CUT: b"C"}
_SENSOR = {Sensor.GAP: b"Y", Sensor.MARK: b"M", Sensor.CONTINUOUS: b"N"}

TOP_DOTS = 120
"""^LT moves so far up or down: [ZV1] 217."""

SHIFT_DOTS = 9_999
"""^LS: [ZV1] 216."""


def _handling(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    return b"^MM" + _HANDLING[setup.handling]


def _tracking(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    return b"^MN" + (b"N" if media.gap_mm <= 0 else _SENSOR[setup.sensor])


def _ribbon(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    return b"" if setup.ribbon is None else (b"^MTT" if setup.ribbon else b"^MTD")


def _size(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    return b"^PW%d^LL%d" % (media.width_dots, media.height_dots)


def _origin(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    """^LT counts down, ^LS counts to the left."""
    right, down = media.dots(setup.origin_right_mm), media.dots(setup.origin_down_mm)
    if abs(down) > TOP_DOTS or abs(right) > SHIFT_DOTS:
        raise RefusedError(
            f"ZPL: expected an origin_down_mm of at most {TOP_DOTS} dots (^LT), got {setup.origin_down_mm:g} mm = "
            f"{down} dots; calibrate the printer for this roll, then correct it"
        )
    return b"^LH0,0^LS%d^LT%d" % (-right, down)


def _heat(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    """Two digits, 00–30: [ZV1] 248."""
    return b"" if setup.darkness is None else b"~SD%02d" % max(0, min(30, setup.darkness))


def _speed(media: Media, setup: Setup, quirks: Quirks) -> bytes:
    """Whole inches per second: [ZV1] 240."""
    return b"" if setup.speed_ips is None else b"^PR%d" % max(1, min(14, round(setup.speed_ips)))


MODES = (
    Mode(
        "^CC ~CC",
        "格式命令的前缀 ^",
        "the prefix of format commands",
        Stays.SAVED,
        "[ZV1] 105",
        always(b"~CC^"),
        (b"^XA^CC/\r\n/XZ", b"^XA^CC/\r\n/JUS/XZ", b"~CC+"),
    ),
    Mode(
        "^JZ",
        "出错后自己补打",
        "the printer's own reprint after an error",
        Stays.POWER,
        "[ZV1] 207: Y at each power-up",
        always(b"^JZN"),
        (b"^XA^JZY^XZ",),
    ),
    Mode(
        "^CT ~CT",
        "控制命令的前缀 ~",
        "the prefix of control commands",
        Stays.SAVED,
        "[ZV1] 115",
        always(b"^CT~"),
        (b"^XA^CT+^XZ",),
    ),
    Mode(
        "^CD ~CD",
        "参数之间的逗号",
        "the comma between parameters",
        Stays.SAVED,
        "[ZV1] 106",
        always(b"^CD,"),
        (b"^XA^CD;^XZ", b"~CD;"),
    ),
    Mode("^SZ", "ZPL 还是 ZPL II", "ZPL or ZPL II", Stays.POWER, "[ZV1] 265", always(b"^SZ2"), (b"^XA^SZ1^XZ",)),
    Mode("^CI", "代码页", "the code page", Stays.SAVED, "[ZV1] 109", always(b"^CI0"), (b"^XA^CI28^XZ",)),
    Mode(
        "^MU",
        "单位，和分辨率换算的倍数",
        "units, and the factor between resolutions",
        Stays.SAVED,
        "[ZV1] 226: equal values for b and c end the conversion",
        always(b"^MUD,300,300"),
        (b"^XA^MUM^XZ", b"^XA^MUI^XZ", b"^XA^MUD,150,300^XZ"),
    ),
    Mode(
        "^JM",
        "每毫米的点数减半",
        "half the dots per millimetre",
        Stays.SAVED,
        "[ZV1] 195",
        always(b"^JMA"),
        (b"^XA^JMB^FS^XZ",),
    ),
    Mode(
        "^MC",
        "前一张的图不清除，叠在下一张上",
        "the label before stays in the picture of the next",
        Stays.POWER,
        "[ZV1] 218: Y at power-up",
        always(b"^MCY"),
        (b"^XA^MCN^FO8,8^GFA,4,4,1,FFFFFFFF^FS^XZ",),
    ),
    Mode(
        "^FW",
        "字段的方向和对齐",
        "orientation and justification of fields",
        Stays.POWER,
        "[ZV1] 149; [ZDOC] ^FW: the second parameter, from V60.14 on",
        always(b"^FWN,0"),
        (b"^XA^FWR,1^XZ",),
    ),
    Mode("^PO", "整张倒转", "the label upside down", Stays.SAVED, "[ZV1] 237", always(b"^PON"), (b"^XA^POI^XZ",)),
    Mode("^PM", "整张镜像", "the label mirrored", Stays.SAVED, "[ZV1] 236", always(b"^PMN"), (b"^XA^PMY^XZ",)),
    Mode("^LR", "字段反白", "fields reversed", Stays.SAVED, "[ZV1] 215", always(b"^LRN"), (b"^XA^LRY^XZ",)),
    Mode(
        "^LH ^LS ^LT",
        "原点：起点、左移、上下移",
        "the origin: home, shift to the left, label top",
        Stays.SAVED,
        "[ZV1] 213, 216, 217",
        _origin,
        (b"^XA^LH24,16^XZ", b"^XA^LS16^XZ", b"^XA^LT-12^XZ"),
    ),
    Mode(
        "^MD",
        "浓度的增减",
        "darkness added or taken",
        Stays.POWER,
        "[ZV1] 219: 0 at power-up",
        always(b"^MD0"),
        (b"^XA^MD-20^XZ",),
    ),
    Mode(
        "^MM",
        "撕下、剥离、切刀、回卷",
        "tear-off, peel-off, cutter, rewind",
        Stays.SAVED,
        "[ZV1] 222",
        _handling,
        (b"^XA^MMP^XZ", b"^XA^MMR^XZ"),
    ),
    Mode("^MN", "间隙、黑标、连续纸", "gap, mark or continuous", Stays.SAVED, "[ZV1] 223", _tracking, (b"^XA^MNN^XZ",)),
    Mode(
        "^MT",
        "热转印还是热敏",
        "thermal transfer or direct thermal",
        Stays.SAVED,
        "[ZV1] 225",
        _ribbon,
        (b"^XA^MTT^XZ",),
    ),
    Mode("^PR", "速度", "speed", Stays.SAVED, "[ZV1] 240", _speed, (b"^XA^PR12^XZ",)),
    Mode(
        "^PW ^LL",
        "标签的宽和长",
        "width and length of the label",
        Stays.SAVED,
        "[ZV1] 245, 214",
        _size,
        (b"^XA^PW200^XZ", b"^XA^LL1200^XZ"),
    ),
    Mode("~SD", "浓度", "darkness", Stays.SAVED, "[ZV1] 248", _heat, (b"~SD30",)),
    Mode(
        "~JS",
        "回纸",
        "backfeed",
        Stays.POWER,
        "[ZV1] 201: without it the leading edge cannot be printed",
        always(b"~JSN"),
        (b"~JSO",),
    ),
    Mode(
        "~JD",
        "诊断方式：收到的字节当文字打出来。连上时用 ~JE 解除；~HS 会说（字段 g），不往里打",
        "diagnostics, which print what is received as text: ended by ~JE at each connection; ~HS tells it (field g), "
        "and nothing is sent",
        Stays.POWER,
        "[ZV1] 188",
        None,
        (b"~JD",),
    ),
    Mode(
        "~TA",
        "撕纸停的位置，不动图：机上调的",
        "where the label rests, not where the ink is: set at the printer",
        Stays.SAVED,
        "[ZV1] 266",
    ),
    Mode(
        "^SS ^JS ^ML ^MF",
        "传感器、最大长度、上电走纸：机上校准的",
        "sensors, longest label, feed at power-up: calibrated at the printer",
        Stays.SAVED,
        "[ZV1] 260, 200, 221, 220",
    ),
    Mode(
        "^CF ^BY ^CV ^CO ^CW ^SE ^SO",
        "只管打印机自己的字、条码和时钟：这里只送点阵",
        "of the printer's own text, bar codes and clock only: we send dots",
        Stays.SAVED,
        "[ZV1] 107, 101, 116, 113",
    ),
    Mode(
        "^MP ^KP ^JT ^JJ ^SX",
        "面板、自检、接口、通知：不动图，多出来的话读的时候跳过",
        "panel, head test, ports, alerts: no ink; words that nobody asked for are skipped",
        Stays.SAVED,
        "[ZV1] 224",
    ),
)
"""In the order of the preamble: what begins with ^ stands in one format without a field, so it makes no label."""
