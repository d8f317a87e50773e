/** Thrown when the owner breaks the questions off. */
export class Canceled extends Error {}
