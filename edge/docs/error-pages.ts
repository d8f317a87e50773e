import { ERROR_CODES, ERRORS, type ErrorCode, errorPath } from "@infernet/schemas/errors";
import { html, raw } from "hono/html";

type Html = ReturnType<typeof html>;

const STYLE = raw(`<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
code { font-family: ui-monospace, monospace; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.4rem 0.8rem 0.4rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
</style>`);

/** What a code means and what to do about it. */
export function renderErrorPage(code: ErrorCode): Html {
  const { status, title, retryable, hint } = ERRORS[code];
  return page(
    title,
    html`<p><a href="/errors">All errors</a></p>
<h1>${title}</h1>
<table>
<tr><th>Code</th><td><code>${code}</code></td></tr>
<tr><th>HTTP status</th><td>${status}</td></tr>
<tr><th>Worth repeating unchanged</th><td>${retryable ? "yes" : "no"}</td></tr>
</table>
<h2>What to do</h2>
<p>${hint}</p>
<p>The answer's <code>detail</code> says what was wrong this time, its <code>errors</code> where in the request. Quote its
<code>request_id</code> when you ask the operator.</p>`,
  );
}

/** Every code of the catalogue. */
export function renderErrorIndex(): Html {
  const rows = ERROR_CODES.map(
    (code) => html`<tr><td><a href="${errorPath(code)}"><code>${code}</code></a></td>
<td>${ERRORS[code].status}</td><td>${ERRORS[code].title}</td></tr>
`,
  );
  return page(
    "Errors",
    html`<h1>Errors</h1>
<p>Every failure of this API is a problem document (RFC 9457) with one of these codes. Codes are only ever added.</p>
<table><tr><th>Code</th><th>Status</th><th>Meaning</th></tr>
${rows}</table>`,
  );
}

const page = (title: string, content: Html): Html => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - Infernet</title>${STYLE}</head>
<body>${content}</body></html>
`;
