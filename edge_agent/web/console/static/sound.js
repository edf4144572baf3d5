// What came of a scan, heard across a hall and felt in the hand. The three differ by rhythm as well as by pitch, so that
// machines drown none of them: good is one rising step, bad two long low tones, "look" three short ones. A browser lets
// no page sound before a person has pressed something on it (a scanner's keys count): until then the page says so.

const TONES = { // [Hz, begins at s, lasts s]; low ones are square, since small speakers give nothing below 300 Hz but overtones
  good: { wave: "triangle", notes: [[660, 0, 0.12], [990, 0.12, 0.22]] },
  bad: { wave: "square", notes: [[262, 0, 0.3], [196, 0.42, 0.45]] },
  look: { wave: "triangle", notes: [[784, 0, 0.09], [784, 0.18, 0.09], [784, 0.36, 0.09]] },
};
const SHAKES_MS = { good: [80], bad: [350, 120, 350], look: [120, 90, 120, 90, 120] };
const SOUNDS = { good: "good", stop: "bad", attention: "look" }; // by what a told scan is marked with
const TOLD = "#scan-told, #ask .scanned";
const QUIET = "还没有声音：先在页面上按一下 · No sound yet: press anywhere on the page once";
const RAMP_S = 0.015; // a tone that begins at once clicks
const KEPT = "sound volume";

let context = null;

const volume = () => Number(localStorage.getItem(KEPT) ?? 0.8);

export function sound(kind) {
  navigator.vibrate?.(SHAKES_MS[kind]);
  if (!volume() || !ready()) return;
  const { wave, notes } = TONES[kind];
  for (const [hertz, from, lasts] of notes) note(wave, hertz, context.currentTime + from, lasts);
}

function note(wave, hertz, from, lasts) {
  const tone = context.createOscillator(), loud = context.createGain();
  tone.type = wave;
  tone.frequency.setValueAtTime(hertz, from);
  loud.gain.setValueAtTime(0, from);
  loud.gain.linearRampToValueAtTime(volume(), from + RAMP_S);
  loud.gain.setValueAtTime(volume(), from + lasts - RAMP_S);
  loud.gain.linearRampToValueAtTime(0, from + lasts);
  tone.connect(loud).connect(context.destination);
  tone.start(from);
  tone.stop(from + lasts);
}

function ready() {
  context ??= window.AudioContext ? new AudioContext() : null;
  return context?.state === "running";
}

function unlock() {
  if (!ready()) context?.resume().then(unsay, () => {});
}

function unsay() {
  for (const one of document.querySelectorAll(".no-sound")) one.remove();
  watch.takeRecords(); // which tells nothing
}

function heard(node) {
  const kind = SOUNDS[[...node.classList].find((one) => one in SOUNDS)] ?? (node.closest("dialog") ? "look" : null);
  if (!kind || node.hidden) return;
  sound(kind);
  if (volume() && context && !ready() && !node.querySelector(".no-sound")) node.append(quiet());
}

function quiet() {
  const small = document.createElement("small");
  small.className = "no-sound";
  small.textContent = QUIET;
  return small;
}

// However a page tells a scan, by exchanging the place or by filling it anew: one telling is one sound.
const watch = new MutationObserver(changed);
function changed(records) {
  const told = new Set();
  for (const { target, addedNodes } of records) {
    const at = (target.closest ? target : target.parentElement)?.closest(TOLD);
    if (at) told.add(at);
    for (const node of addedNodes) if (node.matches?.(TOLD)) told.add(node);
  }
  for (const node of told) if (node.isConnected) heard(node);
  watch.takeRecords(); // what this has written itself
}

// Anything with `data-sound` sounds when pressed; a range with `data-volume` sets how loud, and lets it be heard.
export function watchTold() {
  watch.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "hidden"] });
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, unlock, true);
  document.addEventListener("click", (event) => {
    const kind = event.target.closest?.("[data-sound]")?.dataset.sound;
    if (kind in TONES) sound(kind);
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-volume]")) return;
    localStorage.setItem(KEPT, event.target.value);
    sound("good");
  });
  for (const range of document.querySelectorAll("[data-volume]")) range.value = volume();
}
