// @ts-check
// How is the server asked, and what does a refusal mean in plain words?

/** @import { Answered, Boarding, BoardingPlace, DeliveryDetail, DestinationDetail, Incidents, PreflightAnswer, Preview, SecurityCheck, ServedOverview, Started } from "./answers.js" */
/**
 * @typedef {{ overview: ServedOverview, delivery: DeliveryDetail, destination: DestinationDetail,
 *   incidents: Incidents, preflight: PreflightAnswer, preview: Preview,
 *   onboarding: BoardingPlace, "security-check": SecurityCheck }} Answers
 */

/** @type {Record<number, string>} */
const WORDS = {
  401: "You are no longer logged in. Log in to Airflow, then reload this page.",
  403: "Your Airflow account may not do this. Ask an administrator for the permission.",
  404: "There is no such delivery or destination.",
};
const UNREACHABLE = "Airflow does not answer. Its API server may be restarting; this page tries again by itself.";

/** What the server refused; `status` is 0 when it did not answer. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {number} status
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * Read one endpoint.
 * @template {keyof Answers} Endpoint
 * @param {Endpoint} endpoint
 * @param {Record<string, string>} query what is empty is left out
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answers[Endpoint]>}
 */
export function read(endpoint, query, signal) {
  return ask(addressOf(endpoint, query), { signal });
}

/**
 * Read incidents, or why they cannot be read: that is no reason to show nothing else.
 * @param {Record<string, string>} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<Incidents | string>}
 */
export function readIncidents(query, signal) {
  return read("incidents", query, signal).catch((error) => {
    if (isAbort(error)) throw error;
    return sayError(error);
  });
}

/**
 * Return the address of a question.
 * @param {string} endpoint
 * @param {Record<string, string>} query what is empty is left out
 */
export function addressOf(endpoint, query) {
  const address = new URL(`api/${endpoint}`, document.baseURI);
  for (const [name, value] of Object.entries(query)) if (value) address.searchParams.set(name, value);
  return address;
}

/**
 * Do something; the header cannot be sent by a form of another site.
 * @param {string} endpoint
 * @param {Record<string, string | boolean>} body
 * @returns {Promise<Started>}
 */
export function act(endpoint, body) {
  return post(endpoint, body);
}

/**
 * Say something of an incident.
 * @param {string} endpoint
 * @param {Record<string, string>} body
 * @returns {Promise<Answered>}
 */
export function say(endpoint, body) {
  return post(endpoint, body);
}

/**
 * Take a step of taking a client on board; the body holds a secret.
 * @param {string} endpoint
 * @param {Record<string, string | boolean>} body
 * @returns {Promise<Boarding>}
 */
export function board(endpoint, body) {
  return post(endpoint, body);
}

/** @type {(endpoint: string, body: Record<string, string | boolean>) => Promise<any>} */
function post(endpoint, body) {
  const headers = { "Content-Type": "application/json", "X-Event-Delivery": "1" };
  return ask(new URL(`api/${endpoint}`, document.baseURI), { method: "POST", headers, body: JSON.stringify(body) });
}

/**
 * Say in one sentence why the server refused: in its own words, where it has some.
 * @param {number} status
 * @param {any} body what it answered; null when that was no JSON
 */
export function explain(status, body) {
  const detail = typeof body?.detail === "string" ? body.detail : "";
  if (status === 401) return WORDS[401];
  return detail || WORDS[status] || `The server answered with an error (${status}). Its log says more.`;
}

/**
 * Say what went wrong, whatever was thrown.
 * @param {unknown} error
 */
export function sayError(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * @param {URL} address
 * @param {RequestInit} options
 */
async function ask(address, options) {
  let answer;
  try {
    answer = await fetch(address, { credentials: "same-origin", ...options });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new Refusal(UNREACHABLE, 0);
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok && body) return body;
  throw new Refusal(explain(answer.status, body), answer.status);
}

/**
 * Tell whether a reading was given up because a newer one was begun.
 * @param {unknown} error
 */
export function isAbort(error) {
  return error instanceof Error && error.name === "AbortError";
}
