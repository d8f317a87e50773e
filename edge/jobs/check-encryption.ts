import type { ProviderEncryption } from "@infernet/schemas/encryption";
import { InfernetError } from "@infernet/schemas/errors";
import type { JobRequest } from "@infernet/schemas/job";
import type { Model } from "@infernet/schemas/model";
import { formOf, sealedForm } from "@infernet/schemas/sealing/sealed-form";
import type { Tensor, TensorBlob, TensorSpec } from "@infernet/schemas/tensor";
import { assertInputs } from "@infernet/schemas/tensor-check";

/** How a job's rows and result are sealed; null when they are not. */
export const sealingOf = ({ encryption }: JobRequest): ProviderEncryption | null =>
  encryption?.mode === "provider" ? encryption : null;

/**
 * Checks a sealed job as far as it can be without reading it: what it says its inputs are must fit the model, and the
 * sealed ones must be as long as those are when sealed. Returns the rows. Throws `encryption_invalid`, and what
 * `assertInputs` throws.
 */
export function assertSealed(
  request: JobRequest,
  sealing: ProviderEncryption,
  inputs: readonly (Tensor | TensorBlob)[],
  { digest, manifest }: Pick<Model, "digest" | "manifest">,
): number {
  if (request.model !== digest)
    throw refuse("/model", `a sealed job names its model by the digest that it was sealed for: ${digest}`);
  if (request.merge !== "concat")
    throw refuse(
      "/merge",
      `sealed rows can be joined, and nothing else: merge "${request.merge}" would have to read them`,
    );
  const rows = assertInputs(sealing.inputs, manifest.inputs, "/encryption/inputs");
  for (const [index, input] of inputs.entries()) {
    const described = sealing.inputs[index];
    if (described === undefined || described.name !== input.name || inputs.length !== sealing.inputs.length)
      throw refuse(
        `/input/tensors/${index}/name`,
        "the sealed tensors and `encryption.inputs` must be the same inputs in one order",
      );
    assertForm(input, sealedForm(formOf(described)), rows, index);
  }
  return rows;
}

function assertForm(input: Tensor | TensorBlob, form: TensorSpec, rows: number, index: number): void {
  const shape = [rows, ...form.shape.slice(1)];
  if (input.datatype === form.datatype && input.shape.join() === shape.join()) return;
  throw refuse(
    `/input/tensors/${index}`,
    `'${input.name}' is ${input.datatype}[${input.shape}]; sealed it is ${form.datatype}[${shape}]`,
  );
}

const refuse = (pointer: string, detail: string): InfernetError =>
  new InfernetError("encryption_invalid", detail, { errors: [{ pointer, detail }] });

/**
 * Why the checks that a job asks for can never be made by those who were granted its key; null when they can be.
 */
export function explainGrants(
  { grants }: ProviderEncryption,
  { auditors }: { auditors: number },
): string | null {
  const needed = 1 + auditors;
  if (grants.length >= needed) return null;
  const checks = auditors === 1 ? "1 auditor" : `${auditors} auditors`;
  return `each shard needs a provider and ${checks} of other owners, so ${needed} that can open the job; it is granted to ${grants.length}`;
}
