// What the pages are better for and do not need: one press is one order, menus close, what was said is heard first.

const working = new WeakSet(); // forms on their way: a second press of one is no second order

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (working.has(form)) { event.preventDefault(); return; }
  working.add(form);
  event.submitter?.setAttribute("aria-busy", "true");
});

addEventListener("pageshow", (event) => { // the way back shows the page as it was left
  if (event.persisted) location.reload();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const one of document.querySelectorAll("details.menu-of[open]")) {
    one.removeAttribute("open");
    one.querySelector("summary").focus();
  }
});
document.addEventListener("pointerdown", (event) => {
  for (const one of document.querySelectorAll("details.menu-of[open]")) if (!one.contains(event.target)) one.removeAttribute("open");
});

document.querySelector(".errors")?.focus();

document.querySelector("#rail [aria-current]")?.scrollIntoView({ block: "nearest" }); // the rail may be longer than its window
