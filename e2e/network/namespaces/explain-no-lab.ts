import { openLab } from "./lab.ts";

/**
 * Why there can be no lab here, for a person; null where there can. It tries one: Linux may have the tools and yet refuse
 * (containers without CAP_NET_ADMIN, distributions that keep user namespaces from ordinary users).
 */
export async function explainNoLab(): Promise<string | null> {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  try {
    const lab = await openLab();
    try {
      await lab.addHome("try", "symmetric");
      await lab.addServer("try", "no_inbound");
    } finally {
      await lab.close();
    }
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim() : String(error);
    return `${reason} (needs iproute2, iptables, util-linux, and root or user namespaces)`;
  }
}
