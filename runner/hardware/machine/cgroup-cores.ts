/**
 * Cores that a control group's quota comes to, in `cpu.max` of version 2 (`200000 100000`) or, of version 1, the quota
 * and the period with a space between. Null where there is no quota.
 */
export function cgroupCores(text: string): number | null {
  const [quota, period] = text.trim().split(/\s+/).map(Number);
  if (quota === undefined || period === undefined) return null;
  const isQuota = Number.isFinite(quota) && quota > 0 && Number.isFinite(period) && period > 0;
  return isQuota ? Math.max(1, Math.floor(quota / period)) : null;
}
