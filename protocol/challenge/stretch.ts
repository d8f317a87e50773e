/**
 * PBKDF2-HMAC-SHA-256 (RFC 8018, section 5.2): 32 bytes of key. Each iteration needs the one before, every platform has it
 * in machine code, and nobody computes it in a tenth of the time that others do.
 */
export type Stretch = (password: Uint8Array, salt: Uint8Array, iterations: number) => Promise<Uint8Array>;
