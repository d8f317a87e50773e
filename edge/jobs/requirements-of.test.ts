import { expect, it } from "vitest";
import { requirementsOf } from "./requirements-of.ts";

const image = (gpu: boolean) => ({ oci: { transport: { kind: "stdio" as const }, gpu } });

it("an image that needs a GPU goes to machines that give one, whatever else is asked", () => {
  expect(requirementsOf(image(true), { sandbox: "oci" })).toEqual({
    sandbox: "oci",
    execution_provider: "cuda",
  });
});

it("other models ask for what their client asks for", () => {
  expect(requirementsOf(image(false), { sandbox: "gvisor" })).toEqual({ sandbox: "gvisor" });
  expect(requirementsOf({}, {})).toEqual({});
});
