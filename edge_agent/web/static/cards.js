"use strict";
// What is shown: one function per kind of card. It uses the tools of app.js, which is loaded after it.

const doing = new Set(); // what printers were asked to and have not answered: a refresh must not offer it again
function chore(printer, zh, en, step, title) {
  const path = `/printers/${encodeURIComponent(printer.printer_id)}/${step}`;
  return button(zh, en, async () => {
    if (title) await ask(title, false);
    doing.add(path);
    try {
      const { words } = await order(path);
      toast(`${printer.name}：${words.zh} · ${words.en}`);
    } finally {
      doing.delete(path);
    }
  }, "", { title, disabled: doing.has(path) });
}

function printerCard(printer) {
  const busy = printer.job_id !== null;
  const ready = printer.ready;
  const feeds = `校准 ${printer.name}：会走几张空白签 · Calibrating feeds a few blank labels`;
  return el("div", { class: "card" },
    el("div", { class: "row between" }, el("span", { class: "name" }, printer.name),
      pill(ready ? "good" : "warn", !ready ? "请看一下 look" : busy ? "打印中 busy" : "就绪 ready")),
    el("p", { class: "state" }, ...both(printer.words.zh, printer.words.en)),
    printer.trouble ? el("p", { class: "facts" }, printer.trouble) : null,
    el("p", { class: "facts" }, `${printer.printer_id} · ${printer.language} · ${printer.dpi} dpi` +
      (printer.counter === null ? "" : ` · 计数 odometer ${printer.counter}`)),
    el("p", { class: "facts" }, `证明 proof: ${printer.proof_words.zh} · ${printer.proof_words.en}`),
    el("div", { class: "row chores" }, chore(printer, "测试签", "Test label", "test"), chore(printer, "校准", "Calibrate", "calibrate", feeds)));
}

const jobKinds = { running: "good", waiting: "warn", paused: "warn", done: "", cancelled: "" };
function jobCard(job, { printers, groups }) {
  const move = (zh, en, step, kind) => button(zh, en, () => order(`/jobs/${job.job_id}/${step}`, { operator: operator() }), kind);
  const open = job.state !== "done" && job.state !== "cancelled";
  const group = groups.find((one) => one.group_id === job.printer);
  const alone = printers.find((one) => one.printer_id === job.printer);
  const holder = group && printers.find((one) => one.job_id === job.job_id);
  return el("div", { class: "card" },
    el("div", { class: "row between" },
      el("span", { class: "name" }, `${job.lot_no ?? job.quota_key} → ${(group ?? alone)?.name ?? job.printer}` + (holder ? `：${holder.name}` : "")),
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

const copiesKinds = { open: "good", printed: "", ended: "warn", cancelled: "" };
function copiesCard(one, { printers }) {
  const name = printers.find((printer) => printer.printer_id === one.printer)?.name ?? one.printer;
  return el("div", { class: "card" },
    el("div", { class: "row between" }, el("span", { class: "name" }, `${one.template.split(/[\\/]/).pop()} → ${name}`),
      pill(copiesKinds[one.state] ?? "", `${one.words.zh} ${one.words.en}`)),
    el("div", { class: "row between" }, el("span", { class: "big" }, `${one.printed} / ${one.quantity}`),
      one.unproven ? pill("warn", `未证实 not proven ${one.unproven}`) : null),
    el("progress", { max: one.quantity, value: one.printed, "aria-label": "进度 progress" }),
    el("p", { class: "state" }, ...both(one.told.zh, one.told.en)),
    one.goods ? el("p", { class: "name" }, `${one.goods.style_no} · ${one.goods.size} · ${one.goods.name}`) : null,
    el("p", { class: "facts" }, `${new Date(one.opened_at).toLocaleString()} · ${one.operator} · ${one.copies_id}`),
    one.state === "open" ? el("div", { class: "row" },
      button("取消", "Cancel", () => order(`/copies/${one.copies_id}/cancel`, { operator: operator() }), "danger")) : null);
}

const rests = { invalid: "其余的没有找到 · rest not found", scrapped: "其余的已销毁 · rest destroyed", keep: "其余的先留着 · keep the rest in doubt" };
// Where nothing went wrong and a scan is all that is missing, a scan of the wrong label must void nothing.
const restsOf = (doubt) => (doubt.awaits_scan ? { keep: rests.keep, ...rests } : rests);
const opened = new Set(); // windows whose labels are shown one by one; a refresh keeps them so
function doubtCard(doubt) {
  const box = el("input", { placeholder: "扫描最后一张好标签 · scan the last good label", autocomplete: "off", maxlength: 1000, "data-keep": doubt.window_id });
  const rest = el("select", { "aria-label": "其余的 the rest", "data-keep": `${doubt.window_id}-rest` },
    ...Object.entries(restsOf(doubt)).map(([value, words]) => el("option", { value }, words)));
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
  const noneGood = button("没有一张好", "None is good", none);
  const rarely = doubt.awaits_scan ? [el("div", { class: "row" }, rest, noneGood)] : [];
  const single = el("details", { open: opened.has(doubt.window_id) },
    el("summary", {}, ...(doubt.awaits_scan ? both("没有全打好", "Not all are good") : both("逐张处理", "One by one"))),
    ...rarely, el("div", { class: "strip" }, ...doubt.labels.map(doubtLabel)));
  single.addEventListener("toggle", () => (single.open ? opened.add(doubt.window_id) : opened.delete(doubt.window_id)));
  return el("div", { class: doubt.awaits_scan ? "card doubt awaits" : "card doubt" },
    el("div", { class: "row between" }, el("span", { class: "name" }, `${doubt.printer} · ${doubt.labels.length} 张 labels`),
      el("span", { class: "facts" }, doubt.window_id)),
    doubt.awaits_scan ? el("p", { class: "big" }, ...both("请扫描最后一张好标签，扫描后自动继续", "Scan the last good label; printing then goes on by itself")) : null,
    el("form", { class: "row", on: { submit: settle } }, box, rarely.length ? null : rest,
      el("button", { class: "main" }, ...both("处理", "Settle")), rarely.length ? null : noneGood),
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
