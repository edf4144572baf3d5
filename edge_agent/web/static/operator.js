// Who is at this desk. A scan never fills the field; a badge that the catalogue knows sets it.

import { $, options } from "./dom.js";
import { patch } from "./patch.js";
import { asked, loggedIn } from "./session.js";

const NONE = "请先填操作员工号（手输，或扫一下已登记的工牌）· Enter the operator's code first: by hand, or scan a badge that the catalogue knows";
const LONGEST = 64; // characters of a code or a name, as the agent bounds them; a link is longer, and has signs that neither has

let known = new Map(), only = false; // code → name; whether nobody else may act here

export function setOperators(operators, operatorsOnly) {
  known = new Map(operators.map((one) => [one.code, one.name]));
  only = Boolean(operatorsOnly);
  patch($("operators"), options([...known]));
  check();
}

export const nameOf = (text) => (asked() ? undefined : known.get(text));

function flaw(code) {
  if (!code) return NONE;
  if (code.length > LONGEST || code.normalize("NFKC").includes("://")) return `“${code.slice(0, 32)}”不是工号，请重填 · That is no operator's code, enter it again`;
  if (only && !known.has(code)) return `工号 ${code} 不在本厂名单里，不能操作 · Operator ${code} is not one of this site's`;
  return "";
}

// The code, or throws a sentence that says what is missing. Where people are asked, whoever is logged in.
export function operator() {
  if (asked()) return loggedIn();
  const code = $("operator").value.trim(), wrong = flaw(code);
  check();
  if (wrong) throw new Error(wrong);
  return code;
}

// For what is not recorded: nobody is asked for a name where the catalogue names nobody.
export const operatorIfAny = () => (asked() || only || $("operator").value.trim() ? { operator: operator() } : undefined);

export function badge(code) {
  $("operator").value = code;
  remember();
}

function check() {
  const code = $("operator").value.trim();
  $("operator").setAttribute("aria-invalid", String(Boolean(flaw(code))));
  $("operator-name").textContent = known.get(code) ?? "";
}

function remember() {
  localStorage.setItem("operator", $("operator").value.trim());
  check();
}

export function watchOperator() {
  $("operator").value = localStorage.getItem("operator") ?? "";
  $("operator").addEventListener("change", remember);
  check();
}
