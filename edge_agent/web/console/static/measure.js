// Tries a scanner: whether it sends what it read, with its prefix and its Enter, and how fast. What is scanned on this page
// is compared here and goes nowhere; what is typed into a field stays the field's.

import { charOf, isPrefix, textOf } from "./keys.js";
import { SCANNER } from "./scanner_settings.js";
import { sound } from "./sound.js";

const OVER_MS = 1500; // no scanner waits so long between two keys, and a busy page gets them late
const MARGIN = 1.5; // above the slowest gap that was seen: a radio is not always as near as now
const TYPIST_MS = 50; // fast typists send keys with gaps like this
const MARKS = { good: "✓", stop: "✗", attention: "!" }; // beside the colour
const LEAST_MS = 30, MOST_MS = 150;

let keys = [], prefixed = false, timer = 0, cut = null;

const $ = (id) => document.getElementById(id);
const isField = (node) => Boolean(node?.closest?.("input, textarea, select, dialog"));

function heard(event) {
  if (!event.isTrusted || isField(event.target)) return;
  const prefix = isPrefix(event), one = { ...charOf(event), at: event.timeStamp };
  if (!prefix && !one.char && !one.ends) return;
  if (cut && one.at - cut.keys.at(-1).at < 2 * MOST_MS) ({ keys, prefixed } = cut); // the page was late, not the scanner
  cut = null;
  if (keys.length === 0 && (one.ends || one.char === " ")) return; // a press of whatever has the focus
  event.preventDefault();
  event.stopImmediatePropagation();
  if (prefix) [keys, prefixed] = [[], true];
  else keys.push(one);
  clearTimeout(timer);
  if (one.ends && !prefix) over();
  else timer = setTimeout(late, OVER_MS);
}

function late() {
  const before = keys.length ? { keys, prefixed } : null;
  over();
  cut = before;
}

function over() {
  if (keys.length > 1) tell(judge());
  [keys, prefixed] = [[], false];
}

function judge() {
  const chars = keys.filter((one) => !one.ends), gaps = keys.slice(1).map((one, n) => Math.round(one.at - keys[n].at));
  const found = { text: textOf(keys), gaps, slowest: Math.max(...gaps), count: chars.length };
  return { ...found, ...flaw(found, keys.at(-1).ends) };
}

const code = () => $("measured").dataset.code;
const swapped = (text) => [...text].map((one) => (one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase())).join("");

// The first thing that is not as it should be, in words; none: the scanner is set up.
function flaw({ text, slowest, count }, entered) {
  if (text !== code()) return misread(text, count);
  if (!entered) return no("没有发回车", "no Enter", "把后缀设成回车", "set the suffix to Enter");
  if (SCANNER.prefix && !prefixed) return no(`没有发前缀 ${SCANNER.prefix}`, `no prefix ${SCANNER.prefix}`, "把前缀加到所有码制", "add the prefix to all symbologies");
  if (!SCANNER.prefix && slowest > SCANNER.key_interval_ms) return slow(slowest);
  return { look: "good", zh: "好，这把枪设好了", en: "Good: this scanner is set up", todo: "" };
}

function misread(text, count) {
  if (text.startsWith("]") && text.endsWith(code())) return no("多发了 AIM 标识", "an AIM identifier", "关掉 AIM 标识和 Code ID", "switch AIM and code identifiers off");
  if (text === swapped(code())) return no("大小写反了", "case exchanged", "关掉大小写转换和大写锁定补偿", "switch case conversion and caps lock compensation off");
  if (text.toLowerCase() === code().toLowerCase()) return no("大小写变了", "case changed", "关掉大小写转换", "switch case conversion off");
  if (!text.startsWith("TEST")) return { look: "attention", zh: `这是别的码，${count} 个字`, en: `another code, ${count} characters`, todo: shortest(count) };
  return no("字变了", "other characters", "把枪的键盘布局设成美式英文", "set the scanner's keyboard layout to US English");
}

const no = (zh, en, todo_zh, todo_en) => ({ look: "stop", zh: `不好：${zh}`, en: `Bad: ${en}`, todo: `${todo_zh} · ${todo_en}` });

function slow(slowest) {
  const wanted = Math.min(MOST_MS, Math.max(LEAST_MS, Math.ceil((slowest * MARGIN) / 5) * 5));
  const also = wanted > TYPIST_MS ? "；打字快的人也会被当成扫描枪，最好用前缀 · fast typists would scan, too: better use a prefix" : "";
  return { look: "attention", zh: "能读，但是慢", en: "Read, but slow", todo: `agent.toml: [scanner] key_interval_ms = ${wanted}${also}` };
}

const shortest = (count) => (count < SCANNER.shortest && !SCANNER.prefix ? `agent.toml: [scanner] shortest = ${Math.max(4, count)}` : "");

function tell({ look, zh, en, todo, text, gaps, slowest }) {
  const strong = document.createElement("strong"), why = document.createElement("span"), mark = document.createElement("strong");
  strong.textContent = zh;
  mark.textContent = MARKS[look];
  mark.setAttribute("aria-hidden", "true");
  why.className = "why";
  why.textContent = [en, todo].filter(Boolean).join("; ");
  $("measured").className = `scan-told ${look}`;
  $("measured").replaceChildren(mark, strong, why);
  rows([`收到 received: ${text}`, `每两个键之间 between keys, ms: ${gaps.join(" ")}`, `最慢 slowest: ${slowest} ms（${prefixed ? "有前缀 with a prefix" : `没有前缀，界限 no prefix, limit: ${SCANNER.key_interval_ms} ms`}）`]);
  sound({ good: "good", stop: "bad" }[look] ?? "look");
}

function rows(lines) {
  $("measures").replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
}

addEventListener("keydown", heard, true);
