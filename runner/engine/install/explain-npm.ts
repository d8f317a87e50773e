const AWAY =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/i;
const REFUSED = /\bE(401|403|404|407|451|5\d\d)\b|CERT|self.signed/i;
const ERROR_LINE = /^npm (?:ERR!|error) /i;

/**
 * Why npm could not install a package, and what its owner can do.
 *
 * @param byHand a command that does the same
 */
export function explainNpm(output: string, byHand: string): { reason: string; fix: string } {
  const said = firstError(output);
  if (/npm is not installed|spawn .*ENOENT/.test(output)) {
    return { reason: "npm is not installed", fix: `Install npm, or run where it is: ${byHand}` };
  }
  if (/EINTEGRITY|integrity checksum failed/i.test(output)) {
    return {
      reason: `the registry served another package than the one this runner was made with (${said})`,
      fix: "Check which registry `npm config get registry` names, and whether something on the way alters downloads.",
    };
  }
  if (/ENOSPC/.test(output)) {
    return { reason: "the disk is full", fix: "Free 400 MB where --home is, or give another --home." };
  }
  if (AWAY.test(output) || REFUSED.test(output)) {
    const what = AWAY.test(output) ? "does not answer" : "refuses";
    return {
      reason: `the npm registry ${what} (${said})`,
      fix: `Let this machine reach it, or name a mirror with \`npm config set registry URL\`; or run where there is a network, and copy the folder here: ${byHand}`,
    };
  }
  return { reason: `npm failed (${said})`, fix: `To see all it says, run: ${byHand}` };
}

function firstError(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const errors = lines.filter((line) => ERROR_LINE.test(line)).map((line) => line.replace(ERROR_LINE, ""));
  const telling = errors.filter((line) => !/^(code|errno|syscall|path) /.test(line));
  return (telling[0] ?? errors[0] ?? lines[0] ?? "it did not say why").slice(0, 200);
}
