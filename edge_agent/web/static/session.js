// Who is logged in at this desk, where the site asks: a badge logs in, a pad asks for the PIN, and a lead allows one thing
// on the spot. Where nobody is named none of this shows, and the typed name is what is recorded.

import { $, both, el } from "./dom.js";
import { patch } from "./patch.js";
import { guarded } from "./presses.js";
import { Back, call, order, say, tell, whenLeadNeeded } from "./talk.js";

const BADGE = /^BADGE-[A-Z2-7]{16}$/i;
export const isBadge = (text) => BADGE.test(text.trim());

let desk = { asked: false, person: null };
let pad = null; // the open question: { badge, resolve, reject }; its badge is null until a lead's was scanned

export const askingPin = () => pad !== null;
export const asked = () => desk.asked;

// The id of whoever is logged in, or throws a sentence that says what is missing.
export function loggedIn() {
  if (!desk.person) throw new Error("请先扫工牌登录 · Scan your badge first");
  return desk.person.id;
}

export async function readDesk() {
  show(await call("GET", "/session"));
}

function show(found) {
  desk = found;
  document.body.classList.toggle("asked", desk.asked);
  $("operator").hidden = desk.asked;
  $("unnamed").hidden = desk.asked;
  $("desk").hidden = !desk.asked;
  if (!desk.asked) return;
  $("operator-name").textContent = "";
  patch($("desk"), desk.person
    ? [el("strong", {}, desk.person.name || desk.person.id), el("small", {}, `${desk.person.role_words.zh} ${desk.person.role}`),
      el("button", { type: "button", "data-key": "out", on: { click: guarded(logOut) } }, ...both("退出", "Log out"))]
    : [el("strong", {}, "请扫工牌"), el("small", {}, "scan your badge")]);
}

const logOut = async () => show(await call("DELETE", "/session"));

// A scan while the pad is open: a badge is the lead's who was asked for, anything else is told and goes no further.
export function scannedAtPad(text) {
  if (!pad) return false;
  if (isBadge(text)) {
    pad.badge = text.trim();
    wantPin();
  } else {
    $("pin-told").textContent = `先输 PIN 或返回；刚扫的这张还没有登记 · Enter the PIN or go back first; the scan was not taken: ${text}`;
    $("pin-told").hidden = false;
  }
  return true;
}

// A badge that was scanned by whoever comes to this desk.
export async function takeBadge(text) {
  const badge = text.trim();
  let found;
  try {
    found = await order("/session", { badge });
  } catch (error) {
    if (!error.kind?.endsWith("pinneeded")) throw error;
    found = await withPin("请输入 PIN · Enter your PIN", badge, (pin) => order("/session", { badge, pin }));
  }
  show(found);
  tell("good", found.person.name || found.person.id, found.person.role_words.zh, `logged in: ${found.person.role}`);
}

async function leadAllows({ action, detail }) {
  await withPin(detail, null, (pin, badge) => order("/session/lead", { badge, pin, action }));
}

// Asks for a PIN (and before it for a badge, where none was scanned) until `send` takes it; a wrong one may be entered again.
async function withPin(title, badge, send) {
  for (let wrong = ""; ;) {
    const given = await ask(title, badge, wrong);
    try {
      return await send(given.pin, given.badge);
    } catch (error) {
      if (!error.kind?.endsWith("login")) throw error;
      wrong = error.message;
    }
  }
}

function ask(title, badge, wrong) {
  $("pin-title").textContent = title;
  $("pin-told").textContent = wrong;
  $("pin-told").hidden = !wrong;
  $("pin-digits").value = "";
  $("pin").showModal();
  return new Promise((resolve, reject) => {
    pad = { badge, resolve, reject };
    wantPin();
  });
}

function wantPin() {
  $("pin-badge").hidden = Boolean(pad.badge);
  $("pin-pad").hidden = $("pin-digits").hidden = !pad.badge;
  $("pin-title").focus();
}

function close(settle) {
  const open = pad;
  pad = null;
  $("pin").close();
  settle(open);
}

const enter = () => {
  if (!pad?.badge || !$("pin-digits").value) return;
  const pin = $("pin-digits").value;
  close((open) => open.resolve({ pin, badge: open.badge }));
};
const digit = (one) => { $("pin-digits").value = ($("pin-digits").value + one).slice(0, 12); };

export function watchSession() {
  whenLeadNeeded(leadAllows);
  patch($("pin-pad"), [..."123456789"].map((one) => key(one, one, () => digit(one))).concat(
    key("clear", "清除", () => { $("pin-digits").value = ""; }), key("0", "0", () => digit("0")), key("yes", "确定", enter, "main")));
  $("pin-no").addEventListener("click", () => $("pin").dispatchEvent(new Event("cancel", { cancelable: true })));
  $("pin").addEventListener("cancel", (event) => {
    event.preventDefault();
    if (pad) close((open) => open.reject(new Back("已返回，没有改动 · Nothing was changed")));
  });
  $("pin").addEventListener("keydown", (event) => {
    if (/^[0-9]$/.test(event.key)) digit(event.key);
    else if (event.key === "Backspace") $("pin-digits").value = $("pin-digits").value.slice(0, -1);
    else if (event.key === "Enter" && event.target.tagName !== "BUTTON") enter();
    else return;
    event.preventDefault();
  });
  readDesk().catch((error) => say(error.message, true));
}

const key = (name, text, run, kind = "") => el("button", { type: "button", class: kind, "data-key": name, on: { click: run } }, text);
