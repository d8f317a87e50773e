/** What the kernel says about namespaces of ordinary users; null where it has no such setting. */
export interface NamespaceSettings {
  /** `kernel.apparmor_restrict_unprivileged_userns`, of Ubuntu 23.10 and later. */
  apparmor_restrict: string | null;
  /** `kernel.unprivileged_userns_clone`, of Debian's kernels. */
  userns_clone: string | null;
  /** `user.max_user_namespaces` */
  user_namespaces_max: string | null;
  /** Whether this is itself a container. */
  contained: boolean;
}

/** Why bubblewrap did not start a child, in the words of who can change it. */
export function explainBwrap(
  stderr: string,
  { apparmor_restrict, userns_clone, user_namespaces_max, contained }: NamespaceSettings,
): { reason: string; fix: string } {
  const said = `bubblewrap says: ${stderr.split("\n").at(-1)}`;
  if (user_namespaces_max === "0") {
    return {
      reason: `the kernel allows no user namespaces (user.max_user_namespaces is 0); ${said}`,
      fix: "As root: `sysctl -w user.max_user_namespaces=15000`, and the same in /etc/sysctl.d/ to keep it.",
    };
  }
  if (userns_clone === "0") {
    return {
      reason: `the kernel keeps user namespaces to root (kernel.unprivileged_userns_clone is 0); ${said}`,
      fix: "As root: `sysctl -w kernel.unprivileged_userns_clone=1`, and the same in /etc/sysctl.d/ to keep it.",
    };
  }
  if (apparmor_restrict === "1") {
    return {
      reason: `AppArmor keeps user namespaces from programs without a profile (kernel.apparmor_restrict_unprivileged_userns is 1); ${said}`,
      fix: "As root: give bwrap a profile that allows `userns`, as docs/sandbox.md shows, or `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`.",
    };
  }
  if (contained) {
    return {
      reason: `the container that the runner is in does not allow it; ${said}`,
      fix: "Start that container with `--security-opt seccomp=unconfined --security-opt systempaths=unconfined`, or run the runner outside it.",
    };
  }
  return {
    reason: said,
    fix: "Run `bwrap --unshare-all --ro-bind / / true` to see what the system refuses.",
  };
}
