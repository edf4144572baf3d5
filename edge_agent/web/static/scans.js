// Where a scan goes. It is never an order: it names a badge, settles the strip that waits for nothing else, names the last
// good label of a strip that went wrong (a person says what becomes of the others), or is entered as read; whatever comes
// of it is told large.

import { $ } from "./dom.js";
import { asking, tellInDialog } from "./dialog.js";
import { UNKNOWN } from "./keys.js";
import { badge, nameOf, operator } from "./operator.js";
import { isBadge, scannedAtPad, takeBadge } from "./session.js";
import { floor } from "./state.js";
import { boxOf, chooseLast, lastGood, rests, restOf, settle } from "./strips.js";
import { call, order, tell } from "./talk.js";

let line = Promise.resolve(); // one after the other, in the order they were read

export function takeScan(read) {
  const text = read.trim();
  if (!text || scannedAtPad(text)) return;
  if (asking()) {
    tellInDialog(text);
    return;
  }
  line = line.then(() => enter(text)).catch((error) => tell("bad", "没有登记", text, `${error.message} · not taken`));
  line = line.then(() => { document.dispatchEvent(new Event("acted")); });
}

async function enter(text) {
  if (text.includes(UNKNOWN)) throw new Error("字没有收全（输入法开着），请换成英文输入再扫 · The input method took some keys; switch it off and scan again");
  if (isBadge(text)) {
    await takeBadge(text);
    return;
  }
  const name = nameOf(text);
  if (name !== undefined) {
    badge(text);
    tell("good", `操作员 ${name}`, text, `Operator: ${name}`);
    return;
  }
  const who = operator();
  const onGarment = $("on-garment").checked;
  const strip = onGarment ? undefined : await stripOf(serialIn(text));
  floor.scanned = serialIn(text);
  if (strip?.awaits_scan) await settleWaiting(strip, text);
  else if (strip && strip.labels.length > 1) chosen(strip, text);
  else {
    const label = await order("/scan", { text, operator: who, on_garment: onGarment });
    if (label.stopped) tell("bad", label.stopped.zh, label.serial, `不要挂到衣服上，放到一边 · keep it off any garment: ${label.stopped.en}`);
    else tell("good", label.words.zh, label.serial, label.words.en);
  }
}

// Asked anew: a strip may have come out since the page was drawn, and a scan that took its last label for one alone would
// leave the others in doubt.
async function stripOf(serial) {
  const { doubts } = await call("GET", "/doubts");
  floor.doubts = doubts;
  return doubts.find((one) => one.serials.includes(serial));
}

// The serial of a Digital Link; "" if there is none.
export const serialIn = (text) => (/\/21\/([^/?#]+)/i.exec(text)?.[1] ?? "").toUpperCase();

async function settleWaiting(strip, text) {
  const settled = await settle(strip, text, restOf(strip));
  tell("good", "这一条已登记，接着打", serialIn(text), `${settled.labels.length} 张 labels · strip settled, printing goes on`);
}

function chosen(strip, text) {
  if (!boxOf(strip)) throw new Error("这一条刚打出来，请再扫一次 · This strip has just come out; scan once more");
  chooseLast(strip, text);
  const { good, after } = lastGood(strip, serialIn(text));
  tell("warn", after ? `前 ${good} 张好，后 ${after} 张${rests[restOf(strip)].zh}？` : `${good} 张都好？`, serialIn(text),
    "还没有登记：请在“存疑”里按“处理” · Not settled yet: press Settle under In doubt");
}
