import { expect, it } from "vitest";
import { explainNpm } from "./explain-npm.ts";

const BY_HAND = "npm install --prefix /home x@1";

it.each([
  [
    "npm error code ENOTFOUND\nnpm error network request to https://r/ failed",
    /does not answer \(network request/,
    BY_HAND,
  ],
  ["npm error code E403\nnpm error 403 Forbidden - GET https://r/", /refuses \(403 Forbidden/, BY_HAND],
  ["npm ERR! code EINTEGRITY\nnpm ERR! sha512-a integrity checksum failed", /another package/, "registry"],
  ["npm error code ENOSPC\nnpm error nospc", /disk is full/, "400 MB"],
  ["npm is not installed", /npm is not installed/, BY_HAND],
  ["something else", /npm failed \(something else\)/, BY_HAND],
])("explains %j", (output, reason, fix) => {
  const explained = explainNpm(output, BY_HAND);
  expect(explained.reason).toMatch(reason);
  expect(explained.fix).toContain(fix);
});
