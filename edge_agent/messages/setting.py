"""What keys of the configuration are called, and those values of theirs that are words, for people who look at them."""

from __future__ import annotations

from collections.abc import Mapping

from edge_agent.messages.text import Words

SETTINGS: Mapping[str, Words] = {
    "[site] name": Words("工厂", "site"),
    "[site] commission_on": Words("何时算在衣服上", "counts as on its garment"),
    "[site] operator_required": Words("要写操作员", "somebody is named"),
    "[site] shifts": Words("几点换班", "when shifts begin"),
    "[people] required": Words("要刷工牌", "badges are asked for"),
    "[people] idle_end_s": Words("多久没人动就退出（秒）", "idle end, s"),
    "[printing] window_labels": Words("每批张数", "labels a window"),
    "[printing] accepted_proof": Words("至少要的证明", "least proof taken"),
    "[printing] mode": Words("打印方式", "mode"),
    "[proof] scan_every": Words("每几批抽检一次", "windows between sampled scans"),
    "[labels] check_code": Words("防伪码", "check codes"),
    "[labels] approval": Words("模板、规则补充要批准", "templates and rule overrides are approved"),
    "[link] host": Words("二维码的网址", "host of the codes"),
    "[link] case": Words("二维码的字母", "case of the codes"),
    "[registry] url": Words("中心", "registry"),
    "[web] host, port": Words("本页的地址", "this page"),
    "[web] tls": Words("本页的加密", "how it is locked"),
    "[backup] every_h": Words("自动备份（小时）", "backup every, h"),
}

VALUES: Mapping[str, str] = {
    "scan": "扫描时 on a scan",
    "print": "打印时 when printed",
    "required": "要有 required",
    "off": "不用 off",
    "one": "一位班长 by one lead",
    "four_eyes": "两位班长 by two leads",
    "auto": "有人员名单就要 once people are named",
    "on": "要 always",
    "upper": "大写 upper case",
    "lower": "小写 lower case",
    "run": "先存底图 background stored once",
    "site": "本站证书 own authority",
    "given": "单位证书 given certificate",
    "proxy": "代理 a proxy",
    "full": "每张整幅 every label whole",
}
"""Values that are words of the configuration; any other is told as it stands."""
