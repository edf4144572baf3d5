// How many: a whole number, and one that is far above the usual is asked about in numbers.

import { ask } from "./dialog.js";
import { lotOf } from "./choice.js";
import { floor } from "./state.js";
import { call } from "./talk.js";

const MOST = 1000000; // labels of one order; the agent refuses more
const TIMES = 2; // above twice the largest of the last orders a slip of the hand is likelier than a wish
const SMALL = 100; // up to here a slip costs little, and is not asked about

export function whole(text) {
  const number = Number(text);
  if (!/^[0-9]+$/.test(text) || number < 1 || number > MOST) throw new Error(`数量请填 1 到 ${MOST} 的整数 · Quantity: a whole number from 1 to ${MOST}`);
  return number;
}

// The rule: at most SMALL is usual; else at most TIMES the largest of the last orders of its kind that the page shows
// (twenty jobs, five orders of copies; cancelled ones do not count), and never more than the whole lot has garments.
export async function confirmUnusual(quantity, { without_code, lot_no }) {
  const orders = (without_code ? floor.copies : floor.jobs).filter((one) => one.state !== "cancelled").map((one) => one.quantity);
  const usual = Math.max(0, ...orders), lot = without_code ? undefined : lotOf(lot_no)?.quantity;
  const beyond = lot !== undefined && quantity > lot;
  if (!beyond && (quantity <= SMALL || quantity <= TIMES * usual)) return;
  const told = [`最近最多一单 ${usual} 张 · largest of the last orders: ${usual}`];
  if (lot !== undefined) told.push(`这一批 ${lot} 件 · garments in the lot: ${lot}`, ...await remaining(lot_no));
  await ask(`要打 ${quantity} 张？ · Print ${quantity} labels?`, { consequence: told.join("；"), yes: [`打 ${quantity} 张`, `Print ${quantity}`], danger: true });
}

// Counted from the labels themselves, so it is asked only when a person has to decide; without an answer it is left out.
async function remaining(lot_no) {
  try {
    const line = (await call("GET", "/ledger/balance")).rows.find((row) => row.quota_key === `lot:${lot_no}`);
    return line ? [`还能打 ${line.free} 张 · may still be printed: ${line.free}`] : [];
  } catch {
    return [];
  }
}
