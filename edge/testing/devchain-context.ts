/** A development chain with the escrow program, which tests inside workerd are given by their global setup. */
export interface TestDevchain {
  url: string;
  program: string;
}

declare module "vitest" {
  interface ProvidedContext {
    devchain: TestDevchain;
  }
}
