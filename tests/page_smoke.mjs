// Runs the page's scripts in their order over a stub of the document, feeds it the API's answers from stdin, and prints the page's text and requests.
// It is no browser: it proves that the script renders and orders without an exception, not how the page looks.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const [page, ...scripts] = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));
const { answers, refused = {}, presses } = JSON.parse(readFileSync(0, "utf8"));
const requests = [], errors = [];

class Node {
  constructor(tag) { Object.assign(this, { tag, children: [], attributes: {}, dataset: {}, listeners: {}, value: "", own: "", hidden: false }); }
  get tagName() { return this.tag.toUpperCase(); }
  set textContent(text) { this.own = String(text); this.children = []; }
  get textContent() { return this.own + this.children.map((child) => (child instanceof Node ? child.textContent : child)).join(""); }
  setAttribute(name, value) { this.attributes[name] = value; if (name.startsWith("data-")) this.dataset[name.slice(5)] = value; if (name === "value") this.value = value; }
  append(...nodes) { this.children.push(...nodes); if (this.tag === "select") this.value ||= nodes[0]?.value ?? ""; }
  replaceChildren(...nodes) { this.children = nodes; if (this.tag === "select") this.value = nodes[0]?.value ?? ""; }
  addEventListener(name, run) { (this.listeners[name] ??= []).push(run); }
  focus() { context.document.activeElement = this; }
  showModal() { setTimeout(() => { this.returnValue = "yes"; byId["ask-reason"].value = "碳带皱"; for (const run of this.listeners.close ?? []) run(); }); }
  *all() { for (const child of this.children) if (child instanceof Node) { yield child; yield* child.all(); } }
}
const byId = {};
for (const [, tag, id] of page.matchAll(/<(\w+)[^>]*\bid="([\w-]+)"/g)) byId[id] = new Node(tag);
const everything = () => Object.values(byId).flatMap((node) => [node, ...node.all()]);
byId.operator.value = "A01";

const context = vm.createContext({
  document: { getElementById: (id) => byId[id], createElement: (tag) => new Node(tag), activeElement: null,
    body: new Node("body"),
    querySelectorAll: (wanted) => everything().filter((node) => (wanted === "[data-keep]" ? node.dataset.keep : wanted === `[data-keep="${node.dataset.keep}"]`)) },
  fetch: async (url, options = { method: "GET", headers: {} }) => {
    const path = url.replace("/api/v1", "").split("?")[0];
    requests.push([options.method, path, options.body ?? null, options.headers["Idempotency-Key"] ? "key" : ""]);
    return { ok: path in answers || options.method === "POST", json: async () => answers[path] ?? refused[path] ?? { labels: [], detail: `no answer for ${path}` } };
  },
  EventSource: class { addEventListener() {} }, localStorage: { getItem: () => "A01", setItem() {} },
  crypto: globalThis.crypto, URLSearchParams, setTimeout, clearTimeout, setInterval() {}, console,
});
process.on("unhandledRejection", (error) => errors.push(String(error)));
for (const script of scripts) vm.runInContext(script, context);
context.document.activeElement = context.document.body;
const settled = () => new Promise((resolve) => setTimeout(resolve, 30));
await settled();
for (const text of presses) {
  const [kept, typed] = text.split("="); // a scanner types into the box that is kept under this name, and ends its line
  const box = typed && everything().find((node) => node.dataset.keep === kept);
  if (box) {
    box.value = typed;
    const form = everything().find((node) => node.tag === "form" && node.children.includes(box));
    for (const run of form.listeners.submit ?? []) run({ currentTarget: form, preventDefault() {} });
    await settled();
    continue;
  }
  const [event, id] = kept.split(":");
  if (id) { // a form is sent by the enter key, or by its own button; a picture did not come
    for (const run of byId[id].listeners[event] ?? []) run({ currentTarget: byId[id], preventDefault() {} });
    await settled();
    continue;
  }
  const button = everything().find((node) => node.tag === "button" && node.textContent.startsWith(text));
  if (!button) { errors.push(`no button ${text}`); continue; }
  for (const run of button.listeners.click ?? []) run({ currentTarget: button, preventDefault() {} });
  await settled();
}
const text = Object.fromEntries(Object.entries(byId).map(([id, node]) => [id, node.textContent]));
const focused = context.document.activeElement?.dataset?.keep ?? "";
console.log(JSON.stringify({ text, requests, errors, focused }));
process.exit(0);
