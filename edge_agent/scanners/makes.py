"""What a scanner has to be set to, and how, make by make: only what a public manual of its maker states, with the page.

The bars that set a scanner up stand in its maker's manual. None is printed here: manuals show them as pictures and say
neither symbology nor text of them, and a bar that was guessed leaves a scanner in a state that nobody knows. What is
said is which of them to scan, by the names that the manual gives them, and which digits. Pure.

Two keys are offered as a prefix, since no input method composes with them and caps lock leaves them alone. F8 types
nothing anywhere and browsers use it for nothing; not every scanner has it. `~` (hexadecimal 7E) every scanner has; on a
US keyboard it is Shift and the key before 1, and by that place it is known whatever the computer makes of it. F9 is for
sites where F8 is taken by another program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge_agent.messages.text import Words

RECOMMENDED = "~"
"""What the page shows for a site that has not chosen: the one that every scanner can send."""
HEX = {"~": "7 E"}
"""ASCII (ISO/IEC 646)."""
TEST_CODE = "TEST-aiqwmyzAIQWMYZ-/:.0123456789"
"""Every character that a layout, caps lock or an input method would change, and which our own codes hold."""

SETTINGS = (
    Words("接口：USB 键盘", "interface: USB keyboard (HID)"),
    Words("键盘布局：美式英文", "keyboard layout: US English"),
    Words("前缀：{prefix}，所有码制都加", "prefix: {prefix}, for all symbologies"),
    Words("后缀：回车（Enter）", "suffix: Enter (CR)"),
    Words("不要 AIM 标识和 Code ID", "no AIM identifier and no code ID"),
    Words("不要大小写转换、不要数字小键盘、不要 Alt 方式发字符", "no case conversion, no keypad digits, no Alt mode"),
    Words("字符间延时：没有", "no delay between characters"),
)
"""What every scanner is set to, whoever made it."""


@dataclass(frozen=True, slots=True)
class Make:
    """A maker by its two names. `steps` are the bars of its manual in order, `{digits}` what stands for the prefix;
    `digits`: prefix → those, where a manual names it beside ASCII; `source`: manual and page."""

    zh: str
    en: str
    steps: Words
    source: str
    digits: Mapping[str, str] = field(default_factory=dict)

    def how(self, prefix: str) -> Words:
        """The steps for a prefix."""
        digits = self.digits.get(prefix) or HEX.get(prefix)
        if digits is None:
            return Words(f"手册里没有查到 {prefix}，请改用 ~", f"its manual names no {prefix}: use ~ instead")
        return Words(self.steps.zh.format(digits=digits), self.steps.en.format(digits=digits))


MAKES = (
    Make(
        "霍尼韦尔",
        "Honeywell",
        Words("Add Prefix → 9 9 → {digits} → Save", "Add Prefix, 9 9 (all symbologies), {digits}, Save"),
        "3800/3900 User's Guide, pages 4-1 and 4-2; HH490 User Guide, chapter 4",
    ),
    Make(
        "斑马 / 讯宝",
        "Zebra / Symbol",
        Words(
            "Scan Options → <PREFIX> <DATA> <SUFFIX> → Enter → Scan Prefix → 手册附录表 E-1 里这个键的四位数字",
            "Scan Options, <PREFIX> <DATA> <SUFFIX>, Enter, Scan Prefix, the key's four digits of table E-1",
        ),
        "Symbol LS1203 Product Reference Guide, page 4-8",
        {"F8": "E-1", "F9": "E-1"},
    ),
    Make(
        "得利捷",
        "Datalogic",
        Words(
            "ENTER/EXIT → SET GLOBAL PREFIX → {digits} → ENTER/EXIT → ENTER/EXIT",
            "ENTER/EXIT, SET GLOBAL PREFIX, {digits}, ENTER/EXIT twice",
        ),
        "QuickScan QD2400 Product Reference Guide, page 219; F8 and F9: PowerScan M8500 manual, page 154",
        {"F8": "8 C", "F9": "8 D"},
    ),
    Make(
        "新大陆",
        "Newland",
        Words(
            "Code Programming ON → Program User Prefix → {digits} → Save Programming → Code Programming OFF "
            "→ Allow User Prefix",
            "Code Programming ON, Program User Prefix, {digits}, Save Programming, Code Programming OFF, "
            "Allow User Prefix",
        ),
        "NLS-FM200 user guide, chapter 8 (page 97 shows the same steps for the suffix)",
    ),
    Make(
        "民德",
        "Mindeo",
        Words("Prefix string setting → {digits} → END", "Prefix string setting, {digits}, END"),
        "MS3590 User Manual, 7-33; MS3690 User Manual, 7-34",
    ),
)
"""优库 and others are not here: no public manual of theirs was found. They are set to `SETTINGS` by their own."""


def key_name(prefix: str) -> Words:
    """A prefix as it is told to a person."""
    if prefix == "~":
        return Words("~（波浪号，十六进制 7E）", "~ (tilde, hexadecimal 7E)")
    return Words(f"{prefix} 键", f"the key {prefix}")
