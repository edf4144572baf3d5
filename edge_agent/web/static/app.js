// The operator's page: a client of /api/v1 and nothing more. This file keeps it fresh and ties its parts together.

import { alarmBanner, copiesCard, holdBanner, jobCard, printerCard, syncCard, warningBanner } from "./cards.js";
import { loadCatalogue, watchChoice } from "./choice.js";
import { asking, watchDialog } from "./dialog.js";
import { $, empty, options } from "./dom.js";
import { doubtCard } from "./doubts.js";
import { watchForm } from "./form.js";
import { watchOperator } from "./operator.js";
import { patch } from "./patch.js";
import { watchPresses, whenFree } from "./presses.js";
import { watchScanner } from "./scanner.js";
import { takeScan } from "./scans.js";
import { askingPin, readDesk, watchSession } from "./session.js";
import { floor } from "./state.js";
import { Lost, api, call, say } from "./talk.js";

const OFTEN_MS = 3000; // printers change without a bell
const SELDOM_MS = 30000; // lots are stopped and styles come without one, too
const PATHS = ["/printers", "/jobs?limit=20", "/copies?limit=5", "/doubts", "/holds", "/alarms", "/sync", "/warnings"];

let busy = false, again = false;
async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const found = await Promise.all(PATHS.map((path) => call("GET", path)));
    whenFree(() => show(...found));
  } catch (error) {
    whenFree(() => alive(error));
  } finally {
    busy = false;
    if (again) { again = false; setTimeout(refresh, 300); }
  }
}

// Groups first: whoever may print on any of several printers should.
const targets = ({ printers, groups }) => [
  ...groups.map((one) => [one.group_id, `${one.name}（组 group: ${one.printers.join(", ")}）`]),
  ...printers.map((one) => [one.printer_id, one.name])];

function show({ printers, groups }, { jobs }, { copies }, { doubts }, { holds }, { alarms }, sync, { warnings }) {
  Object.assign(floor, { printers, groups, jobs, copies, doubts });
  alive(null);
  if (!read) readCatalogue();
  patch($("printers"), printers.length ? printers.map(printerCard) : [empty("没有打印机，请在 agent.toml 中添加", "none; add them to agent.toml")]);
  patch($("jobs"), jobs.length ? jobs.map(jobCard) : [empty("没有任务", "no jobs yet")]);
  patch($("copies"), copies.map(copiesCard));
  patch($("doubts"), doubts.map(doubtCard));
  patch($("holds"), [...warnings.map(warningBanner), ...holds.map(holdBanner), ...alarms.map(alarmBanner)]);
  patch($("sync"), syncCard(sync));
  patch($("printer"), options(targets(floor)));
  $("copies-section").hidden = copies.length === 0;
  $("doubt-section").hidden = doubts.length === 0;
}

// An agent that does not answer leaves nothing known: no card says more than that, and none is green.
function alive(error) {
  $("link").textContent = error ? "代理没有应答 no answer" : "已连接 connected";
  $("link").className = `pill ${error ? "bad" : "good"}`;
  $("dead").hidden = !error;
  document.body.classList.toggle("unknown", Boolean(error));
  if (!error) return;
  $("dead-why").textContent = error instanceof Lost ? "" : error.message;
  for (const node of document.querySelectorAll("main .pill")) {
    node.className = "pill";
    node.textContent = "未知 unknown";
  }
}

watchPresses();
watchScanner(takeScan, () => (asking() || askingPin() ? null : $("scan")));
watchDialog();
watchOperator();
watchSession();
watchForm();
watchChoice((error) => say(error.message, true));
$("scan-form").addEventListener("submit", (event) => { // typed or pasted, and Enter
  event.preventDefault();
  const text = $("scan").value;
  $("scan").value = "";
  takeScan(text);
});
document.addEventListener("acted", refresh);
document.addEventListener("refused", () => readDesk().catch(() => {})); // perhaps nobody is logged in any more
setInterval(() => readDesk().catch(() => {}), SELDOM_MS);

let reading = false, readAgain = false, read = false;
async function readCatalogue() {
  if (reading) { readAgain = true; return; }
  reading = true;
  try {
    await loadCatalogue();
    read = true;
  } catch (error) {
    if (!(error instanceof Lost)) say(error.message, true);
  } finally {
    reading = false;
    if (readAgain) { readAgain = false; readCatalogue(); }
  }
}
document.addEventListener("refused", readCatalogue); // perhaps of a lot that was stopped meanwhile

const bell = new EventSource(`${api}/changes`);
bell.addEventListener("change", refresh);
bell.addEventListener("error", refresh);
setInterval(refresh, OFTEN_MS);
setInterval(readCatalogue, SELDOM_MS);
refresh();
readCatalogue();
