// Which character a key stands for. A scanner plays a US keyboard, so a key is known by its place (`code`) and by Shift:
// what caps lock, an input method or another layout would make of it does not matter. By its `key` it is known only where
// a browser tells no place (a virtual keyboard), or where the text by place is no code of ours and the text by key is (a
// scanner that was set to the layout of its computer).

import { SCANNER } from "./scanner_settings.js";

export const UNKNOWN = "\uFFFD";

const ROW = { Digit1: "1!", Digit2: "2@", Digit3: "3#", Digit4: "4$", Digit5: "5%", Digit6: "6^", Digit7: "7&", Digit8: "8*", Digit9: "9(", Digit0: "0)" };
const SIGNS = { Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:", Quote: "'\"", Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?", Space: "  " };
const PAD = { NumpadDivide: "/", NumpadMultiply: "*", NumpadSubtract: "-", NumpadAdd: "+", NumpadDecimal: "." };
const GROUP_SEPARATOR = "\u001d"; // GS1 scanners send Ctrl+] for it
const OURS = /^https?:\/\/[\x21-\x7e]*$|^[A-Z0-9]+(-[A-Z0-9]+)*$/i; // links, badges, numbers

// `{ char, typed, ends, method }`: the character by place and by key, each "" if none; whether it ends a scan (Enter or
// Tab); whether an input method has it.
export function charOf(event) {
  const method = event.isComposing || event.keyCode === 229 || event.key === "Process" || event.key === "Dead";
  const name = event.code || event.key;
  if (["Enter", "NumpadEnter", "Tab"].includes(name)) return { char: "", typed: "", ends: true, method };
  if (event.ctrlKey && event.code === "BracketRight") return { char: GROUP_SEPARATOR, typed: GROUP_SEPARATOR, ends: false, method };
  const graph = event.getModifierState("AltGraph"), shortcut = !graph && (event.ctrlKey || event.altKey || event.metaKey);
  const typed = !method && !shortcut && event.key.length === 1 ? event.key : "";
  if (shortcut || !(typed || method)) return { char: "", typed, ends: false, method };
  return { char: ofPlace(event) || (method ? unknown(event) : typed), typed, ends: false, method };
}

function ofPlace({ code, shiftKey }) {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return shiftKey ? letter : letter.toLowerCase();
  const pair = ROW[code] ?? SIGNS[code];
  return pair?.[shiftKey ? 1 : 0] ?? PAD[code] ?? /^Numpad(\d)$/.exec(code)?.[1] ?? "";
}

const unknown = ({ code }) => (/^(Shift|Caps|Control|Alt|Meta)/.test(code) ? "" : UNKNOWN);

// What a run of keys says.
export function textOf(keys) {
  const chars = keys.filter((one) => !one.ends), byPlace = chars.map((one) => one.char).join("");
  if (OURS.test(byPlace) || !chars.every((one) => one.typed)) return byPlace;
  const byKey = chars.map((one) => one.typed).join("");
  return OURS.test(byKey) ? byKey : byPlace;
}

// The key that this site's scanners send before a code; none, if none was set.
export function isPrefix(event) {
  if (!SCANNER.prefix || event.ctrlKey || event.altKey || event.metaKey) return false;
  if (SCANNER.prefix === "~") return event.code ? event.code === "Backquote" && event.shiftKey : event.key === "~";
  return (event.code || event.key) === SCANNER.prefix;
}
