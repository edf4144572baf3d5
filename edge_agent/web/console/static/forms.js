// Forms and links of the console, sent without leaving the page: one press is one order, and an answer that was lost is
// told. What a form does stands in its address and its fields, so it does the same without this file.

import { openQuestion, sayHere } from "./ask.js";
import { $, DEAD, Lost, ask, go, read, say, show } from "./live.js";
import { whenFree } from "./presses.js";

const working = new WeakSet(); // forms on their way: a second press of one is no second order

// A question in the answer is asked over the page; any other page that answers a form stands until the next press.
export async function post(action, fields) {
  const { text, url, moved } = await ask(action, { method: "POST", body: new URLSearchParams(fields) });
  const page = read(text);
  if (!moved && page.getElementById("question")) openQuestion(page);
  else whenFree(() => show(page, moved && url, !moved));
  return moved;
}

const OWN = ["key", "back"]; // of the form and not of what is asked

function asked(form, fields) {
  const said = [...fields].filter(([name, value]) => !OWN.includes(name) && (value || name === "lot_no")); // no lot is a choice, too
  return `${form.getAttribute("action")}?${new URLSearchParams(said)}`;
}

async function send(form, pressed) {
  if (working.has(form)) return;
  working.add(form);
  const sheet = form.closest("details.menu-of");
  pressed?.setAttribute("aria-busy", "true");
  try {
    const fields = new FormData(form, pressed);
    if (fields.has("back") && form.id !== "question") fields.set("back", location.pathname + location.search); // which may be another by now
    if ((pressed?.formMethod || form.method) === "get") await go(asked(form, fields));
    else if (!(await post(form.getAttribute("action"), fields)) && $("ask").open) return; // a field may be called "action", too
    form.closest("dialog")?.close();
    sheet?.removeAttribute("open");
  } catch (error) {
    sayHere(error instanceof Lost && form.method !== "get" ? `${DEAD}。再按一次不会打两份 · Pressing again prints nothing twice` : error.message);
  } finally {
    working.delete(form);
    pressed?.removeAttribute("aria-busy");
  }
}

async function choose(form) {
  try {
    await go(asked(form, new FormData(form)), "replaceState");
  } catch (error) {
    say(error.message, true);
  }
}

function submitted(event, takeScan) {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog") return;
  event.preventDefault();
  if (form.id === "scan-form") { // typed or pasted, and Enter
    const box = form.elements.text, text = box.value;
    box.value = "";
    takeScan(text);
  } else send(form, event.submitter);
}

// Links to the same page with another query are drawn in place; all others are the browser's.
function pressed(event) {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const to = new URL(link.href);
  if (to.origin !== location.origin || to.pathname !== location.pathname || to.hash || "plain" in link.dataset) return;
  event.preventDefault();
  link.setAttribute("aria-busy", "true");
  go(link.href).catch((error) => say(error.message, true)).finally(() => link.removeAttribute("aria-busy"));
}

export function watchForms(takeScan) {
  document.addEventListener("submit", (event) => submitted(event, takeScan));
  document.addEventListener("click", pressed);
  document.addEventListener("change", (event) => { // a choice shows at once what it leads to
    const { form, type } = event.target;
    if (form && "go" in form.dataset && ["radio", "select-one"].includes(type)) choose(form);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("[data-no-enter]")) event.preventDefault();
  });
  document.addEventListener("input", (event) => { // digits only, by hand and by paste
    const box = event.target;
    if (!box.matches?.("[data-digits]") || event.isComposing) return;
    const digits = box.value.replace(/[^0-9]/g, "");
    if (digits !== box.value) box.value = digits;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const one of document.querySelectorAll("details.menu-of[open]")) one.removeAttribute("open");
  });
  document.addEventListener("pointerdown", (event) => {
    for (const one of document.querySelectorAll("details.menu-of[open]")) if (!one.contains(event.target)) one.removeAttribute("open");
  });
}
