import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bundleForBrowser, findBrowser, runInBrowser } from "./testing/browser.ts";
import type { ValidVector } from "./testing/receipt-vectors.ts";

const vectors: ValidVector[] = JSON.parse(
  readFileSync(new URL("../../schemas/vectors/receipt.valid.json", import.meta.url), "utf8"),
);
const module = new URL("./verify-texts.ts", import.meta.url);

const GUNZIP = `const gunzip = async (bytes) => new Uint8Array(
  await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer(),
);`;

test("what verifies a receipt needs nothing that only Node has", () => {
  expect(bundleForBrowser(module, "infernet").length).toBeGreaterThan(0);
});

test("a browser verifies every receipt that holds, and refuses a changed one", {
  timeout: 60_000,
}, async (context) => {
  const browser = findBrowser();
  if (browser === null) return context.skip("no Chromium is on the path of this machine");
  const scripts = [
    bundleForBrowser(module, "infernet"),
    `const vectors = ${JSON.stringify(vectors)};`,
    GUNZIP,
  ];
  const said = await runInBrowser(
    browser,
    scripts,
    `Promise.all(vectors.map(async ({ given }) => {
      const { network, signed, epochs, result } = given;
      const texts = {
        receipt: JSON.stringify(signed),
        epochs: JSON.stringify(epochs),
        network,
        result: await gunzip(Uint8Array.from(atob(result.gzip_base64), (char) => char.charCodeAt(0))),
      };
      const { report } = await infernet.verifyTexts(texts);
      const receipt = texts.receipt.replace('"quoted_micro":"1000"', '"quoted_micro":"1"');
      const changed = await infernet.verifyTexts({ ...texts, receipt });
      return [report.verdict, report.findings.map(({ code }) => code), changed.report.verdict];
    }))`,
  );
  const expected = vectors.map(({ proven, not_proven }) => ["holds", [...proven, ...not_proven], "refuted"]);
  expect(said).toEqual(expected);
});
