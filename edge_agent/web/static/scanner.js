// A scanner plays a keyboard: a burst of keys no hand can type, and Enter. This listens before everything else on the
// page, takes the whole burst away from whatever has the focus, puts back what its first keys had typed, and hands the
// text to one function. So a scan presses nothing, fills nothing, and never depends on where the focus is.

import { charOf } from "./keys.js";

// Gaps between keys, ms, by the time stamps of the keys themselves: a busy page does not make a hand look fast.
// Scanners send a key every 1 to 20 ms; the fastest typists one every 60 ms, two rolled fingers one in some 30 ms.
const SURE = { keys: 4, gap: 15 }; // no hand at all: a badge of four digits without Enter
const FAST = { keys: 6, gap: 30 }; // slow scanners, on radio
const ENDED = { keys: 3, gap: 30 }; // the same and already at its Enter: short badges
const APART_MS = 50; // a longer gap begins anew
const WITHIN_MS = 100; // once recognised, a radio hiccup of this length is still the same scan
const PATIENCE_MS = 2500; // without Enter a scan ends when nothing came for so long: a busy page gets its keys late
const SILENT_MS = 400; // the same, once a scanner has shown that it sends no Enter

let run = []; // keys of the burst that may become a scan: { char, ends, method, at }
let text = null; // of the scan being taken; null: none
let field = null; // what the first keys may have changed: { node, value, start, end }
let focused = null; // who had the focus before
let seenAt = -Infinity, takenAt = -Infinity, timer = 0;
let silent = false; // whether this desk's scanner sends no Enter, as far as seen
let deliver, home;

// `take` gets each text; `at` gives the field for keys that were typed with the focus nowhere (or null).
export function watchScanner(take, at) {
  [deliver, home] = [take, at];
  document.addEventListener("keydown", key, true);
  document.addEventListener("keyup", (event) => { if (text !== null) swallow(event); }, true);
}

function key(event) {
  if (!event.isTrusted) return;
  const { char, ends, method } = charOf(event);
  if (!char && !ends) { // Shift and its like belong to the next key; arrows and shortcuts end a run
    if (text !== null) swallow(event);
    else if (!/^(Shift|CapsLock|NumLock|AltGraph|Control|Alt)$/.test(event.key)) run = [];
    return;
  }
  const at = event.timeStamp, gap = at - seenAt;
  seenAt = at;
  if (text !== null && gap > WITHIN_MS) finish();
  if (text !== null || (ends && at - takenAt <= WITHIN_MS)) more(event, char, ends, at);
  else if (event.repeat) run = []; // a key that is held down
  else first(event, { char, ends, method, at }, gap);
}

function more(event, char, ends, at) {
  swallow(event);
  takenAt = at;
  if (text === null) return; // a second Enter
  text += char;
  ended(ends);
}

function first(event, key, gap) {
  const { char, ends } = key;
  if (gap > APART_MS || run.length === 0) begin(event);
  run.push(key);
  if (isScan(ends)) {
    swallow(event);
    takenAt = key.at;
    text = run.map((one) => one.char).join("");
    restore();
    ended(ends);
  } else if (ends) {
    run = [];
  } else if (isList(event.target)) {
    if (char !== " ") event.preventDefault(); // a list chooses by what is typed, at once: here only arrows and presses do
  } else if (!isText(document.activeElement) && char !== " ") {
    home()?.focus({ preventScroll: true }); // a scanner that is slow as a hand still has one place
  }
}

function isScan(ends) {
  const gap = run.length > 1 ? (run.at(-1).at - run[0].at) / (run.length - 1) : Infinity;
  return [SURE, FAST, ...(ends ? [ENDED] : [])].some((rule) => run.length >= rule.keys && gap <= rule.gap);
}

function begin(event) {
  run = [];
  focused = document.activeElement;
  const node = isText(event.target) ? event.target : home();
  field = node && { node, value: node.value, start: node.selectionStart, end: node.selectionEnd };
}

function restore() {
  putBack();
  if (document.activeElement !== focused || run.some((one) => one.method)) document.activeElement?.blur(); // ends a composition
  putBack(); // which may have written once more
}

function putBack() {
  if (field && field.node.value !== field.value) field.node.value = field.value;
}

function finish() {
  clearTimeout(timer);
  const found = text;
  putBack(); // an input method may have written after the first time
  if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
  if (field && focused === field.node) field.node.setSelectionRange?.(field.start, field.end);
  [run, text, field, focused] = [[], null, null, null];
  deliver(found);
}

function ended(byEnter) {
  clearTimeout(timer);
  if (byEnter) {
    silent = false;
    finish();
  } else {
    timer = setTimeout(() => { silent = true; finish(); }, silent ? SILENT_MS : PATIENCE_MS);
  }
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

const isList = (node) => Boolean(node?.closest?.("select"));
const isText = (node) => node?.tagName === "TEXTAREA" || (node?.tagName === "INPUT" && !["checkbox", "radio"].includes(node.type));
