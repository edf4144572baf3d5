"""One normal form for words that are compared. Pure.

Two words that a person cannot tell apart are one word for every rule. A table copied out of a PDF holds radicals
instead of characters, a form filled in by hand holds blanks, full-width signs and letters of other scripts. A rule that
compares what was typed is passed by one of them and refuses an honest record for the next. What is printed stays as it
was given; `odd_one` finds the character, so that a finding can name it.

Sources: NFKC of Unicode Standard Annex 15 (width, brackets, Kangxi radicals); the radicals and strokes that NFKC leaves
alone as `EquivalentUnifiedIdeograph.txt` of Unicode 14.0 pairs them; letters of Greek and Cyrillic as `confusables.txt`
of Unicode Technical Standard 39 pairs them with Latin ones; traditional characters and variants as 通用规范汉字表
(2013), annex 1, pairs them, for the words that rules compare and no others.
"""

from __future__ import annotations

import re
import unicodedata

_RADICALS = (
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺"
    "⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲"
    "㇆㇏㇐㇑㇒㇓㇔㇕㇖㇗㇘㇙㇚㇛㇜㇝㇞㇟㇠㇡"
)
_UNIFIED = (
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀"
    "聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀"
    "𠃌乀一丨丿丿丶𠃍乛𠃊𠃎𠄌亅𡿨𠃋乀𠃑乚乙𠄎"
)
_TRADITIONAL = "絨羢綿緜纖維鵝鵞鴨類純絲蠶錦綸滌駝馬氂犛苧亞黃羅膠彈複屬鍍殼嬰兒優領門蓋風褲連夾"
_SIMPLIFIED = "绒绒绵绵纤维鹅鹅鸭类纯丝蚕锦纶涤驼马牦牦苎亚黄罗胶弹复属镀壳婴儿优领门盖风裤连夹"
_OTHER_LETTERS = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВСЕНІЈКМОРЅТХУасеорхуіјѕο"
_LATIN = "ABEZHIKMNOPTYXABCEHIJKMOPSTXYaceopxyijso"
_SHEEP = str.maketrans("𦍌𦍋", "羊羊")
"""Two radicals are paired with a bare form of 羊 that no word is written with."""

_ALIKE = {
    ord(given): unified.translate(_SHEEP)
    for given, unified in zip(_RADICALS + _TRADITIONAL + _OTHER_LETTERS, _UNIFIED + _SIMPLIFIED + _LATIN, strict=True)
} | _SHEEP

_UNSEEN_KINDS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_UNSEEN = frozenset(
    chr(code)
    for first, last in (
        *((0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800)),
        *((0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xE0100, 0xE01EF)),
    )
    for code in range(first, last + 1)
)
"""Letters and marks that leave no ink (Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt), and the
blank of Braille."""

_READ_OVER = re.compile(r"[^\w/+&()]|_")


def unseen(character: str) -> bool:
    """Whether nobody can see it: controls, zero-width, direction marks, variation selectors, fillers."""
    return character in _UNSEEN or unicodedata.category(character) in _UNSEEN_KINDS


def folded(text: str) -> str:
    """`text` with one spelling for what looks the same; blanks stay, as plain ones, and so does the case of letters."""
    if text.isascii() and text.isprintable():
        return text  # has one spelling, and rules fold hundreds of designations a label
    seen = "".join(" " if character.isspace() else character for character in text)
    seen = "".join(character for character in seen if not unseen(character))
    return unicodedata.normalize("NFKC", seen).translate(_ALIKE)


def plain(text: str) -> str:
    """`folded` without blanks: the form in which names, grades and other words are compared.

    >>> plain("绵⽺\u3000⽑（再生）")
    '绵羊毛(再生)'
    """
    return unicodedata.normalize("NFKC", "".join(folded(text).split()))


def letters(text: str) -> str:
    """`plain` without the marks and signs that part a word and are read over; what joins two names stays (`/+&()`).

    >>> letters("绵·羊\u0305绒")
    '绵羊绒'
    """
    return _READ_OVER.sub("", plain(text))


def odd_one(text: str) -> tuple[str, str] | None:
    """The first character that stands for another one which looks the same or is the standard form of it, and that one.

    >>> odd_one("绵⽺毛")
    ('⽺', '羊')

    Full-width signs and blanks are no odd characters: everybody sees them.
    """
    return next(((one, other) for one in text if (other := _unodd(one)) != one), None)


def _unodd(character: str) -> str:
    radical = "\u2f00" <= character <= "\u2fdf" or character in "\u2e9f\u2ef3"
    return unicodedata.normalize("NFKC", character) if radical else character.translate(_ALIKE)
