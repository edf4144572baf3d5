// Nodes made of facts. Facts enter the page as text nodes only; what a node does is kept on it, so that a patch can renew it.

export const $ = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, run] of Object.entries(value)) does(node, event, run);
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// One listener per event, which asks for the action of this moment: a patched button acts on the facts that it shows.
export function does(node, event, run) {
  node.does ??= {};
  if (!(event in node.does)) node.addEventListener(event, (heard) => node.does[event](heard));
  node.does[event] = run;
}

export const both = (zh, en) => [zh + " ", el("small", {}, en)];
export const empty = (zh, en) => el("p", { class: "empty" }, `${zh} · ${en}`);
export const pill = (kind, text) => el("span", { class: `pill ${kind}` }, text);
export const options = (pairs) => pairs.map(([value, text]) => el("option", { value }, text));
