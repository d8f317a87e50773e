/** Honest runs of a model are too far apart for any threshold. The message says how far, in which runs, and what to do. */
export class CalibrationRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CalibrationRefused";
  }
}
