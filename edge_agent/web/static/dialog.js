// One question at a time. A dangerous answer has no focus, does not come by Enter, and says its consequence in numbers.

import { $, both } from "./dom.js";
import { patch } from "./patch.js";
import { Back, order, say } from "./talk.js";
import { operator } from "./operator.js";

let byEnter = true; // whether Enter in the reason sends it

const BACK = "已返回，没有改动 · Nothing was changed";

// `yes` are the words of the answer in both languages. Gives the reason, "" where none is asked; throws Back.
export function ask(title, { consequence = "", yes = ["确定", "Confirm"], reason = false, danger = false } = {}) {
  $("ask-title").textContent = title;
  $("ask-consequence").textContent = consequence;
  $("ask-consequence").hidden = !consequence;
  $("ask-reason").value = "";
  $("ask-reason").disabled = !reason;
  $("ask-why").hidden = !reason;
  $("ask-told").hidden = true;
  patch($("ask-yes"), both(...yes));
  $("ask-yes").className = danger ? "danger" : "main";
  byEnter = !danger;
  $("ask").returnValue = "";
  $("ask").showModal();
  (reason ? $("ask-reason") : $("ask-title")).focus();
  return new Promise((resolve, reject) => {
    $("ask").addEventListener("close", () => {
      if ($("ask").returnValue === "yes") resolve($("ask-reason").value.trim());
      else reject(new Back(BACK));
    }, { once: true });
  });
}

// A scan while a question is open answers nothing and is lost to nobody: it is told where the eyes are.
export function tellInDialog(text) {
  $("ask-told").textContent = `先回答这个问题；刚扫的这张还没有登记 · Answer this first; the scan was not taken: ${text}`;
  $("ask-told").hidden = false;
}

export const asking = () => $("ask").open;

// A decision with a reason, recorded under the operator's name; one with a consequence cannot be undone.
export async function decide(title, path, { headers, consequence, yes, with: more = {} } = {}) {
  const who = operator();
  await order(path, { ...more, operator: who, reason: await ask(title, { reason: true, consequence, yes, danger: Boolean(consequence) }) }, headers);
  say(`已记录 · recorded: ${title}`);
}

export function watchDialog() {
  $("ask-reason").addEventListener("keydown", (event) => { // a scanner as slow as a hand types a reason, too
    if (event.key === "Enter" && !byEnter) event.preventDefault();
  });
  $("ask-form").addEventListener("submit", (event) => { // by its button, or by Enter in a reason that may be sent so
    event.preventDefault();
    $("ask").close("yes");
  });
  $("ask-no").addEventListener("click", () => $("ask").close("no"));
}
