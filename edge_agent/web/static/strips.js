// Strips in doubt: which label is the last good one, and what becomes of the rest.

import { $ } from "./dom.js";
import { ask } from "./dialog.js";
import { operator } from "./operator.js";
import { floor } from "./state.js";
import { order, say } from "./talk.js";

export const rests = {
  invalid: { zh: "作废", en: "void", words: "其余的没有找到 · rest not found" },
  scrapped: { zh: "报废（已销毁）", en: "scrapped (destroyed)", words: "其余的已销毁 · rest destroyed" },
  keep: { zh: "先留着", en: "kept in doubt", words: "其余的先留着 · keep the rest in doubt" },
};

export const boxOf = (strip) => $(`last-${strip.window_id}`);
export const restOf = (strip) => $(`rest-${strip.window_id}`)?.value ?? "keep";
export const chooseLast = (strip, text) => { boxOf(strip).value = text; };

// How many labels in doubt stand up to that one, and how many after it, in print order.
export function lastGood(strip, serial) {
  const place = strip.serials.indexOf(serial);
  const good = strip.labels.filter((one) => strip.serials.indexOf(one.serial) <= place).length;
  return { good, after: strip.labels.length - good };
}

export async function settle(strip, text, rest) {
  return order(`/windows/${strip.window_id}/settle`, { text, operator: operator(), rest });
}

// By the button or by Enter in the box: where labels would be void a person says so once more, and not by Enter.
export async function settleByHand(strip, serialIn) {
  const text = boxOf(strip).value.trim(), rest = restOf(strip);
  if (!text) throw new Error("请先扫描最后一张好标签；一张都不好，请按“没有一张好” · Scan the last good label, or press None is good");
  operator();
  const { good, after } = lastGood(strip, serialIn(text));
  if (rest !== "keep" && after > 0) {
    await ask(`处理整条 · Settle the strip: ${strip.printer}`, {
      consequence: `前 ${good} 张好，后 ${after} 张${rests[rest].zh} · ${good} good, ${after} ${rests[rest].en}`,
      yes: [`${after} 张${rests[rest].zh}`, rests[rest].en],
      danger: true,
    });
  }
  await finish(strip, text, rest);
}

export async function noneGood(strip) {
  operator();
  const rest = restOf(strip), number = strip.labels.length;
  if (rest === "keep") throw new Error("请先选其余的怎么了：没有找到，或已销毁 · First choose what became of them: not found, or destroyed");
  const among = strip.labels.some((one) => one.serial === floor.scanned);
  await ask(`没有一张好 · None is good: ${strip.printer}`, {
    consequence: `${number} 张${rests[rest].zh}${among ? `，含刚扫的这张 ${floor.scanned}` : ""} · ${number} ${rests[rest].en}${among ? ", the one just scanned among them" : ""}`,
    yes: [`${number} 张${rests[rest].zh}`, rests[rest].en],
    danger: true,
  });
  await finish(strip, null, rest);
}

async function finish(strip, text, rest) {
  try {
    const settled = await settle(strip, text, rest);
    say(`已处理 · settled: ${settled.labels.length}`);
  } finally {
    const box = boxOf(strip);
    if (box) box.value = ""; // refused or not: the next scan is clean
  }
}
