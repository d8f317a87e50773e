/** FP32 cores of a multiprocessor by compute capability; the major number stands for what has no line of its own. */
const CORES: Readonly<Record<string, number>> = {
  "3": 192,
  "5": 128,
  "6.0": 64,
  "6": 128,
  "7": 64,
  "8.0": 64,
  "8": 128,
  "9": 128,
  "10": 128,
  "11": 128,
  "12": 128,
};

/** After the table "Arithmetic instructions" of the CUDA C++ Programming Guide; null for what it does not list. */
export const coresPerSm = (major: number, minor: number): number | null =>
  CORES[`${major}.${minor}`] ?? CORES[String(major)] ?? null;
