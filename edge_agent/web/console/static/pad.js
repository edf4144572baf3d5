// Digits by touch: what a pad's buttons write into the field that it is for.

import { $ } from "./live.js";

const edits = { clear: () => "", back: (text) => text.slice(0, -1) };

export function watchPads() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-digit], [data-set]");
    if (!button) return;
    const field = $(button.closest("[data-for]").dataset.for), { digit, set } = button.dataset;
    const text = set ?? edits[digit]?.(field.value) ?? field.value + digit;
    field.value = field.maxLength > 0 ? text.slice(0, field.maxLength) : text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
