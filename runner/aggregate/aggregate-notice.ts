export interface AggregateFacts {
  url: string;
  state: string;
  accountKeyFile: string;
  /** null when the key came from the environment. */
  operatorKeyFile: string | null;
}

/** What a person who has just started an aggregator needs next. */
export function renderAggregateNotice({
  url,
  state,
  accountKeyFile,
  operatorKeyFile,
}: AggregateFacts): string {
  return `Infernet aggregator listening on ${url}

  API reference   ${url}/docs
  State           ${state}
  Your account    ${accountKeyFile}
  Operator key    ${operatorKeyFile ?? "INFERNET_OPERATOR_KEY, from the environment"}

See what your account has, and what models there are:
  curl -s ${url}/account -H "Authorization: Bearer $(cat '${accountKeyFile}')"
  curl -s ${url}/models

Start a runner, here or on another machine:
  infernet-runner start --edge ${url}

Stop with Ctrl-C; the state stays.
`;
}
