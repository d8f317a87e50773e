import { Sha256 } from "@infernet/schemas/digest";
import { ProviderEncryption } from "@infernet/schemas/encryption";
import { createClientKey } from "@infernet/schemas/sealing/client-key";
import { sealJob } from "@infernet/schemas/sealing/seal-job";
import type { Tensor } from "@infernet/schemas/tensor";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { createTestSealer } from "@infernet/schemas/testing/test-sealing";
import { expect, test } from "vitest";
import { z } from "zod";
import { bundleForBrowser, findBrowser, runInBrowser } from "../verify/testing/browser.ts";
import { createUnseal } from "./unseal.ts";

const moduleOf = (name: string): URL => new URL(`../../schemas/sealing/${name}.ts`, import.meta.url);
const model = Sha256.parse("1".repeat(64));
const input: Tensor = { name: "x", datatype: "UINT8", shape: [2, 2], data: Uint8Array.of(1, 2, 3, 4) };
const outputs = [{ name: "x", datatype: "UINT8" as const, shape: [null, 2] }];
const rows = [{ start: 0, count: 2 }] as const;

test("what seals a job and opens its result needs nothing that only Node has", () => {
  for (const name of ["seal-job", "open-result", "grant-provider"])
    expect(bundleForBrowser(moduleOf(name), "sealing").length).toBeGreaterThan(0);
});

test("a browser opens what a runner sealed, and seals what a runner opens", {
  timeout: 60_000,
}, async (context) => {
  const browser = findBrowser();
  if (browser === null) return context.skip("no Chromium is on the path of this machine");
  const provider = await createTestSealer(1);
  const unseal = createUnseal(provider.id, provider.opening);
  const key = await createClientKey();
  const { id, sealing_key } = provider;
  const options = { model, providers: [{ id, sealing_key }], client_key: key.public_key };

  /** What the runner makes of a job that was sealed for it. */
  const open = async (encryption: ProviderEncryption, data: Uint8Array<ArrayBuffer>) => {
    const { sealing_id, client_key, inputs, grants } = encryption;
    const [{ enc = "", sealed_key = "" } = {}] = grants;
    const sealing = { sealing_id, client_key, inputs, grant: { enc, sealed_key } };
    const tensor: Tensor = { name: "x", datatype: "UINT8", shape: [2, data.length / 2], data };
    return unseal({ model, rows: [...rows], sealing }, [tensor]);
  };
  const ours = await sealJob({ ...options, inputs: [input] });
  const [blob] = ours.blobs;
  const { seal, inputs } = await open(ours.request.encryption, blob?.bytes ?? new Uint8Array());
  const result = encodeTensors(await seal(inputs, { outputs }));
  const given = {
    ...{ sealing_id: ours.sealing_id, model, key, outputs, rows: 2 },
    ...{ encryption: ours.request.encryption, result: [...result] },
  };
  const said = await runInBrowser(
    browser,
    [
      bundleForBrowser(moduleOf("seal-job"), "sealer"),
      bundleForBrowser(moduleOf("open-result"), "opener"),
      `const given = ${JSON.stringify(given)}; const options = ${JSON.stringify(options)};`,
    ],
    `(async () => {
      const [opened] = await opener.openResult({ ...given, result: Uint8Array.from(given.result) });
      const input = { name: "x", datatype: "UINT8", shape: [2, 2], data: Uint8Array.of(5, 6, 7, 8) };
      const sealed = await sealer.sealJob({ ...options, inputs: [input] });
      return {
        opened: [...opened.data],
        encryption: sealed.request.encryption,
        bytes: [...sealed.blobs[0].bytes],
      };
    })()`,
  );
  const report = z
    .object({ opened: z.array(z.int()), encryption: ProviderEncryption, bytes: z.array(z.int()) })
    .parse(said);
  expect(report.opened).toEqual([...input.data]);
  const theirs = await open(report.encryption, Uint8Array.from(report.bytes));
  expect(theirs.inputs).toEqual([{ ...input, data: Uint8Array.of(5, 6, 7, 8) }]);
});
