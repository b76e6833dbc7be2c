// Talking to the server: JSON in, JSON out, with Django's token against forged requests.

/** The server answered, but not with what was asked for. */
export class ServerError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** The answer was JSON with a sentence for people: the server has judged, and asking again changes nothing. */
    readonly isRuling = false,
  ) {
    super(message);
  }
}

/** Django's token: from the cookie while it is readable, else from the page. */
export function csrfToken(): string {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  if (cookie) return decodeURIComponent(cookie);
  const meta = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content;
  return meta ?? document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

/** GET JSON; throws `TypeError` without a line and `ServerError` when the server refuses. */
export async function getJson<T>(url: string, signal?: AbortSignal): Promise<T> {
  return answer<T>(await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin", signal }));
}

/** POST JSON; throws as `getJson` does. `keepalive` lets the request outlive the page. */
export async function postJson<T>(url: string, body: unknown, keepalive = false): Promise<T> {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  const init: RequestInit = { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin", keepalive };
  return answer<T>(await fetch(url, init));
}

/** Add a parameter to an address that may already have some. */
export function withParameter(url: string, name: string, value: string): string {
  return `${url}${url.includes("?") ? "&" : "?"}${name}=${encodeURIComponent(value)}`;
}

async function answer<T>(response: Response): Promise<T> {
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  if (response.ok && isJson) return (await response.json()) as T;
  // A sign-in page in place of JSON means that the session has ended.
  if (response.ok || response.redirected) throw new ServerError(401, "signed out");
  const body: unknown = isJson ? await response.json().catch(() => null) : null;
  const ruling = body && typeof body === "object" && "message" in body ? String(body.message) : "";
  throw new ServerError(response.status, ruling || response.statusText, Boolean(ruling));
}
