// Questions, one at a time, over the page that they are asked on. A dangerous answer has no focus and does not come by Enter.

import { $, ask, read, say } from "./live.js";

export const asking = () => $("ask").open;

// A badge lets somebody in: it is neither shown nor kept.
export const isBadge = (text) => /^BADGE-/i.test(text);

// A scan while a question is open answers nothing and is lost to nobody: it is told where the eyes are.
export function tellInQuestion(text, shown) {
  const badge = $("ask").querySelector("input[name=badge]:not([type=hidden])");
  if (badge && isBadge(text)) { // the one thing that a question takes from a scanner
    badge.value = text;
    $("pin").focus();
    return;
  }
  note(`先回答这个问题；刚扫的这张还没有登记 · Answer this first; the scan was not taken: ${shown}`);
}

function note(text) {
  const told = $("ask").querySelector(".scanned") ?? document.createElement("p");
  told.className = "scanned error";
  told.setAttribute("role", "alert");
  told.textContent = text;
  $("ask").append(told);
  told.scrollIntoView({ block: "nearest" });
}

// What is recorded for good says why: the question stays open for it.
const lacksReason = ({ elements }) => elements.reason instanceof RadioNodeList && !elements.reason.value && !elements.other.value.trim();

// What went wrong is said where the eyes are: over a question the page itself is dark.
export const sayHere = (text) => (asking() ? note(text) : say(text, true));

export function openQuestion(page) {
  const question = page.getElementById("question");
  if (!question) throw new Error(page.querySelector("[role=alert]:not([hidden]) span")?.textContent ?? "不能这样做 · not possible now");
  $("ask").replaceChildren(document.importNode(question, true));
  if (!$("ask").open) $("ask").showModal();
  $("question-title").focus();
}

function zoom(link) {
  const image = document.importNode(link.querySelector("img"), true), close = document.createElement("button");
  close.textContent = "关闭 close";
  close.addEventListener("click", () => $("zoom").close());
  $("zoom").replaceChildren(close, image);
  $("zoom").showModal();
}

// A picture that does not come is no answer to somebody who chose the wrong label: why is said in its place.
async function whyNoPicture(image) {
  const { src } = image, answer = await fetch(src).catch(() => null);
  if (!answer || answer.ok || src !== image.src) return; // the agent is away, or something else was chosen meanwhile
  const said = await answer.json(), why = image.closest(".picture").querySelector(".no-picture");
  why.textContent = said.detail ?? said.title;
  why.hidden = false;
}

export function watchQuestions() {
  document.addEventListener("error", ({ target }) => { if (target.matches?.(".picture img")) whyNoPicture(target); }, true);
  for (const one of document.querySelectorAll(".picture img")) if (one.complete && !one.naturalWidth) whyNoPicture(one);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-ask], a[data-zoom]"), yes = event.target.closest("#ask [data-yes]");
    if (event.target.closest("dialog [data-back]")) {
      event.preventDefault();
      event.target.closest("dialog").close();
    } else if (yes && lacksReason(yes.form)) {
      event.preventDefault();
      note("请先按一个原因 · Choose a reason first");
    } else if (link) {
      event.preventDefault();
      if ("zoom" in link.dataset) zoom(link);
      else ask(link.href).then(({ text }) => openQuestion(read(text))).catch((error) => say(error.message, true));
    }
  });
}
