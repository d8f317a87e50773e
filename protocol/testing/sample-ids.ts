import { AccountId, JobId, RunnerId } from "@infernet/schemas/ids";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** The n-th sample runner, for n below 32,768. */
export function sampleRunner(n: number): RunnerId {
  const letters = [n >> 10, (n >> 5) & 31, n & 31].map((digit) => ALPHABET[digit]);
  return RunnerId.parse(`run_${"a".repeat(49)}${letters.join("")}`);
}

const sampleUuid = (n: number): string => n.toString(16).padStart(32, "0");

export const sampleJob = (n: number): JobId => JobId.parse(`job_001_${sampleUuid(n)}`);
export const sampleAccount = (n: number): AccountId => AccountId.parse(`acct_${sampleUuid(n)}`);
