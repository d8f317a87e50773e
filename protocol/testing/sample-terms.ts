import { PriceTerms } from "@infernet/schemas/price";

/** Terms under which a job that ends well costs its quote. */
export const sampleTerms = (quoted_micro: bigint, rest: Partial<PriceTerms> = {}): PriceTerms =>
  PriceTerms.parse({
    unit: "credit",
    escrow: null,
    quoted_micro: quoted_micro.toString(),
    priced_rows: 1,
    fee_bps: 100,
    ...rest,
  });
