"""What to do about a row of the doctor that is not well, in both languages."""

from __future__ import annotations

from edge_agent.messages.text import Words

LEDGER = Words(
    "先停代理，跑 edge-agent ledger verify 看坏在哪里；要恢复备份，照 docs/backups.md",
    "stop the agent and run edge-agent ledger verify; to put a backup back follow docs/backups.md",
)
HOLDS = Words(
    "照这句话做；怎么查、谁来解除，见 docs/troubleshooting.md 第 2 步",
    "do what the sentence says; how to look and who lifts it: docs/troubleshooting.md, step 2",
)
LEASES = Words(
    "让代理连上平台，证书还有效就自动续期；续不了问协会",
    "let the agent reach the registry, which renews it while the certificate stands; else ask the association",
)
DISK = Words(
    "清理这块盘，或把账本、备份移到大一点的盘", "make room on this disk, or move ledger or backups to a larger one"
)
CATALOGUE = Words(
    "文件坏了：从最新的备份拷回 catalogue.json，见 docs/backups.md",
    "the file is damaged: copy catalogue.json back from the newest backup, docs/backups.md",
)
IMPORT = Words("导入资料：edge-agent catalog import FILE", "import styles: edge-agent catalog import FILE")
BACKUP = Words(
    "看日志里的 backup_failed 和放备份的那块盘；代理没在运行就先启动它",
    "look at backup_failed in the log and at the disk of the backups; start the agent if it does not run",
)
BACKUP_ON = Words(
    "在 agent.toml 写 [backup] every_h = 24，最好放另一块盘",
    "set [backup] every_h = 24 in agent.toml, best on another disk",
)
DUMP = Words(
    "看 central-registry 的日志 registry_dump_failed；有没有运行看 edge-agent registry-here status",
    "look at registry_dump_failed in the log of central-registry; edge-agent registry-here status says whether it runs",
)
SSCC_BLOCK = Words(
    "只有这台电脑装箱就不用管；还有别的，每台的 [site] sscc_block 写不同的开头，见 docs/packing.md",
    "fine if this computer packs alone; else give each other digits in [site] sscc_block: docs/packing.md",
)
BACKUP_SOON = Words("启动代理，它马上就做一份", "start the agent, it makes one at once")
UPDATE = Words(
    "更新：edge-agent update get，再在没有打印时 sudo edge-agent update apply（docs/updates.md）",
    "run edge-agent update get, then, while nothing prints, sudo edge-agent update apply; docs/updates.md",
)
UPDATE_HELD = Words(
    "打开页面看自检说了什么，改好就自动继续；或退回：sudo edge-agent update back",
    "the page says what is not well: mend that and it goes on by itself; or go back: sudo edge-agent update back",
)
UPDATE_LOOK = Words(
    "跑 edge-agent update check，看它怎么说；没有网络就用 U 盘：--from 文件夹",
    "run edge-agent update check and read what it says; without a network bring a stick: --from FOLDER",
)
ENROL = Words(
    "向平台要一次性口令，再跑 edge-agent enrol --registry URL --token-file F",
    "ask the platform for a one-time token, then run edge-agent enrol --registry URL --token-file F",
)
REGISTRY = Words("查网线和地址；打印不受影响", "check the network and the address; printing goes on meanwhile")
CLOCK = Words("打开系统的自动对时（NTP）", "let the system set its clock by itself (NTP)")
CERTIFICATE = Words("请管证书的人换新证书", "ask whoever keeps the certificate for a new one")
PAGE = Words(
    "加密：edge-agent tls init，见 docs/tls.md；加人员：docs/people.md",
    "lock it: edge-agent tls init, docs/tls.md; name your people: docs/people.md",
)
PAGE_CERTIFICATE = Words("见 docs/tls.md 的“证书不能用”", "see docs/tls.md, section 6")
OWN_CERTIFICATE = Words(
    "本站证书快到头了：edge-agent tls init --again，再给每台设备重装",
    "this site's authority ends: edge-agent tls init --again, then give it to each device",
)
NAMES = Words(
    "用证书里有的名字打开页面，或给本机固定的地址；要换证书：edge-agent tls init --again",
    "open the page by a name that it has, or give this PC a fixed address; else edge-agent tls init --again",
)
SERVICE = Words(
    "systemctl start edge-agent；起不来的原因看 journalctl -u edge-agent",
    "systemctl start edge-agent; why it does not start: journalctl -u edge-agent",
)
START = Words("要打印就启动：edge-agent run --config F", "to print start it: edge-agent run --config F")
APPROVAL_ON = Words(
    '要班长批准才能用，就写 [labels] approval = "one"，见 docs/templates.md',
    'to have leads approve them set [labels] approval = "one": docs/templates.md',
)
APPROVE = Words(
    "请班长在“设置”的“审批”里看过、批准，或 edge-agent template approve NAME --log-in",
    "let a lead look at them on the page Settings, Approvals, or: edge-agent template approve NAME --log-in",
)
PRINTER = Words(
    "照这一行的话做；怎么查见 docs/troubleshooting.md", "do what the row says; docs/troubleshooting.md tells how"
)
SETTINGS = Words("用 edge-agent config check 把错处一次看全", "see every flaw at once with edge-agent config check")
