// A list that a browser opens has the keys for itself (Firefox, and Chromium before 135): a scan would choose in it, and be
// lost. So a list opens inside the page, where the keys are the page's own, and closes as every list does.

let open = null; // { select, box, at }: `at` is the option that Enter would choose

const OPENS = (event) => event.key === " " || event.key === "F4" || (event.altKey && event.key === "ArrowDown");
const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const listOf = (node) => node.closest?.("select:not([multiple], [size], :disabled)");

function show(select) {
  close();
  const box = document.createElement("div"), { left, bottom, width } = select.getBoundingClientRect();
  box.className = "list-box";
  box.setAttribute("role", "listbox");
  box.append(...[...select.options].map(row));
  Object.assign(box.style, { left: `${left + scrollX}px`, top: `${bottom + scrollY}px`, minWidth: `${width}px` });
  (select.closest("dialog") ?? document.body).append(box);
  open = { select, box, at: select.selectedIndex };
  mark(open.at);
}

function row(option) {
  const node = document.createElement("div");
  node.setAttribute("role", "option");
  node.textContent = option.textContent;
  node.dataset.value = option.value;
  return node;
}

function mark(at) {
  const rows = [...open.box.children];
  open.at = Math.min(rows.length - 1, Math.max(0, at));
  for (const [n, one] of rows.entries()) one.setAttribute("aria-selected", String(n === open.at));
  rows[open.at]?.scrollIntoView({ block: "nearest" });
}

// What the list held when it was opened; if that is gone, nothing is chosen.
function choose(value) {
  const { select } = open;
  close();
  if (select.value === value || ![...select.options].some((one) => one.value === value)) return;
  select.value = value;
  for (const event of ["input", "change"]) select.dispatchEvent(new Event(event, { bubbles: true }));
}

function close() {
  open?.box.remove();
  open = null;
}

function pressed(event) {
  const chosen = event.target.closest?.(".list-box [role=option]"), select = listOf(event.target), was = open?.select;
  if (chosen || select) event.preventDefault(); // the browser opens none, and the focus stays
  if (chosen) return; // by its click, which a finger that scrolls does not make
  if (!event.target.closest?.(".list-box")) close();
  if (!select || select === was) return;
  select.focus({ preventScroll: true });
  show(select);
}

function keyed(event) {
  const select = listOf(event.target);
  if (!select || event.defaultPrevented) return;
  if (!open && OPENS(event)) show(select);
  else if (!open) return;
  else if (event.key in STEPS) mark(open.at + STEPS[event.key]);
  else if (event.key === "Enter" || event.key === " ") choose(open.box.children[open.at]?.dataset.value);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
}

export function watchLists() {
  document.addEventListener("mousedown", pressed, true);
  document.addEventListener("keydown", keyed);
  document.addEventListener("focusout", (event) => { if (event.target === open?.select) close(); });
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest?.(".list-box [role=option]");
    if (chosen && open) choose(chosen.dataset.value);
  });
}
