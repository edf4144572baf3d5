// Which character a key stands for. Where an input method has the keys (Chinese), the browser tells only which key it
// was: then the character is that of a US keyboard, which is what scanners play.

export const UNKNOWN = "\uFFFD";

const ROW = { Digit1: "1!", Digit2: "2@", Digit3: "3#", Digit4: "4$", Digit5: "5%", Digit6: "6^", Digit7: "7&", Digit8: "8*", Digit9: "9(", Digit0: "0)" };
const SIGNS = { Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:", Quote: "'\"", Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?", Space: "  " };
const PAD = { NumpadDivide: "/", NumpadMultiply: "*", NumpadSubtract: "-", NumpadAdd: "+", NumpadDecimal: "." };
const GROUP_SEPARATOR = "\u001d"; // GS1 scanners send Ctrl+] for it

// `{ char, ends, method }`: the character or "", whether it ends a scan (Enter or Tab), whether an input method has it.
export function charOf(event) {
  const method = event.isComposing || event.keyCode === 229 || event.key === "Process" || event.key === "Dead";
  const name = method ? event.code : event.key;
  if (["Enter", "NumpadEnter", "Tab"].includes(name)) return { char: "", ends: true, method };
  if (method) return { char: ofPlace(event), ends: false, method };
  if (event.ctrlKey && event.code === "BracketRight") return { char: GROUP_SEPARATOR, ends: false, method };
  const plain = event.key.length === 1 && (event.getModifierState("AltGraph") || !(event.ctrlKey || event.altKey || event.metaKey));
  return { char: plain ? event.key : "", ends: false, method };
}

function ofPlace(event) {
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  if (letter) return event.shiftKey !== event.getModifierState("CapsLock") ? letter : letter.toLowerCase();
  const pair = ROW[event.code] ?? SIGNS[event.code];
  if (pair) return pair[event.shiftKey ? 1 : 0];
  return PAD[event.code] ?? /^Numpad(\d)$/.exec(event.code)?.[1] ?? (/^(Shift|Caps|Control|Alt|Meta)/.test(event.code) ? "" : UNKNOWN);
}
