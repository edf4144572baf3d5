// Makes a parent's children equal to the wanted ones and keeps the nodes that are there: what a finger is on, what is
// typed, chosen, opened and focused stays. Children are the same by data-key, else by tag in order.

export function patch(parent, wanted) {
  const left = [...parent.childNodes];
  const pairs = wanted.map((fresh) => [fresh, taken(left, fresh)]);
  for (const gone of left) gone.remove(); // first, so that what stays need not be moved: a node that is moved loses the focus
  let place = parent.firstChild;
  for (const [fresh, known] of pairs) {
    if (known) renew(known, fresh);
    const node = known ?? fresh;
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
}

function taken(left, fresh) {
  const found = left.findIndex((one) => identity(one) === identity(fresh));
  return found < 0 ? null : left.splice(found, 1)[0];
}

const identity = (node) =>
  node.nodeType === Node.TEXT_NODE ? "text" : `${node.tagName} ${node.dataset.key ?? ""} ${node.dataset.keep ?? ""}`;

// A person's own: whether a strip is open, whether a button is at work.
const kept = (node, name) => (node.tagName === "DETAILS" && name === "open") || name === "aria-busy";

function renew(node, fresh) {
  if (node.nodeType === Node.TEXT_NODE) {
    if (node.data !== fresh.data) node.data = fresh.data;
    return;
  }
  if (node.dataset.keep !== undefined) return; // a person's own, or a script's, for as long as it goes by this name
  for (const { name } of [...node.attributes]) if (!fresh.hasAttribute(name) && !kept(node, name)) node.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (!kept(node, name) && node.getAttribute(name) !== value) node.setAttribute(name, value);
  patch(node, [...fresh.childNodes]);
}
