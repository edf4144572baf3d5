// A scanner plays a keyboard. Where its set-up sends a prefix the first key says so, and nothing of the scan is ever
// typed; else it is a burst of keys that no hand can type. This listens before everything else on the page, takes the
// whole scan away from whatever has the focus, puts back what its first keys had typed, and hands the text to one
// function. So a scan presses nothing, fills nothing, and never depends on where the focus is.

import { charOf, isPrefix, textOf } from "./keys.js";
import { SCANNER } from "./scanner_settings.js";

// Gaps between keys, ms, by the time stamps of the keys themselves: a busy page does not make a hand look fast.
// Scanners send a key every 1 to 20 ms; the fastest typists one every 60 ms, two rolled fingers one in some 30 ms.
const GAP_MS = SCANNER.key_interval_ms; // of this site: 30, and more on radio
const SURE = { keys: 4, gap: 15 }; // no hand at all: a badge of four digits without Enter
const FAST = { keys: SCANNER.shortest, gap: GAP_MS };
const ENDED = { keys: Math.max(3, Math.ceil(SCANNER.shortest / 2)), gap: GAP_MS }; // already at its Enter: badges are short
const APART_MS = (GAP_MS * 5) / 3; // a longer gap begins anew
const WITHIN_MS = (GAP_MS * 10) / 3; // once recognised, a radio hiccup of this length is still the same scan
const OPENED_MS = 500; // the same behind a prefix, which no hand types by chance
const ALONE_MS = 1500; // after which a prefix was a hand's: a busy page gets the keys behind it late
const PATIENCE_MS = 2500; // without Enter a scan ends when nothing came for so long: a busy page gets its keys late
const SILENT_MS = 400; // the same, once a scanner has shown that it sends no Enter

let run = []; // keys of the burst that may become a scan, or of the scan being taken: { char, typed, ends, method, at }
let taking = false; // whether it is one
let opened = false; // whether a prefix said so
let field = null; // what the first keys may have changed: { node, value, start, end, direction }
let focused = null; // who had the focus before
let seenAt = -Infinity, takenAt = -Infinity, timer = 0;
let silent = false; // whether this desk's scanner sends no Enter, as far as seen
let deliver, home;

// `take` gets each text; `at` gives the field for keys that were typed with the focus nowhere (or null).
export function watchScanner(take, at) {
  [deliver, home] = [take, at];
  document.addEventListener("keydown", key, true);
  document.addEventListener("keyup", (event) => { if (taking || isPrefix(event)) swallow(event); }, true);
}

function key(event) {
  if (!event.isTrusted) return;
  if (isPrefix(event)) {
    open(event);
    return;
  }
  const one = { ...charOf(event), at: event.timeStamp }, gap = one.at - seenAt;
  if (!one.char && !one.ends) { // Shift and its like belong to the next key; arrows and shortcuts end a run
    if (taking) swallow(event);
    else if (!/^(Shift|CapsLock|NumLock|AltGraph|Control|Alt)$/.test(event.key)) run = [];
    return;
  }
  seenAt = one.at;
  if (taking && gap > (opened ? OPENED_MS : WITHIN_MS)) finish();
  if (taking || (one.ends && one.at - takenAt <= WITHIN_MS)) more(event, one);
  else if (event.repeat) run = []; // a key that is held down
  else first(event, one, gap);
}

// A prefix: whatever stood open is over, and no field has the keys that come, nor an input method.
function open(event) {
  swallow(event);
  if (event.repeat) return;
  if (taking) finish();
  begin(event);
  [taking, opened, seenAt] = [true, true, event.timeStamp];
  document.activeElement?.blur();
  ended(false);
}

function more(event, one) {
  swallow(event);
  takenAt = one.at;
  if (!taking) return; // a second Enter
  run.push(one);
  ended(one.ends);
}

function first(event, one, gap) {
  if (gap > APART_MS || run.length === 0) begin(event);
  run.push(one);
  if (isScan(one.ends)) {
    swallow(event);
    [taking, takenAt] = [true, one.at];
    restore();
    ended(one.ends);
  } else if (one.ends) {
    run = [];
    if (isDigits(event.target) && event.code !== "Tab") event.preventDefault(); // a number that was scanned slowly orders nothing; Tab leads on
  } else if (!isText(document.activeElement) && one.char !== " ") {
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
  field = node && { node, value: node.value, start: node.selectionStart, end: node.selectionEnd, direction: node.selectionDirection };
}

function restore() {
  putBack();
  if (document.activeElement !== focused || run.some((one) => one.method)) document.activeElement?.blur(); // ends a composition
  putBack(); // which may have written once more
}

// Whoever reads the field as it is typed reads it once more.
function putBack() {
  if (!field || field.node.value === field.value) return;
  field.node.value = field.value;
  field.node.dispatchEvent(new Event("input", { bubbles: true }));
}

function finish() {
  clearTimeout(timer);
  const found = textOf(run);
  putBack(); // an input method may have written after the first time
  if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
  if (field && focused === field.node && field.start !== null) field.node.setSelectionRange(field.start, field.end, field.direction ?? "none");
  if (!found && opened) typeBack();
  [run, taking, opened, field, focused] = [[], false, false, null, null];
  if (found) deliver(found);
}

// A sign that is the prefix and came alone was typed by a hand.
function typeBack() {
  if (SCANNER.prefix.length > 1 || focused !== field?.node) return;
  field.node.setRangeText(SCANNER.prefix, field.start, field.end, "end");
  field.node.dispatchEvent(new Event("input", { bubbles: true }));
}

function ended(byEnter) {
  clearTimeout(timer);
  if (byEnter) {
    silent = false;
    finish();
  } else if (opened && run.length === 0) {
    timer = setTimeout(finish, ALONE_MS);
  } else {
    timer = setTimeout(() => { silent = true; finish(); }, silent ? SILENT_MS : PATIENCE_MS);
  }
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

const isText = (node) => node?.tagName === "TEXTAREA" || (node?.tagName === "INPUT" && !/^(checkbox|radio|button|submit|range|file)$/.test(node.type));
const isDigits = (node) => Boolean(node?.matches?.("[data-digits], [inputmode=numeric], [type=number]"));
