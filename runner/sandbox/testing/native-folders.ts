import { createRequire } from "node:module";
import { dirname } from "node:path";

/** What a hostile child must read to call the C library: koffi's native code is a package that no dependency names for certain. */
export function nativeFolders(): string[] {
  const require = createRequire(import.meta.resolve("koffi"));
  return [dirname(require.resolve(`@koromix/koffi-${process.platform}-${process.arch}/package.json`))];
}
