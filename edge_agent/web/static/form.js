// The form of a new job. One opened form is one job, whatever is pressed how often: its key is made when it is opened, and
// after the answer it is closed until a person opens another or changes what is ordered.

import { $, both } from "./dom.js";
import { choice, requireChoice } from "./choice.js";
import { operator } from "./operator.js";
import { patch } from "./patch.js";
import { guarded } from "./presses.js";
import { confirmUnusual, whole } from "./quantity.js";
import { Lost, newKey, order, say } from "./talk.js";

let form = { key: newKey(), done: null }; // `done`: what was ordered, as text; null while the form is open

const fields = () => ({ ...choice(), printer: $("printer").value, number: $("quantity").value.trim() });

function open() {
  form = { key: newKey(), done: null };
  show();
}

function show() {
  const done = form.done !== null;
  $("print").disabled = done;
  patch($("print"), done ? both("已下单", "Ordered") : both("开始打印", "Print"));
  $("again").hidden = !done;
}

async function print() {
  if (form.done !== null) return;
  requireChoice();
  const asked = fields(), { number, without_code, ...body } = asked, quantity = whole(number), who = operator();
  await confirmUnusual(quantity, asked);
  const given = form;
  $("print").blur(); // the next key belongs to nobody
  try {
    const opened = await order(without_code ? "/copies" : "/jobs",
      { ...body, operator: who, [without_code ? "count" : "quantity"]: quantity }, { "Idempotency-Key": given.key });
    given.done = JSON.stringify(asked);
    say(without_code ? `无码标签已下单 · copies ordered: ${opened.quantity}` : `任务已开始 · job opened: ${opened.quantity}`);
  } catch (error) {
    if (error instanceof Lost) throw new Lost(`${error.message}。再按一次不会打两份 · Pressing again prints nothing twice`);
    if (error.kind?.endsWith("idempotency")) { // the order whose answer was lost had arrived, and is not what stands here now
      open();
      throw new Error("上一单其实已经下了，请看“任务”；还要打现在填的，请再按一次 · The order before did arrive, see Jobs; to order what is filled in now, press once more");
    }
    throw error;
  } finally {
    show();
  }
}

// A change by a person opens the next form; the same choice, or a list that was loaded anew, does not.
function changed() {
  if (form.done !== null && form.done !== JSON.stringify(fields())) open();
}

export function watchForm() {
  $("job-form").addEventListener("submit", (event) => event.preventDefault()); // Enter in a field prints nothing
  $("job-form").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.tagName === "INPUT") event.preventDefault();
  });
  $("print").addEventListener("click", guarded(print));
  $("again").addEventListener("click", open);
  $("quantity").addEventListener("input", () => { // digits only, by hand and by paste
    const digits = $("quantity").value.replace(/[^0-9]/g, "");
    if (digits !== $("quantity").value) $("quantity").value = digits;
  });
  for (const id of ["style", "lot", "template", "printer", "quantity"]) $(id).addEventListener("change", changed);
  show();
}
