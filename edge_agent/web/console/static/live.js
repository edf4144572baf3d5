// Keeps the page as the floor is now: asks for it again when the agent rings, and patches what is there, so that nothing
// moves under a finger and nothing typed is lost. What is unknown is grey.

import { patch } from "./patch.js";
import { whenFree } from "./presses.js";

const OFTEN_MS = 3000; // printers change without a bell
const ANSWER_MS = 10000; // a question that has no answer by then has none
const PARTS = ["rail", "top", "scan-place", "work", "foot"];

export const $ = (id) => document.getElementById(id);
export class Lost extends Error {} // no answer: what was ordered may have been done, or not
export const DEAD = "代理没有应答，没有收到回话 · No answer from the agent";

let drawn = 0; // pages drawn; an older answer never overwrites a newer one

// The text of a page and the address at which it was found.
export async function ask(url, options = {}) { // `moved`: whether the answer is another page than the one that was asked
  const asked = options.method === "POST" ? options : { ...options, signal: AbortSignal.timeout(ANSWER_MS) };
  let answer, text;
  try {
    answer = await fetch(url, asked);
    text = await answer.text();
  } catch {
    throw new Lost(DEAD);
  }
  if (!answer.headers.get("Content-Type")?.startsWith("text/html")) throw new Error(detail(text, answer.status));
  return { text, url: answer.url, moved: answer.redirected };
}

function detail(text, status) {
  try {
    return JSON.parse(text).detail;
  } catch {
    return `没有照做 · not done (${status})`;
  }
}

export const read = (text) => new DOMParser().parseFromString(text, "text/html");

// Shows a page that was read. What was told goes where it stays; the address no longer names it. `held`: the page answers a
// form and has no address of its own, so its work stays as it is until the next press.
let held = false;
export function show(page, url, hold = false) {
  drawn += 1;
  held = hold;
  const { who } = $("who").dataset;
  renew(page, PARTS);
  if ($("who").dataset.who !== who) $("toast").hidden = true; // it was said to somebody else
  told(page);
  if (url) address(url);
}

function renew(page, parts = held ? PARTS.filter((id) => id !== "work") : PARTS) {
  document.title = page.title;
  document.documentElement.dataset.look = page.documentElement.dataset.look;
  for (const id of parts) patch($(id), [...page.getElementById(id).childNodes]);
  alive(true);
}

function told(page) {
  for (const [id, silent] of [["scan-told", (node) => node.classList.contains("none")], ["toast", (node) => node.hidden]]) {
    const fresh = page.getElementById(id);
    if (fresh && !silent(fresh)) $(id).replaceWith(document.importNode(fresh, true));
  }
  const toast = page.getElementById("toast"), asks = $("scan-told").classList.contains("attention");
  if (asks && toast?.classList.contains("good")) $("scan-told").replaceWith(document.importNode(page.getElementById("scan-told"), true));
  if (!$("toast").hidden) hideLater($("toast"));
}

// One sentence above the bar.
export function say(text, bad) {
  const node = $("toast");
  node.textContent = text;
  node.className = bad ? "bad" : "";
  node.hidden = false;
  hideLater(node);
}

let timer = 0;
function hideLater(node) {
  clearTimeout(timer);
  timer = setTimeout(() => { node.hidden = true; }, Math.max(node.className === "bad" ? 12000 : 5000, node.textContent.length * 120));
}

function address(url) {
  const to = new URL(url);
  to.searchParams.delete("said");
  const same = to.pathname === location.pathname;
  if (to.href !== location.href) history[same ? "replaceState" : "pushState"](null, "", to);
}

// Another address of the console, in place.
export async function go(url, how = "pushState") {
  const turn = ++going, found = await ask(url);
  if (turn !== going) return; // of several choices only the newest counts
  const to = new URL(found.url);
  if (how && to.href !== location.href) history[how](null, "", to);
  show(read(found.text));
}

let going = 0;
let busy = false, again = false;
export async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  const before = drawn, here = location.href;
  try {
    const { text } = await ask(here);
    whenFree(() => { if (before === drawn && here === location.href) renew(read(text)); });
  } catch (error) { // an answer that is no page says nothing of the floor either
    whenFree(() => alive(false, error instanceof Lost ? "" : error.message));
  } finally {
    busy = false;
    if (again) { again = false; setTimeout(refresh, 300); }
  }
}

let known = true, present = null, whenBack = () => {}; // `present`: who was here when this page last knew
function alive(now, why = "") {
  $("away").hidden = now;
  $("away-why").textContent = why;
  document.body.classList.toggle("away", !now);
  const link = $("link"), words = now ? ["已连接", "connected"] : ["没有应答", "no answer"];
  link.className = `pill ${now ? "good" : "unknown"}`;
  link.lastElementChild.textContent = words.join(" ");
  if (!now) for (const pill of document.querySelectorAll("[data-live] .pill, .pill[data-live]")) unknown(pill);
  const { who } = $("who").dataset, back = now && (!known || who !== present);
  [known, present] = [now, who];
  if (back) whenBack();
}

function unknown(pill) {
  pill.className = "pill unknown";
  pill.querySelector("path")?.setAttribute("d", $("away").querySelector("path").getAttribute("d"));
  pill.lastElementChild.textContent = "未知 unknown";
}

export function keepFresh(back) {
  whenBack = back;
  address(location.href);
  alive(true);
  if (!$("toast").hidden) hideLater($("toast"));
  const bell = new EventSource("/api/v1/changes");
  bell.addEventListener("change", refresh);
  bell.addEventListener("error", refresh);
  setInterval(refresh, OFTEN_MS);
  addEventListener("popstate", () => go(location.href, "").catch(refresh));
}
