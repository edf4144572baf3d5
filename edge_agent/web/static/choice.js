// What a job is made of: style, one of its lots, a label that fits. Only what fits is offered.

import { $, options } from "./dom.js";
import { setOperators } from "./operator.js";
import { patch } from "./patch.js";
import { api, call, refusal } from "./talk.js";

const TRIED = 50; // styles that are asked for one that fits, when the page opens: each asks the renderer
const LOTS_TRIED = 5; // of one style: its lots differ in little that a label shows
const STOPPED = "!"; // before a lot's number: it was stopped while it stood in the form

let known = { styles: [], lots: [], templates: [], titles: {}, without_code: [] };
let fits = { templates: [], refused: {}, smallest: null };
let turn = 0, choosing = 0; // of several questions, and of several choices, only the newest counts
let asked = false; // whether what is known was also answered as to what fits

export const lotOf = (lot_no) => known.lots.find((one) => one.lot_no === lot_no);
const styleOf = (value) => known.styles.find((one) => valueOf(one) === value);
const valueOf = (style) => JSON.stringify([style.style_no, style.size]);

const lotsOf = (style) => style?.lots ?? []; // only those of its own that may be printed now

export async function loadCatalogue() {
  const found = await call("GET", "/catalogue");
  if (asked && JSON.stringify(found) === JSON.stringify(known)) return;
  const before = $("style").value;
  [known, asked] = [found, false];
  setOperators(known.operators, known.operators_only);
  patch($("style"), known.styles.length
    ? options(known.styles.map((one) => [valueOf(one), `${one.style_no} · ${one.size} · ${one.name}`]))
    : options([["", "还没有款式，请先导入资料 · none yet, import them first"]]));
  if (styleOf(before)) await renewed();
  else await chooseFirst();
  asked = true;
}

// The first screen offers what can be printed, if anything can.
async function chooseFirst() {
  const mine = ++choosing;
  for (const style of known.styles.slice(0, TRIED)) {
    $("style").value = valueOf(style);
    if (await chooseLot(mine, false) || mine !== choosing) return;
  }
  $("style").value = known.styles.length ? valueOf(known.styles[0]) : "";
  await chooseLot(mine);
}

// The first of its first lots with which a label fits, else without a lot. Gives whether anything fits; that nothing does is
// said only at the end of a search (`told`). A person who chooses meanwhile is not overruled.
async function chooseLot(mine, told = true) {
  const own = lotsOf(styleOf($("style").value));
  showLots(own, "");
  for (const lot_no of [...own.slice(0, LOTS_TRIED), ""]) {
    $("lot").value = lot_no;
    await fit(false);
    if (mine !== choosing) return false;
    if (fits.templates.length) return true;
  }
  if (told) {
    $("lot").value = own[0] ?? "";
    await fit();
  }
  return false;
}

function showLots(lots, stopped) {
  const more = stopped ? [[STOPPED + stopped, `${stopped} · 已停用 stopped`]] : [];
  patch($("lot"), options([["", "— 无批次 no lot —"], ...lots.map((one) => [one, one]), ...more]));
}

// The catalogue was read again: what a person chose stays, and a lot that was stopped meanwhile is not quietly exchanged.
async function renewed() {
  const before = $("lot").value.replace(STOPPED, ""), lots = lotsOf(styleOf($("style").value));
  const gone = before && !lots.includes(before);
  showLots(lots, gone ? before : "");
  $("lot").value = gone ? STOPPED + before : before;
  await fit();
}

async function fit(told = true) {
  const mine = ++turn, { style_no, size, lot_no, stopped } = chosen();
  if (!style_no || stopped) fits = { templates: [], refused: {} };
  else {
    const found = await call("GET", `/fitting?${new URLSearchParams({ style_no, size, ...(lot_no ? { lot_no } : {}) })}`);
    if (mine !== turn) return;
    fits = found;
  }
  if (!told && !fits.templates.length) return;
  const before = $("template").value;
  patch($("template"), fits.templates.length
    ? options(fits.templates.map((name) => [name, `${titleOf(name)}${name === fits.smallest ? " · 最小 smallest" : ""}`]))
    : options([["", "没有适合的标签 · no label fits"]]));
  const kept = fits.templates.includes(before), refused = fits.refused[before];
  $("template").value = kept ? before : (refused && fits.smallest) || (fits.templates[0] ?? "");
  changed(refused && $("template").value ? before : "");
  preview();
}

const titleOf = (name) => `${known.titles[name]?.zh ?? ""} · ${name.split(/[\\/]/).pop()}`;

// Another roll may be needed for another label: it is never exchanged without a word.
function changed(before) {
  $("exchanged").hidden = !before;
  $("exchanged").textContent = before &&
    `${titleOf(before)} 不适合这个款式，已换成放得下的标签，请核对装的纸 · does not take this style: one that does was chosen, check the roll`;
}

function chosen() {
  const [style_no, size] = JSON.parse($("style").value || '["", ""]');
  const stopped = $("lot").value.startsWith(STOPPED);
  const lot_no = $("lot").value.replace(STOPPED, "");
  return { style_no, size, template: $("template").value, stopped, ...(lot_no ? { lot_no } : {}) };
}

// The choice as an order names it, and whether its labels are equal.
export function choice() {
  const { stopped, ...found } = chosen();
  return { ...found, without_code: known.without_code.includes(found.template) };
}

// Throws a sentence if nothing can be printed of what is chosen.
export function requireChoice() {
  if (!$("style").value) throw new Error("还没有款式，请先导入资料 · No styles yet, import them first");
  const words = why();
  if (words) throw new Error(words);
}

// Why nothing can be printed of what is chosen; "" if something can.
function why() {
  const { lot_no, stopped } = chosen(), reason = lotOf(lot_no)?.stopped;
  if (stopped) return `批次 ${lot_no} 已停用，请换一批 · Lot ${lot_no} was stopped, choose another${reason ? `：${reason.zh} · ${reason.en}` : ""}`;
  if ($("style").value && !fits.templates.length) return Object.values(fits.refused)[0] ?? "这个款式没有适合的标签 · No label fits this style";
  return "";
}

function preview() {
  const words = why(), shown = Boolean($("style").value) && !words;
  $("refused").textContent = words;
  $("refused").hidden = !words;
  $("preview").hidden = !shown;
  const { stopped, ...asked } = chosen();
  const source = `${api}/preview?${new URLSearchParams({ ...asked, dpi: 203 })}`;
  if (shown && $("preview").getAttribute("src") !== source) $("preview").src = source;
}

async function whyNoPreview() {
  const asked = $("preview").src;
  $("preview").hidden = true;
  const answer = await fetch(asked).catch(() => null);
  if (!answer || asked !== $("preview").src) return; // the agent is away, or something else was chosen meanwhile
  $("refused").textContent = answer.ok ? "" : refusal(await answer.json());
  $("refused").hidden = answer.ok;
}

export function watchChoice(failed) {
  const or = (run) => () => run().catch(failed);
  $("style").addEventListener("change", or(() => chooseLot(++choosing)));
  $("lot").addEventListener("change", or(() => { ++choosing; return fit(); }));
  $("template").addEventListener("change", () => { changed(""); preview(); });
  $("preview").addEventListener("error", or(whyNoPreview));
}
