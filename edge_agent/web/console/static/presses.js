// One press is one press: a glove that taps twice, a button that slides under the finger, a refresh while the finger is down.

const REPEAT_MS = 600; // a second tap of a glove comes after some 180 ms; nobody reads a new button in less than this
const NEAR_PX = 48; // about a finger: the second tap may hit what has come to stand where the first was
const HELD_MS = 5000; // a release that the page never heard of must not hold the page up for ever

let last = { at: -Infinity, x: 0, y: 0, control: null };
function refuseRepeats(event) {
  const control = event.target.closest("button, summary, input[type=checkbox]");
  if (!control || !event.isTrusted || "digit" in control.dataset) return; // a number may have a digit twice
  const byKey = event.detail === 0; // Enter or space on the focused button
  const here = byKey ? control === last.control : Math.hypot(event.clientX - last.x, event.clientY - last.y) <= NEAR_PX;
  const again = here && event.timeStamp - last.at < REPEAT_MS;
  last = { at: event.timeStamp, x: event.clientX, y: event.clientY, control };
  if (!again) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

let downAt = null, waiting = null;
function release() {
  downAt = null;
  setTimeout(() => { // after the click that this release makes
    const run = waiting;
    waiting = null;
    run?.();
  });
}

// Runs now, or as soon as no finger is down; of several only the newest: they show the same floor.
export function whenFree(run) {
  if (downAt !== null && performance.now() - downAt < HELD_MS) waiting = run;
  else run();
}

export function watchPresses() {
  document.addEventListener("click", refuseRepeats, true);
  document.addEventListener("pointerdown", () => { downAt = performance.now(); }, true);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, release, true);
}
