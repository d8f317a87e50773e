import { expect, test } from "vitest";
import { renderEarnings } from "./render-earnings.ts";
import { jobOf, payoutOf, sumsOf } from "./testing/a-book.ts";

const NOTHING = { title: "Earnings", sums: [], jobs: [], hasMore: false, payouts: [], next: "Next." };

test("a person reads the sums of each unit, the jobs, the payouts and what to do next", () => {
  const text = renderEarnings({
    title: "Earnings of run_a at https://edge.example",
    sums: [
      sumsOf({ held_micro: "1000000", payable_micro: "1250000", paid_micro: "12345678" }),
      sumsOf({ unit: "usdc:solana", ordered_micro: "300000", taken_back_micro: "1" }),
    ],
    jobs: [
      jobOf(5),
      jobOf(4, { state: "payable", earned_micro: "1250000" }),
      jobOf(3, {
        state: "ordered",
        unit: "usdc:solana",
        earned_micro: "300000",
        payout: `pay_${"0".repeat(32)}`,
      }),
      jobOf(2, { state: "paid", earned_micro: "12345678", reference: "5KtP9xQm2hJvTzYw8bNcRdFgAsLeUoPi" }),
      jobOf(1, { state: "taken_back", unit: "usdc:solana", earned_micro: "1" }),
    ],
    hasMore: true,
    payouts: [
      payoutOf(3, { unit: "usdc:solana", micro: "300000" }),
      payoutOf(2, {}, { state: "returned", detail: "the address cannot be reached" }),
      payoutOf(1, { micro: "12345678" }, { state: "paid", reference: "5KtP9x" }),
    ],
    next: "1.250000 credit can be sent now: infernet-runner withdraw --edge https://edge.example",
  });
  expect(text).toMatchInlineSnapshot(`
    "Earnings of run_a at https://edge.example

    credit
      held         1.000000  credit  can still be taken back, if the work is found wrong
      payable      1.250000  credit  yours, and not sent yet
      on its way   0.000000  credit  being sent
      paid        12.345678  credit  sent to you
      taken back   0.000000  credit  earned by work that was found wrong

    usdc:solana
      held        0.000000  usdc:solana  can still be taken back, if the work is found wrong
      payable     0.000000  usdc:solana  yours, and not sent yet
      on its way  0.300000  usdc:solana  being sent
      paid        0.000000  usdc:solana  sent to you
      taken back  0.000001  usdc:solana  earned by work that was found wrong

    Latest jobs
      job                                          earned               state       held until (UTC)     reference
      job_001_00000000000000000000000000000005   1.000000  credit       held        2026-01-02 15:04:05  -
      job_001_00000000000000000000000000000004   1.250000  credit       payable     -                    -
      job_001_00000000000000000000000000000003   0.300000  usdc:solana  on its way  -                    -
      job_001_00000000000000000000000000000002  12.345678  credit       paid        -                    5KtP9xQm2hJvTzYw8...
      job_001_00000000000000000000000000000001   0.000001  usdc:solana  taken back  -                    -
      Older ones: --limit N lists more, --csv all.

    Latest payouts
      payout                                   amount               ordered (UTC)        state                    note
      pay_00000000000000000000000000000003   0.300000  usdc:solana  2026-01-03 09:30:00  on its way               -
      pay_00000000000000000000000000000002   1.250000  credit       2026-01-03 09:30:00  not sent, payable again  the address cannot be reached
      pay_00000000000000000000000000000001  12.345678  credit       2026-01-03 09:30:00  paid                     5KtP9x

    1.250000 credit can be sent now: infernet-runner withdraw --edge https://edge.example
    "
  `);
});

test("what has no entries takes no lines", () => {
  expect(renderEarnings(NOTHING)).toBe("Earnings\n\nNext.\n");
});

test("all jobs that there are are not called the latest", () => {
  const text = renderEarnings({ ...NOTHING, jobs: [jobOf(1)] });
  expect(text).toContain("\nJobs\n");
  expect(text).not.toContain("--limit");
});

test("words of others cannot steer the terminal or fill the screen", () => {
  const reference = `\u001b[2Jdone\n${"x".repeat(200)}`;
  const text = renderEarnings({ ...NOTHING, jobs: [jobOf(1, { state: "paid", reference })] });
  expect(text).not.toContain("\u001b");
  expect(text).toContain(" [2Jdone xxxxxxxx...\n");
});
