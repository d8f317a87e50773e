import type { ServicePlan } from "./service-plan.ts";

export const LAUNCHD_LABEL = "network.infernet.runner";

/**
 * An agent of launchd (launchd.plist(5)), which starts with the user's session and again after a failure. It knows no
 * limit for a process and its children: what models may take is the runner's own settings.
 */
export function renderPlist({ command, stop_seconds_max }: ServicePlan): string {
  const program = command.map((argument) => `    <string>${escapeXml(argument)}</string>`).join("\n");
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LAUNCHD_LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${program}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>${stop_seconds_max}</integer>
  <key>Umask</key>
  <integer>63</integer>
</dict>
</plist>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const escapeXml = (text: string): string => text.replace(/[&<>]/g, (sign) => ENTITIES[sign] ?? sign);
