// Talking to the agent, and telling a person what came of it.

import { $ } from "./dom.js";

export const api = "/api/v1";
const ANSWER_MS = 10000; // a question that has no answer by then has none: the agent hangs or is gone

let leadAllows = null;
export const whenLeadNeeded = (run) => { leadAllows = run; };

export class Lost extends Error {} // no answer: what was ordered may have been done, or not
export class Back extends Error {} // a person went back from a question

const DEAD = "代理没有应答，没有收到回话；请看电脑上的代理是否在运行 · The agent does not answer; see whether it runs on its computer";

export async function call(method, path, body, headers = {}) {
  const asked = { method, headers: { ...headers } };
  if (method === "GET") asked.signal = AbortSignal.timeout(ANSWER_MS);
  if (body !== undefined) {
    asked.body = JSON.stringify(body);
    asked.headers["Content-Type"] = "application/json";
  }
  let answer, value;
  try {
    answer = await fetch(api + path, asked);
    value = await answer.json();
  } catch {
    throw new Lost(DEAD);
  }
  if (value.type?.endsWith("leadneeded") && leadAllows) { // a lead comes, and the very same request is sent again, once
    await leadAllows(value);
    return call(method, path, body, headers);
  }
  if (!answer.ok && method === "POST") document.dispatchEvent(new Event("refused"));
  if (!answer.ok) throw Object.assign(new Error(refusal(value)), { kind: value.type });
  return value;
}
// A sentence that begins in Chinese needs no other before it.
export const refusal = ({ words_zh, title, detail = title }) => (!words_zh || /^[\u4e00-\u9fff]/.test(detail) ? detail : `${words_zh} · ${detail}`);
export const order = (path, body, headers) => call("POST", path, body, headers);
// Not crypto.randomUUID: a browser offers that only to pages served over TLS or from this very machine.
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

let sayTimer = 0;
export function say(text, bad) {
  const node = $("toast");
  node.textContent = text;
  node.className = bad ? "bad" : "";
  node.hidden = false;
  clearTimeout(sayTimer);
  sayTimer = setTimeout(() => { node.hidden = true; }, Math.max(bad ? 12000 : 4000, text.length * 120));
}

// What came of the last scan, large, until the next one: `kind` good, warn or bad.
export function tell(kind, words, text = "", why = "") {
  $("told").className = `told ${kind}`;
  $("told-words").textContent = words;
  $("told-text").textContent = text;
  $("told-why").textContent = why;
}
