// Who is signed in, the API in their name and their live connection; a lost session is regained in place.
import { signal } from "@preact/signals";
import { ApiError, createApi } from "../api/http";
import type { Account, Language, Session, SocketToken } from "../api/types";
import { t } from "../i18n/console";
import { language, speak } from "../i18n/language";
import { Live } from "../live/live";

/** undefined while it is being asked, null when nobody is signed in. */
export const session = signal<Session | null | undefined>(undefined);
/** The page still shows a person's work, but the server does not know them any more. */
export const hasExpired = signal(false);

export const api = createApi({
  csrfToken: () => session.value?.csrf_token ?? null,
  onSignedOut: () => expire(),
});

export const live = new Live({ token: socketToken, onSignedOut: () => expire() });

export function account(): Account {
  return session.value!.account;
}

/** The server could not say who is signed in. */
export const startFailure = signal<unknown>(null);

export async function resume(): Promise<void> {
  startFailure.value = null;
  try {
    begin(await api.get<Session>("/api/v1/session"));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) session.value = null;
    else startFailure.value = error;
  }
}

export async function signIn(login: string, password: string): Promise<void> {
  const before = session.value?.account.id;
  const next = await api.send<Session>("POST", "/api/v1/session", { body: { login, password } });
  // Another person must not find what the last one was writing.
  if (before && before !== next.account.id) return forgetAndReload();
  begin(next);
}

export async function signOut(): Promise<void> {
  await api.send("DELETE", "/api/v1/session").catch(() => undefined);
  forgetAndReload();
}

/** Leave an expired session for another account. */
export function forgetAndReload(): void {
  live.stop();
  sessionStorage.clear();
  location.assign("/console");
}

/** What was asked for before anybody was signed in; it goes to the account that signs in. */
let wishedLanguage: Language | null = null;

export function chooseLanguage(chosen: Language): void {
  speak(chosen);
  const known = session.value;
  if (!known || hasExpired.value) {
    wishedLanguage = chosen;
    return;
  }
  session.value = { ...known, account: { ...known.account, language: chosen } };
  void api.send("PATCH", "/api/v1/account", { body: { language: chosen } }).catch(() => undefined);
}

/** The sentence to show for a failed request. */
export function explain(error: unknown): string {
  if (!(error instanceof ApiError)) return t("unexpected");
  if (error.code === "network") return t("network");
  if (error.code === "too_many" && error.retryAfterSeconds) return t("too_many_wait", { n: error.retryAfterSeconds });
  return error.message || t("unexpected");
}

function begin(next: Session): void {
  session.value = next;
  hasExpired.value = false;
  if (wishedLanguage) chooseLanguage(wishedLanguage);
  else if (next.account.language !== language.value) speak(next.account.language);
  wishedLanguage = null;
  live.start();
  void live.refetchAll();
}

function expire(): void {
  if (!session.value) return;
  hasExpired.value = true;
  live.stop();
}

async function socketToken(): Promise<string | null> {
  try {
    return (await api.send<SocketToken>("POST", "/api/v1/session/socket-token")).token;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}
