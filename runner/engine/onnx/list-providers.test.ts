import { expect, it } from "vitest";
import { listProviders, type MachineFacts } from "./list-providers.ts";

const BARE: MachineFacts = {
  platform: "linux",
  hasCudaLibrary: false,
  hasVulkanDriver: false,
  hasGpu: false,
};

it("tries the GPU first, where there is one with a driver, and the CPU always", () => {
  expect(listProviders(BARE)).toEqual(["cpu"]);
  expect(listProviders({ ...BARE, hasGpu: true, hasVulkanDriver: true })).toEqual(["webgpu", "cpu"]);
  const all = { ...BARE, hasGpu: true, hasVulkanDriver: true, hasCudaLibrary: true };
  expect(listProviders(all)).toEqual(["cuda", "webgpu", "cpu"]);
  expect(listProviders({ ...BARE, platform: "darwin" })).toEqual(["webgpu", "cpu"]);
});

it("does not take a driver that computes on the CPU, or a library without a GPU, for one", () => {
  expect(listProviders({ ...BARE, hasVulkanDriver: true, hasCudaLibrary: true })).toEqual(["cpu"]);
});
