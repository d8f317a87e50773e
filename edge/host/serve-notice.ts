export interface ServeFacts {
  url: string;
  state: string;
  /** null when the key came from the environment. */
  operatorKeyFile: string | null;
}

/** What a person who has just started the server needs next. */
export function renderServeNotice({ url, state, operatorKeyFile }: ServeFacts): string {
  const key = operatorKeyFile === null ? "$INFERNET_OPERATOR_KEY" : `$(cat '${operatorKeyFile}')`;
  return `Infernet edge listening on ${url}

  API reference   ${url}/docs
  State           ${state}
  Operator key    ${operatorKeyFile ?? "INFERNET_OPERATOR_KEY, from the environment"}

Make an account; its API key is shown once:
  curl -s ${url}/accounts -H "Authorization: Bearer ${key}" \\
    -H "Content-Type: application/json" -d '{"name":"me"}'

Start a runner, here or on another machine:
  npx infernet-runner start --edge ${url} --home ~/.infernet

Stop with Ctrl-C; the state stays.`;
}
