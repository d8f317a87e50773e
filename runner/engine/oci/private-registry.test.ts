import { expect, it } from "vitest";
import { isPrivateRegistry } from "./private-registry.ts";

const digest = `@sha256:${"0".repeat(64)}`;

it.each([
  "127.0.0.1:5000/x",
  "169.254.169.254/x",
  "localhost:5000/x",
  "nas.local/x",
  "registry:5000/x",
  "git.corp/a/b",
])("%s is of this machine's own network", (reference) =>
  expect(isPrivateRegistry(`${reference}${digest}`)).toBe(true),
);

it.each(["docker.io/library/alpine", "ghcr.io/ada/model", "registry.example.com:5000/model"])(
  "%s is not",
  (reference) => expect(isPrivateRegistry(`${reference}${digest}`)).toBe(false),
);
