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
const button = (zh, en, run, kind) => el("button", { type: "button", class: kind, on: { click: guarded(run) } }, ...both(zh, en));
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
  toastTimer = setTimeout(() => { node.hidden = true; }, bad ? 12000 : 4000);
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

// --- what is shown --------------------------------------------------------------------------------------------------

function printerCard(printer) {
  const busy = printer.job_id !== null;
  const ready = printer.ready;
  return el("div", { class: "card" },
    el("div", { class: "row between" }, el("span", { class: "name" }, printer.name),
      pill(ready ? "good" : "warn", !ready ? "请看一下 look" : busy ? "打印中 busy" : "就绪 ready")),
    el("p", { class: "state" }, ...both(printer.words.zh, printer.words.en)),
    el("p", { class: "facts" }, `${printer.printer_id} · ${printer.language} · ${printer.dpi} dpi · 证明 proof: ${printer.proof}` +
      (printer.counter === null ? "" : ` · 计数 odometer ${printer.counter}`)),
    button("测试签", "Test label", async () => { await order(`/printers/${encodeURIComponent(printer.printer_id)}/test`); toast("已送出 · sent"); }));
}

const jobKinds = { running: "good", waiting: "warn", paused: "warn", done: "", cancelled: "" };
function jobCard(job) {
  const move = (zh, en, step, kind) => button(zh, en, () => order(`/jobs/${job.job_id}/${step}`, { operator: operator() }), kind);
  const open = job.state !== "done" && job.state !== "cancelled";
  return el("div", { class: "card" },
    el("div", { class: "row between" },
      el("span", { class: "name" }, `${job.lot_no ?? job.quota_key} → ${job.printer}`),
      pill(jobKinds[job.state] ?? "", `${job.words.zh} ${job.words.en}`)),
    el("div", { class: "row between" }, el("span", { class: "big" }, `${job.printed} / ${job.quantity}`),
      job.in_doubt ? pill("bad", `存疑 in doubt ${job.in_doubt}`) : null),
    el("progress", { max: job.quantity, value: job.printed, "aria-label": "进度 progress" }),
    el("p", { class: "state" }, job.reason),
    el("p", { class: "facts" }, `${job.template} · ${new Date(job.opened_at).toLocaleString()} · ${job.job_id}`),
    open ? el("div", { class: "row" },
      job.state === "paused" ? move("继续", "Resume", "resume", "main") : move("暂停", "Pause", "pause"),
      move("取消", "Cancel", "cancel", "danger")) : null);
}

const rests = { invalid: "其余的没有找到 · rest not found", scrapped: "其余的已销毁 · rest destroyed", keep: "其余的先留着 · keep the rest in doubt" };
const opened = new Set(); // windows whose labels are shown one by one; a refresh keeps them so
function doubtCard(doubt) {
  const box = el("input", { placeholder: "扫描最后一张好标签 · scan the last good label", autocomplete: "off", maxlength: 1000, "data-keep": doubt.window_id });
  const rest = el("select", { "aria-label": "其余的 the rest", "data-keep": `${doubt.window_id}-rest` },
    ...Object.entries(rests).map(([value, words]) => el("option", { value }, words)));
  const settleBy = async (text) => {
    const settled = await order(`/windows/${doubt.window_id}/settle`, { text, operator: operator(), rest: rest.value });
    box.value = "";
    toast(`已处理 · settled: ${settled.labels.length}`);
  };
  const settle = guarded(async () => {
    if (!box.value.trim()) throw new Error("请先扫描最后一张好标签；一张都不好，请按“没有一张好” · Scan the last good label, or press None is good");
    await settleBy(box.value.trim());
  });
  const none = async () => {
    operator();
    await ask(`整条 ${doubt.labels.length} 张都不好 · None of the ${doubt.labels.length} is good: ${rests[rest.value]}`, false);
    await settleBy(null);
  };
  const single = el("details", { open: opened.has(doubt.window_id) },
    el("summary", {}, ...both("逐张处理", "One by one")), el("div", { class: "strip" }, ...doubt.labels.map(doubtLabel)));
  single.addEventListener("toggle", () => (single.open ? opened.add(doubt.window_id) : opened.delete(doubt.window_id)));
  return el("div", { class: "card doubt" },
    el("div", { class: "row between" }, el("span", { class: "name" }, `${doubt.printer} · ${doubt.labels.length} 张 labels`),
      el("span", { class: "facts" }, doubt.window_id)),
    el("form", { class: "row", on: { submit: settle } }, box, rest, el("button", { class: "main" }, ...both("处理", "Settle")),
      button("没有一张好", "None is good", none)),
    single);
}

function doubtLabel(label) {
  const path = `/labels/${encodeURIComponent(label.serial)}`;
  return el("div", { class: "label" }, el("code", {}, label.serial), el("span", { class: "row" },
    button("报废补打", "Scrap, replace", () => decide(`报废并补打 ${label.serial}`, `${path}/replace`, { "Idempotency-Key": newKey() })),
    button("报废", "Scrap", () => decide(`报废（已销毁）${label.serial}`, `${path}/scrap`)),
    button("找不到", "Not found", () => decide(`作废（找不到）${label.serial}`, `${path}/invalidate`), "danger")));
}

function holdBanner(hold) {
  return el("div", { class: "banner row between" }, el("div", { class: "said" }, `停发：${hold.words}`),
    button("解除", "Release", () => decide(`解除停发 ${hold.kind}`, `/holds/${encodeURIComponent(hold.kind)}/release`), "danger"));
}

const facts = (detail) => Object.entries(detail).map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(" · ");
function alarmBanner(alarm) {
  return el("div", { class: "banner warn row between" },
    el("div", { class: "said" }, el("p", {}, `警报${alarm.printer ? ` ${alarm.printer}` : ""}：${alarm.words.zh} `, el("small", {}, alarm.words.en)),
      el("p", { class: "facts" }, `${new Date(alarm.raised_at).toLocaleString()} · ${facts(alarm.detail)}`)),
    button("关闭", "Close", () => decide(`关闭警报：${alarm.words.zh}`, `/alarms/${encodeURIComponent(alarm.alarm)}/close`)));
}

function syncCard(sync) {
  if (!sync.configured) return [empty("没有登记中心平台，只记在本机", "not enrolled; records stay on this machine")];
  return [
    el("div", { class: "row between" }, el("span", {}, ...both(sync.words_zh, sync.words_en)),
      pill(sync.state === "online" ? "good" : "warn", sync.state === "online" ? "已连接 online" : `未连接 ${sync.state}`)),
    el("p", { class: "state" }, `待上报 ${sync.pending} 条 · events to send: ${sync.pending}`),
    el("p", { class: "facts" }, `已确认 acknowledged: ${sync.acked_seq} · ${sync.last_ack_at ? new Date(sync.last_ack_at).toLocaleString() : "—"}`),
    sync.error ? el("p", { class: "facts" }, sync.error) : null,
    button("立即上报", "Sync now", () => order("/sync/now")),
  ].filter((node) => node !== null);
}

// --- keeping it fresh -----------------------------------------------------------------------------------------------

function keepInputs(render) {
  // A refresh must not eat what a scanner is typing: values, focus and caret survive it.
  const active = document.activeElement?.dataset?.keep;
  const kept = new Map([...document.querySelectorAll("[data-keep]")].map((node) => [node.dataset.keep, node.value]));
  render();
  for (const node of document.querySelectorAll("[data-keep]")) {
    if (kept.has(node.dataset.keep)) node.value = kept.get(node.dataset.keep);
    if (node.dataset.keep === active) node.focus();
  }
}

let asking = false, again = false;
async function refresh() {
  if (asking) { again = true; return; }
  asking = true;
  try {
    const [printers, jobs, doubts, holds, alarms, sync] = await Promise.all(
      ["/printers", "/jobs?limit=20", "/doubts", "/holds", "/alarms", "/sync"].map((path) => call("GET", path)));
    keepInputs(() => {
      show("printers", ...(printers.printers.length ? printers.printers.map(printerCard) : [empty("没有打印机，请在 agent.toml 中添加", "none; add them to agent.toml")]));
      show("jobs", ...(jobs.jobs.length ? jobs.jobs.map(jobCard) : [empty("没有任务", "no jobs yet")]));
      show("doubts", ...doubts.doubts.map(doubtCard));
      show("holds", ...holds.holds.map(holdBanner), ...alarms.alarms.map(alarmBanner));
      show("sync", ...syncCard(sync));
    });
    $("doubt-section").hidden = doubts.doubts.length === 0;
    fill("printer", printers.printers.map((one) => [one.printer_id, one.name]));
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
  fill("template", found.templates.map((name) => [name, name]));
  $("operators").replaceChildren(...found.operators.map((one) => el("option", { value: one.code }, one.name)));
  preview();
}

function chosen() {
  const [style_no, size] = JSON.parse($("style").value || '["", ""]');
  return { style_no, size, template: $("template").value, ...($("lot").value ? { lot_no: $("lot").value } : {}) };
}

function preview() {
  $("preview").hidden = !$("style").value;
  if ($("style").value) $("preview").src = `${api}/preview?${new URLSearchParams({ ...chosen(), dpi: 203 })}`;
}

let jobKey = newKey();
async function submitJob() {
  const body = { ...chosen(), printer: $("printer").value, quantity: Number($("quantity").value), operator: operator() };
  try {
    const job = await order("/jobs", body, { "Idempotency-Key": jobKey });
    toast(`任务已开始 · job opened: ${job.quantity}`);
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
$("preview").addEventListener("error", () => { $("preview").hidden = true; });

const bell = new EventSource(`${api}/changes`);
bell.addEventListener("change", refresh);
setInterval(refresh, 3000); // printers change without a bell
refresh();
loadCatalogue().catch((error) => toast(error.message, true));
