// The card of a strip in doubt.

import { both, el } from "./dom.js";
import { decide } from "./dialog.js";
import { button, guarded } from "./presses.js";
import { serialIn } from "./scans.js";
import { noneGood, rests, settleByHand } from "./strips.js";
import { newKey } from "./talk.js";

// Where nothing went wrong and a scan is all that is missing, a scan of the wrong label must void nothing.
const restsOf = (strip) => (strip.awaits_scan ? ["keep", "invalid", "scrapped"] : ["invalid", "scrapped", "keep"]);

export function doubtCard(strip) {
  const box = el("input", { id: `last-${strip.window_id}`, placeholder: "扫描最后一张好标签 · scan the last good label", autocomplete: "off", maxlength: 1000 });
  const rest = el("select", { id: `rest-${strip.window_id}`, "aria-label": "其余的 the rest" },
    ...restsOf(strip).map((value) => el("option", { value }, rests[value].words)));
  const none = button("none", "没有一张好", "None is good", () => noneGood(strip), "danger apart");
  const rarely = strip.awaits_scan ? [el("div", { class: "row" }, rest, none)] : [];
  return el("div", { class: strip.awaits_scan ? "card doubt awaits" : "card doubt", "data-key": strip.window_id },
    el("div", { class: "row between" }, el("span", { class: "name" }, `${strip.printer} · ${strip.labels.length} 张 labels`),
      el("span", { class: "facts" }, strip.window_id)),
    strip.awaits_scan ? el("p", { class: "big" }, ...both("请扫描最后一张好标签，扫描后自动继续", "Scan the last good label; printing then goes on by itself")) : null,
    el("form", { class: "row", on: { submit: guarded(() => settleByHand(strip, serialIn)) } }, box, strip.awaits_scan ? null : rest,
      el("button", { class: "main", "data-key": "settle" }, ...both("处理", "Settle")), strip.awaits_scan ? null : none),
    el("details", {}, el("summary", {}, ...(strip.awaits_scan ? both("没有全打好", "Not all are good") : both("逐张处理", "One by one"))),
      ...rarely, el("div", { class: "strip" }, ...strip.labels.map(labelRow))));
}

const keys = new Map(); // one replacement per label, also if its answer was lost and the button is pressed again
const keyOf = (serial) => keys.get(serial) ?? keys.set(serial, newKey()).get(serial);

function labelRow(label) {
  const path = `/labels/${encodeURIComponent(label.serial)}`;
  const gone = (zh, en) => ({ consequence: `1 张${zh}，不能恢复 · 1 label ${en}; that cannot be undone`, yes: [zh, en] });
  return el("div", { class: "label", "data-key": label.serial }, el("code", {}, label.serial), el("span", { class: "row" },
    button("replace", "报废补打", "Scrap, replace", () => decide(`报废并补打 ${label.serial}`, `${path}/replace`,
      { ...gone("报废，补打 1 张", "scrapped, 1 printed for it"), headers: { "Idempotency-Key": keyOf(label.serial) } })),
    button("scrap", "报废", "Scrap", () => decide(`报废（已销毁）${label.serial}`, `${path}/scrap`, gone("报废", "scrapped"))),
    button("invalid", "找不到", "Not found", () => decide(`作废（找不到）${label.serial}`, `${path}/invalidate`, gone("作废", "void")), "danger")));
}
