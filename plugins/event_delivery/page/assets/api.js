// How is the server asked, and what does a refusal mean in plain words?

const WORDS = {
  401: "You are no longer logged in. Log in to Airflow, then reload this page.",
  403: "Your Airflow account may not do this. Ask an administrator for the permission.",
  404: "There is no such delivery or destination.",
};
const UNREACHABLE = "Airflow does not answer. Its API server may be restarting; this page tries again by itself.";

/** What the server refused; `status` is 0 when it did not answer. */
export class Refusal extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Read one endpoint. */
export function read(endpoint, query = {}, signal = undefined) {
  const address = new URL(`api/${endpoint}`, document.baseURI);
  for (const [name, value] of Object.entries(query)) if (value) address.searchParams.set(name, value);
  return ask(address, { signal });
}

/** Do something; the header cannot be sent by a form of another site. */
export function act(endpoint, body) {
  const headers = { "Content-Type": "application/json", "X-Event-Delivery": "1" };
  return ask(new URL(`api/${endpoint}`, document.baseURI), { method: "POST", headers, body: JSON.stringify(body) });
}

async function ask(address, options) {
  let answer;
  try {
    answer = await fetch(address, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(UNREACHABLE, 0);
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok && body) return body;
  throw new Refusal(explain(answer.status, body), answer.status);
}

function explain(status, body) {
  const detail = typeof body?.detail === "string" ? body.detail : "";
  if (status === 401) return WORDS[401];
  return detail || WORDS[status] || `The server answered with an error (${status}). Its log says more.`;
}
