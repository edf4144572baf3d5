// Where a scan goes: to the agent, one after the other in the order they were read. What is scanned while the agent is away
// is kept and told: entered as soon as it is back, if the same person is still here and remembers what it was.

import { asking, isBadge, tellInQuestion } from "./ask.js";
import { $, Lost } from "./live.js";
import { post } from "./forms.js";

const FRESH_MS = 10 * 60 * 1000; // who has gone on to other work no longer knows which label it was
const KEPT = "console kept scans";
const UNKNOWN = "\uFFFD";

let line = Promise.resolve();

export function takeScan(read) {
  const text = read.trim();
  if (!text) return;
  if (asking()) {
    tellInQuestion(text, shown(text));
    return;
  }
  const form = $("scan-form");
  const scan = { text, who: $("who").dataset.who, at: Date.now(), on_garment: form.elements.on_garment.checked };
  line = line.then(() => enter(scan)).catch((error) => tell("stop", "没有登记", shown(text), error.message));
}

async function enter({ text, who, at, on_garment }) {
  if (text.includes(UNKNOWN)) throw new Error("字没有收全（输入法开着），请换成英文输入再扫 · The input method took some keys; switch it off and scan again");
  const fields = { text, back: location.pathname + location.search };
  if (on_garment) fields.on_garment = "1";
  try {
    await post("/console/scan", fields);
  } catch (error) {
    if (!(error instanceof Lost) || isBadge(text)) throw error;
    keep([...kept(), { text, who, at, on_garment }]);
    tell("attention", "先留着，还没有登记", text, "代理没有应答；恢复后接着登记 · kept; entered when the agent is back");
  }
}

const shown = (text) => (isBadge(text) ? "" : text);

const kept = () => JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");

function keep(scans) {
  sessionStorage.setItem(KEPT, JSON.stringify(scans));
  $("kept").textContent = scans.length ? `留着 ${scans.length} 个扫描，恢复后登记 · scans kept: ${scans.length}` : "";
}

// The agent is back, or somebody else is here: each kept scan is entered or told as not entered, in its order. A restart
// of the agent ends every session, so they wait for the badge of whoever scanned them.
export function backAgain() {
  const scans = kept(), now = Date.now(), { who, asked } = $("who").dataset;
  if (!scans.length) return;
  if (asked && !who && scans.some((scan) => scan.who)) {
    tell("attention", "请再刷一次工牌", "", `留着 ${scans.length} 个扫描，刷工牌后接着登记 · scan your badge: kept scans are entered then`);
    return;
  }
  keep([]);
  for (const scan of scans) {
    const stale = scan.who !== who || now - scan.at > FRESH_MS;
    line = line.then(() => (stale ? tell("stop", "没有登记，请再扫", scan.text, "断线时扫的，放得太久或换了人 · scanned while the agent was away, too long ago or by somebody else") : enter(scan)))
      .catch((error) => tell("stop", "没有登记", scan.text, error.message));
  }
}

// What came of the last scan, large, until the next one; what to do comes first, as in `scan.html`.
function tell(look, words, text, why) {
  const node = $("scan-told"), [strong, more, what, code, small] = ["strong", "span", "b", "code", "small"].map((tag) => document.createElement(tag));
  strong.textContent = words;
  code.textContent = text.replace(/^.*\/21\//, ""); // of a label's link its serial
  more.className = "why";
  const [zh, ...en] = why.split(" · ");
  what.textContent = zh;
  small.textContent = en.join(" · ");
  more.append(what, " ", code, " ", small);
  node.className = `scan-told ${look}`;
  node.replaceChildren(strong, more);
}
