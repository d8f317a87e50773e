import { expect, it } from "vitest";
import { explainBwrap, type NamespaceSettings } from "./explain-bwrap.ts";

const OPEN: NamespaceSettings = {
  apparmor_restrict: null,
  userns_clone: null,
  user_namespaces_max: "15000",
  contained: false,
};
const SAID = "bwrap: setting up uid map: Permission denied";

it.each([
  ["no namespaces at all", { user_namespaces_max: "0" }, /max_user_namespaces is 0/, /sysctl -w user\.max/],
  ["none for ordinary users", { userns_clone: "0" }, /unprivileged_userns_clone is 0/, /userns_clone=1/],
  ["AppArmor's restriction", { apparmor_restrict: "1" }, /AppArmor/, /docs\/sandbox\.md/],
  ["a container around the runner", { contained: true }, /container/, /systempaths=unconfined/],
  ["nothing that is known", {}, /bubblewrap says/, /to see what the system refuses/],
])("names %s, what bubblewrap said, and a way out", (_, settings, reason, fix) => {
  const explained = explainBwrap(`first line\n${SAID}`, { ...OPEN, ...settings });
  expect(explained.reason).toMatch(reason);
  expect(explained.reason).toContain(SAID);
  expect(explained.reason).not.toContain("first line");
  expect(explained.fix).toMatch(fix);
});
