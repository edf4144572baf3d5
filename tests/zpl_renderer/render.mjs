// Draws ZPL with a renderer that is not ours. One process serves many jobs: a line of JSON in, a line of JSON out.
//   in:  {"zpl": "<base64>", "width_mm": 60, "height_mm": 40, "dots_per_mm": 8}
//   out: {"pictures": ["<base64 of PNG>", …]} or {"error": "…"}
// The renderer makes one picture per format that draws something. A stream without any is its error "no labels
// parsed"; here that is an empty list, because a window's preamble and queries are such streams.
import { createInterface } from "node:readline";
import { ready } from "zpl-renderer-js";

const { api } = await ready;

async function draw(job) {
  const zpl = Buffer.from(job.zpl, "base64").toString("latin1");
  try {
    return { pictures: await api.zplToBase64MultipleAsync(zpl, job.width_mm, job.height_mm, job.dots_per_mm) };
  } catch (error) {
    const why = String(error?.message ?? error);
    return why.includes("no labels parsed") ? { pictures: [] } : { error: why };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await draw(JSON.parse(line))) + "\n");
}
process.exit(0);
