// What is shown: one function per kind of card. Buttons carry a key, so that a patch keeps them under the finger.

import { both, el, pill } from "./dom.js";
import { ask, decide } from "./dialog.js";
import { operator, operatorIfAny } from "./operator.js";
import { button } from "./presses.js";
import { floor } from "./state.js";
import { order, say } from "./talk.js";

const doing = new Set(); // what printers were asked to and have not answered: a refresh must not offer it again
function chore(printer, zh, en, step, title) {
  const path = `/printers/${encodeURIComponent(printer.printer_id)}/${step}`;
  return button(step, zh, en, async () => {
    const who = operatorIfAny();
    if (title) await ask(title);
    doing.add(path);
    try {
      const { words } = await order(path, who);
      say(`${printer.name}：${words.zh} · ${words.en}`);
    } finally {
      doing.delete(path);
    }
  }, "", { title, disabled: doing.has(path) });
}

export function printerCard(printer) {
  const busy = printer.job_id !== null;
  const feeds = `校准 ${printer.name}：会走几张空白签 · Calibrating feeds a few blank labels`;
  return el("div", { class: "card", "data-key": printer.printer_id },
    el("div", { class: "row between" }, el("span", { class: "name" }, printer.name),
      pill(printer.ready ? "good" : "warn", !printer.ready ? "请看一下 look" : busy ? "打印中 busy" : "就绪 ready")),
    el("p", { class: "state" }, ...both(printer.words.zh, printer.words.en)),
    printer.question ? question(printer) : null,
    printer.trouble ? el("p", { class: "facts" }, printer.trouble) : null,
    el("p", { class: "facts" }, `${printer.printer_id} · ${printer.language} · ${printer.dpi} dpi` +
      (printer.counter === null ? "" : ` · 计数 odometer ${printer.counter}`)),
    el("p", { class: "facts" }, `证明 proof: ${printer.proof_words.zh} · ${printer.proof_words.en}`),
    el("div", { class: "row chores" }, chore(printer, "测试签", "Test label", "test"), chore(printer, "校准", "Calibrate", "calibrate", feeds)));
}

// Another printer may stand there: both answers are recorded, and the one that prints on says what it does.
function question(printer) {
  const { known, found, put_back } = printer.question;
  const path = `/printers/${encodeURIComponent(printer.printer_id)}/answer`;
  const name = (one) => (one ? [one.model, one.firmware, one.serial_number].filter(Boolean).join(" ") : "") || "?";
  return el("div", { class: "row" },
    button("another", "就用现在这台", "Use this one", () => decide(`换了打印机？${printer.name} · Another printer?`, path, {
      with: { answer: "another" },
      consequence: `从现在起在 ${name(found)} 上打印，原来是 ${name(known)} · From now on ${name(found)} prints; confirmed was ${name(known)}`,
      yes: ["就用现在这台", "Use this one"],
    }), "danger"),
    put_back ? null : button("put_back", "要接回原来的", "Put the old one back",
      () => decide(`接回原来的打印机：${printer.name} · Put the old printer back`, path, { with: { answer: "put_back" } })));
}

const jobKinds = { running: "good", waiting: "warn", paused: "warn", done: "", cancelled: "" };
export function jobCard(job) {
  const open = job.state !== "done" && job.state !== "cancelled";
  const group = floor.groups.find((one) => one.group_id === job.printer);
  const alone = floor.printers.find((one) => one.printer_id === job.printer);
  const holder = group && floor.printers.find((one) => one.job_id === job.job_id);
  return el("div", { class: "card", "data-key": job.job_id },
    el("div", { class: "row between" },
      el("span", { class: "name" }, `${job.lot_no ?? job.quota_key} → ${(group ?? alone)?.name ?? job.printer}` + (holder ? `：${holder.name}` : "")),
      pill(jobKinds[job.state] ?? "", `${job.words.zh} ${job.words.en}`)),
    el("div", { class: "row between" }, el("span", { class: "big" }, `${job.printed} / ${job.quantity}`),
      job.in_doubt ? pill("bad", `存疑 in doubt ${job.in_doubt}`) : null),
    el("progress", { max: job.quantity, value: job.printed, "aria-label": "进度 progress" }),
    el("p", { class: "state" }, job.reason),
    el("p", { class: "facts" }, `${job.template} · ${new Date(job.opened_at).toLocaleString()} · ${job.job_id}`),
    open ? jobButtons(job) : null);
}

function jobButtons(job) {
  const move = (step) => order(`/jobs/${job.job_id}/${step}`, { operator: operator() });
  const cancel = async () => {
    operator();
    const doubted = job.in_doubt ? [`，存疑 ${job.in_doubt} 张`, `, ${job.in_doubt} in doubt`] : ["", ""];
    await ask("取消任务？ · Cancel the job?", {
      consequence: `已打 ${job.printed} 张${doubted[0]}；还有 ${job.left} 张不再打印 · ${job.printed} printed${doubted[1]}; ${job.left} will not be printed`,
      yes: ["取消任务", "Cancel the job"],
      danger: true,
    });
    await move("cancel");
  };
  return el("div", { class: "row" },
    job.state === "paused" ? button("resume", "继续", "Resume", () => move("resume"), "main") : button("pause", "暂停", "Pause", () => move("pause")),
    button("cancel", "取消", "Cancel", cancel, "danger apart"));
}

const copiesKinds = { open: "good", printed: "", ended: "warn", cancelled: "" };
export function copiesCard(one) {
  const name = floor.printers.find((printer) => printer.printer_id === one.printer)?.name ?? one.printer;
  return el("div", { class: "card", "data-key": one.copies_id },
    el("div", { class: "row between" }, el("span", { class: "name" }, `${one.template.split(/[\\/]/).pop()} → ${name}`),
      pill(copiesKinds[one.state] ?? "", `${one.words.zh} ${one.words.en}`)),
    el("div", { class: "row between" }, el("span", { class: "big" }, `${one.printed} / ${one.quantity}`),
      one.unproven ? pill("warn", `未证实 not proven ${one.unproven}`) : null),
    el("progress", { max: one.quantity, value: one.printed, "aria-label": "进度 progress" }),
    el("p", { class: "state" }, ...both(one.told.zh, one.told.en)),
    one.goods ? el("p", { class: "name" }, `${one.goods.style_no} · ${one.goods.size} · ${one.goods.name}`) : null,
    el("p", { class: "facts" }, `${new Date(one.opened_at).toLocaleString()} · ${one.operator} · ${one.copies_id}`),
    one.state === "open" ? el("div", { class: "row" }, button("cancel", "取消", "Cancel", () => cancelCopies(one), "danger apart")) : null);
}

async function cancelCopies(one) {
  const who = operator();
  const going = one.sending ? [`，正在打 ${one.sending} 张`, `, ${one.sending} on their way`] : ["", ""];
  await ask("取消这一单？ · Cancel this order?", {
    consequence: `已打 ${one.printed} 张${going[0]}；还有 ${one.left} 张不再打印 · ${one.printed} printed${going[1]}; ${one.left} will not be printed`,
    yes: ["取消这一单", "Cancel the order"],
    danger: true,
  });
  await order(`/copies/${one.copies_id}/cancel`, { operator: who });
}

const bothOf = (words) => (typeof words === "string" ? words : `${words.zh} · ${words.en}`);
const lifters = {
  command: "请技术人员在这台电脑上用命令解除 · lifted by IT with a command on this computer",
  registry: "由中心平台解除，请联系平台 · lifted by the registry alone, call the platform",
  none: "原因消除后自动恢复 · goes by itself when its cause is gone",
};
export function holdBanner(hold) {
  const here = hold.release === "page";
  return el("div", { class: "banner row between", "data-key": hold.kind },
    el("div", { class: "said" }, el("p", {}, `停发：${bothOf(hold.words)}`),
      here ? null : el("p", { class: "facts" }, lifters[hold.release] ?? lifters.command)),
    here ? button("release", "解除", "Release", () => release(hold), "danger") : null);
}

const release = (hold) => decide(`解除停发 ${hold.kind}`, `/holds/${encodeURIComponent(hold.kind)}/release`,
  { consequence: "解除后马上又能发码 · Issuing goes on at once", yes: ["解除停发", "Release"] });

export const warningBanner = (warning) =>
  el("div", { class: "banner", "data-key": `warning ${warning.kind}` }, ...both(warning.words.zh, warning.words.en));

const facts = (detail) => Object.entries(detail).map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(" · ");
export function alarmBanner(alarm) {
  return el("div", { class: "banner warn row between", "data-key": alarm.alarm },
    el("div", { class: "said" }, el("p", {}, `警报${alarm.printer ? ` ${alarm.printer}` : ""}：${alarm.words.zh} `, el("small", {}, alarm.words.en)),
      el("p", { class: "facts" }, `${new Date(alarm.raised_at).toLocaleString()} · ${facts(alarm.detail)}`)),
    button("close", "关闭", "Close", () => decide(`关闭警报：${alarm.words.zh}`, `/alarms/${encodeURIComponent(alarm.alarm)}/close`)));
}

export function syncCard(sync) {
  if (!sync.configured) return [el("p", { class: "empty" }, "没有登记中心平台，只记在本机 · not enrolled; records stay on this machine")];
  const online = sync.state === "online";
  return [
    el("div", { class: "row between" }, el("span", {}, ...both(sync.words_zh, sync.words_en)),
      pill(online ? "good" : "warn", online ? "已连接 online" : `未连接 ${sync.state}`)),
    el("p", { class: "state" }, `待上报 ${sync.pending} 条 · events to send: ${sync.pending}`),
    el("p", { class: "facts" }, `已确认 acknowledged: ${sync.acked_seq} · ${sync.last_ack_at ? new Date(sync.last_ack_at).toLocaleString() : "—"}`),
    ...(sync.error ? [el("p", { class: "facts" }, sync.error)] : []),
    button("sync", "立即上报", "Sync now", () => order("/sync/now")),
  ];
}
