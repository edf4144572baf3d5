"""What does not fit between a job's labels and its printer: what was compared, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.messages.text import Words
from edge_agent.model.media import Sensor

SENSORS = {
    Sensor.GAP: Words("间隙", "gap"),
    Sensor.MARK: Words("黑标", "black mark"),
    Sensor.CONTINUOUS: Words("连续纸", "continuous"),
}
GAPS = Words("有间隙或黑标的标签纸", "labels with gaps or marks")

_IGNORED = Words(
    "打印机没有采用本程序的设定：在打印机菜单里关闭设定锁定（Zebra：command override），或把打印机改成该值",
    "the printer ignores this setting: switch its lock off (Zebra: command override), or set it on the printer",
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing that is compared, and what an operator does if it differs."""

    what: Words
    advice: Words


ROLL = Compared(
    Words("标签纸的种类", "kind of roll"),
    Words(
        "换纸并改 agent.toml 里这台打印机的 sensor 和 gap_mm，或换打印机、换模板",
        "change the roll and this printer's sensor and gap_mm in agent.toml, or the printer, or the template",
    ),
)
RESOLUTION = Compared(
    Words("分辨率", "resolution"),
    Words(
        "在 agent.toml 里去掉 dpi，或换成该分辨率的型号",
        "take dpi out of agent.toml, or choose the profile of that dpi",
    ),
)
HEAD = Compared(
    Words("标签宽度超出打印头", "label wider than the print head"),
    Words("换窄标签，或换打印机", "take a narrower label or a wider printer"),
)
SENSOR = Compared(Words("纸张传感器", "media sensor"), _IGNORED)
LENGTH = Compared(
    Words("打印机测得的标签长度", "label length the printer reports"),
    Words(
        "核对装的标签纸；纸没有错就校准：printers calibrate",
        "check the roll; if it is the right one, calibrate: printers calibrate",
    ),
)
WIDTH = Compared(Words("打印宽度", "print width"), _IGNORED)
MODEL_SPEED = Compared(
    Words("速度不在该型号的档位里", "speed the model does not have"),
    Words("在 agent.toml 里改 speed_ips", "correct speed_ips in agent.toml"),
)
SPEED = Compared(Words("打印速度", "speed"), _IGNORED)
DARKNESS = Compared(Words("打印浓度", "darkness"), _IGNORED)


def differs(compared: Compared, expected: str | Words, got: str | Words) -> Words:
    """Of something that does not fit: what it should be, what it is, what to do."""
    wanted, found = (text if isinstance(text, Words) else Words(text, text) for text in (expected, got))
    what, advice = compared.what, compared.advice
    return Words(
        f"{what.zh}：应为 {wanted.zh}，实为 {found.zh}；{advice.zh}",
        f"{what.en}: expected {wanted.en}, got {found.en}; {advice.en}",
    )
