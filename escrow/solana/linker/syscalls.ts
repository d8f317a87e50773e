/**
 * System calls that a program may make. An undefined symbol of another name would load and even deploy, and fail only when
 * it is reached, so the linker refuses it.
 */
export const SYSCALLS: ReadonlySet<string> = new Set([
  "sol_create_program_address",
  "sol_try_find_program_address",
  "sol_get_clock_sysvar",
  "sol_get_rent_sysvar",
  "sol_sha256",
  "sol_invoke_signed_c",
  "sol_set_return_data",
]);
