"use strict";
// A client of /api/v1 and nothing more. Facts enter the page as text nodes only; there is no innerHTML here.

const $ = (id) => document.getElementById(id);
const api = "/api/v1";

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}
const both = (zh, en) => [zh + " ", el("small", {}, en)];
const button = (zh, en, run, kind, more = {}) => el("button", { type: "button", class: kind, on: { click: guarded(run) }, ...more }, ...both(zh, en));
const show = (id, ...nodes) => $(id).replaceChildren(...nodes);
const empty = (zh, en) => el("p", { class: "empty" }, `${zh} · ${en}`);
const pill = (kind, text) => el("span", { class: `pill ${kind}` }, text);

// --- talking to the agent -------------------------------------------------------------------------------------------

async function call(method, path, body, headers = {}) {
  const options = { method, headers: { ...headers } };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  const answer = await fetch(api + path, options);
  const value = await answer.json();
  if (!answer.ok) throw new Error(refusal(value));
  return value;
}
// A sentence that begins in Chinese needs no other before it.
const refusal = ({ words_zh, title, detail = title }) => (!words_zh || /^[\u4e00-\u9fff]/.test(detail) ? detail : `${words_zh} · ${detail}`);
const order = (path, body, headers) => call("POST", path, body, headers);
// Not crypto.randomUUID: a browser offers that only to pages served over TLS or from this very machine.
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

let toastTimer = 0;
function toast(text, bad) {
  const node = $("toast");
  node.textContent = text;
  node.className = bad ? "bad" : "";
  node.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { node.hidden = true; }, Math.max(bad ? 12000 : 4000, text.length * 120));
}

function guarded(run) {
  return async (event) => {
    event?.preventDefault?.();
    const pressed = event?.currentTarget?.tagName === "BUTTON" ? event.currentTarget : null;
    if (pressed) pressed.disabled = true;
    try {
      await run(event);
    } catch (error) {
      toast(error.message, true);
    } finally {
      if (pressed) pressed.disabled = false;
      refresh();
    }
  };
}

function operator() {
  const code = $("operator").value.trim();
  if (!code) {
    $("operator").focus();
    throw new Error("请先填操作员工号 · Enter the operator's code first");
  }
  return code;
}

function ask(title, why) {
  $("ask-title").textContent = title;
  $("ask-reason").value = "";
  $("ask-reason").required = why;
  $("ask-why").hidden = !why;
  $("ask").returnValue = "";
  $("ask").showModal();
  (why ? $("ask-reason") : $("ask-yes")).focus();
  return new Promise((resolve, reject) => {
    $("ask").addEventListener("close", () => {
      if ($("ask").returnValue === "yes") resolve($("ask-reason").value.trim());
      else reject(new Error("已返回，没有改动 · Nothing was changed"));
    }, { once: true });
  });
}

async function decide(title, path, headers) {
  const who = operator();
  await order(path, { operator: who, reason: await ask(title, true) }, headers);
  toast(`已记录 · recorded: ${title}`);
}

// --- keeping it fresh -----------------------------------------------------------------------------------------------

function keepInputs(render) {
  // A refresh must not eat what a scanner is typing: values, focus and caret survive it.
  const active = document.activeElement?.dataset?.keep;
  const kept = new Map([...document.querySelectorAll("[data-keep]")].map((node) => [node.dataset.keep, node.value]));
  render();
  for (const node of document.querySelectorAll("[data-keep]")) {
    if (kept.has(node.dataset.keep)) node.value = kept.get(node.dataset.keep);
    if (node.dataset.keep === active) node.focus({ preventScroll: true });
  }
}

// Groups first: whoever may print on any of several printers should.
const targets = ({ printers, groups }) => [
  ...groups.map((one) => [one.group_id, `${one.name}（组 group: ${one.printers.join(", ")}）`]),
  ...printers.map((one) => [one.printer_id, one.name])];

function takeScanner(doubts) {
  // Hands in gloves hold a scanner and press nothing: a strip that waits for its scan takes it, unless somebody types
  // or puts labels on garments.
  const waiting = doubts.find((one) => one.awaits_scan);
  const unused = [document.body, ...($("scan").value || $("on-garment").checked ? [] : [$("scan")])];
  if (waiting && unused.includes(document.activeElement) && !$("ask").open) {
    document.querySelectorAll(`[data-keep="${waiting.window_id}"]`)[0]?.focus({ preventScroll: true });
  }
}

let asking = false, again = false;
async function refresh() {
  if (asking) { again = true; return; }
  asking = true;
  try {
    const [floor, jobs, copies, doubts, holds, alarms, sync] = await Promise.all(
      ["/printers", "/jobs?limit=20", "/copies?limit=5", "/doubts", "/holds", "/alarms", "/sync"].map((path) => call("GET", path)));
    keepInputs(() => {
      show("printers", ...(floor.printers.length ? floor.printers.map(printerCard) : [empty("没有打印机，请在 agent.toml 中添加", "none; add them to agent.toml")]));
      show("jobs", ...(jobs.jobs.length ? jobs.jobs.map((job) => jobCard(job, floor)) : [empty("没有任务", "no jobs yet")]));
      show("copies", ...copies.copies.map((one) => copiesCard(one, floor)));
      show("doubts", ...doubts.doubts.map(doubtCard));
      takeScanner(doubts.doubts);
      show("holds", ...holds.holds.map(holdBanner), ...alarms.alarms.map(alarmBanner));
      show("sync", ...syncCard(sync));
    });
    $("copies-section").hidden = copies.copies.length === 0;
    $("doubt-section").hidden = doubts.doubts.length === 0;
    fill("printer", targets(floor));
    alive(true);
  } catch (error) {
    alive(false);
  } finally {
    asking = false;
    if (again) { again = false; setTimeout(refresh, 300); }
  }
}

function alive(yes) {
  $("link").textContent = yes ? "已连接 connected" : "代理没有应答 no answer";
  $("link").className = `pill ${yes ? "good" : "bad"}`;
}

function fill(id, options) {
  const select = $(id), before = select.value;
  const wanted = JSON.stringify(options);
  if (select.dataset.options === wanted) return;
  select.dataset.options = wanted;
  select.replaceChildren(...options.map(([value, text]) => el("option", { value }, text)));
  if (options.some(([value]) => value === before)) select.value = before;
}

async function loadCatalogue() {
  const found = await call("GET", "/catalogue");
  const styles = found.styles.map((one) => [JSON.stringify([one.style_no, one.size]), `${one.style_no} · ${one.size} · ${one.name}`]);
  fill("style", styles.length ? styles : [["", "还没有款式，请先导入资料 · none yet, import them first"]]);
  fill("lot", [["", "— 无批次 no lot —"], ...found.lots.map((one) => [one.lot_no, one.lot_no])]);
  fill("template", found.templates.map((name) => [name, `${found.titles[name].zh} · ${name.split(/[\\/]/).pop()}`]));
  withoutCode = found.without_code;
  $("operators").replaceChildren(...found.operators.map((one) => el("option", { value: one.code }, one.name)));
  preview();
}

function chosen() {
  const [style_no, size] = JSON.parse($("style").value || '["", ""]');
  return { style_no, size, template: $("template").value, ...($("lot").value ? { lot_no: $("lot").value } : {}) };
}

function preview() {
  $("preview").hidden = !$("style").value;
  $("refused").hidden = true;
  if ($("style").value) $("preview").src = `${api}/preview?${new URLSearchParams({ ...chosen(), dpi: 203 })}`;
}

async function whyNoPreview() {
  const asked = $("preview").src;
  $("preview").hidden = true;
  const answer = await fetch(asked);
  const words = answer.ok ? "" : refusal(await answer.json());
  if (asked !== $("preview").src) return; // something else was chosen meanwhile
  $("refused").textContent = words;
  $("refused").hidden = !words;
}

let jobKey = newKey();
let withoutCode = []; // templates whose labels are equal: printed as copies, without serials
async function submitJob() {
  const body = { ...chosen(), printer: $("printer").value, operator: operator() };
  const number = Number($("quantity").value), copies = withoutCode.includes(body.template);
  try {
    const opened = await order(copies ? "/copies" : "/jobs", { ...body, [copies ? "count" : "quantity"]: number }, { "Idempotency-Key": jobKey });
    toast(copies ? `无码标签已下单 · copies ordered: ${opened.quantity}` : `任务已开始 · job opened: ${opened.quantity}`);
    jobKey = newKey();
  } catch (error) {
    // A lost answer keeps its key, so that pressing again cannot print twice; a refusal opened nothing and may change.
    if (!(error instanceof TypeError)) jobKey = newKey();
    throw error;
  }
}

async function submitScan() {
  const text = $("scan").value.trim();
  if (!text) return;
  $("scan").value = "";
  const label = await order("/scan", { text, operator: operator(), on_garment: $("on-garment").checked });
  toast(`${label.serial} → ${label.words.zh} · ${label.words.en}`);
}

$("operator").value = localStorage.getItem("operator") ?? "";
$("operator").addEventListener("change", () => localStorage.setItem("operator", $("operator").value.trim()));
$("scan-form").addEventListener("submit", guarded(submitScan));
$("job-form").addEventListener("submit", guarded(submitJob));
for (const id of ["style", "lot", "template"]) $(id).addEventListener("change", preview);
for (const id of ["style", "lot", "template", "printer", "quantity"]) $(id).addEventListener("change", () => { jobKey = newKey(); });
$("preview").addEventListener("error", guarded(whyNoPreview));

const bell = new EventSource(`${api}/changes`);
bell.addEventListener("change", refresh);
setInterval(refresh, 3000); // printers change without a bell
refresh();
loadCatalogue().catch((error) => toast(error.message, true));
