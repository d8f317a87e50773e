import { expect, it } from "vitest";
import { permissionFlags } from "./permission-flags.ts";

const CODE = { folders: ["/code"], links: [{ path: "/modules/code", target: "/code" }] };

it("lets a child read its code, the links to it and what it is given, and nothing be written or started", () => {
  const flags = permissionFlags(new Set(["--permission", "--experimental-permission"]), CODE, ["/model"]);
  expect(flags[0]).toBe("--permission");
  expect(flags.filter((flag) => flag.startsWith("--allow-fs"))).toEqual([
    "--allow-fs-read=/code",
    "--allow-fs-read=/modules/code",
    "--allow-fs-read=/model",
  ]);
  expect(flags).not.toContain("--allow-child-process");
});

it("calls the permission model as Node 20 does, and sets no flag that a Node does not know", () => {
  expect(permissionFlags(new Set(["--experimental-permission"]), CODE, [])[0]).toBe(
    "--experimental-permission",
  );
  expect(permissionFlags(new Set(), CODE, [])).toEqual([]);
});
