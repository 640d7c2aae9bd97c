// One door to the API: JSON, the language, the anti-forgery token, time limits, and errors a person can act on.
import { language } from "../i18n/language";

export const TIMEOUT_SECONDS = 15;

/** A refusal by the server, or `network` when there was no answer at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly facts: Record<string, unknown> = {},
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
  }

  /** Nothing is known to be wrong with the request: sending it again may succeed. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export interface Ask {
  body?: unknown;
  /** Makes a retry harmless: the same key gets the same answer. */
  key?: string;
  /** Sent although the page goes; nobody waits for the answer. */
  isParting?: boolean;
}

export interface Api {
  get<T>(path: string): Promise<T>;
  send<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, ask?: Ask): Promise<T>;
}

export interface ApiOptions {
  csrfToken?: () => string | null;
  onSignedOut?: () => void;
}

export function createApi({ csrfToken, onSignedOut }: ApiOptions = {}): Api {
  async function call<T>(method: string, path: string, ask: Ask = {}): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": language.value };
    if (ask.body !== undefined) headers["Content-Type"] = "application/json";
    if (ask.key) headers["Idempotency-Key"] = ask.key;
    const token = csrfToken?.();
    if (token && method !== "GET") headers["X-CSRF-Token"] = token;
    const response = await reach(path, {
      method,
      headers,
      body: ask.body === undefined ? undefined : JSON.stringify(ask.body),
      credentials: "same-origin",
      keepalive: ask.isParting,
      signal: AbortSignal.timeout(TIMEOUT_SECONDS * 1000),
    });
    if (response.ok) return (response.status === 204 ? undefined : await json(response)) as T;
    const error = await refusal(response);
    if (error.code === "not_signed_in") onSignedOut?.();
    throw error;
  }
  return {
    get: (path) => call("GET", path),
    send: (method, path, ask) => call(method, path, ask),
  };
}

/** `?a=1&b=2` of the values that are set. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const pairs = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return pairs.length ? `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}` : "";
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (cause) {
    throw new ApiError(0, "network", String(cause));
  }
}

async function json(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    throw new ApiError(0, "network", String(cause));
  }
}

async function refusal(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as {
    error?: { code?: string; message?: string; facts?: Record<string, unknown> };
  } | null;
  const after = Number(response.headers.get("Retry-After"));
  return new ApiError(
    response.status,
    body?.error?.code ?? (response.status >= 500 ? "unavailable" : "refused"),
    body?.error?.message ?? "",
    body?.error?.facts ?? {},
    Number.isFinite(after) && after > 0 ? after : null,
  );
}
