// Signing in: a page of its own, or a dialog over one's work when the session has ended.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { t } from "../i18n/console";
import { LANGUAGES, language } from "../i18n/language";
import { Dialog } from "../ui/dialog";
import { account, chooseLanguage, explain, forgetAndReload, signIn } from "./session";

export function SignInPage() {
  return (
    <div class="sign-in">
      <main id="main" class="card">
        <div class="sign-in-head">
          <p class="mark">Guichet</p>
          <div class="languages" role="group" aria-label={t("language")}>
            {LANGUAGES.map((tongue) => (
              <button
                type="button"
                key={tongue}
                lang={tongue}
                aria-pressed={language.value === tongue}
                onClick={() => chooseLanguage(tongue)}
              >
                {t(`language_${tongue}`)}
              </button>
            ))}
          </div>
        </div>
        <h1>{t("sign_in_title")}</h1>
        <p class="muted">{t("sign_in_lead")}</p>
        <SignInForm />
      </main>
    </div>
  );
}

export function ExpiredDialog() {
  return (
    <Dialog title={t("expired_title")} isDismissible={false} onClose={() => undefined}>
      <p>{t("expired_body")}</p>
      <SignInForm login={account().login} />
      <button type="button" class="button link" onClick={forgetAndReload}>
        {t("other_account")}
      </button>
    </Dialog>
  );
}

function SignInForm({ login: known }: { login?: string }) {
  const login = useSignal(known ?? "");
  const password = useSignal("");
  const isShown = useSignal(false);
  const isSending = useSignal(false);
  const failure = useSignal("");
  const form = useRef<HTMLFormElement>(null);

  async function submit(event: Event) {
    event.preventDefault();
    if (isSending.value) return;
    failure.value = !login.value.trim() ? t("login_missing") : !password.value ? t("password_missing") : "";
    if (failure.value) return focus(login.value.trim() ? "password" : "login");
    isSending.value = true;
    try {
      await signIn(login.value.trim(), password.value);
    } catch (error) {
      failure.value = explain(error);
      focus("password");
    } finally {
      isSending.value = false;
    }
  }

  function focus(name: string) {
    form.current?.querySelector<HTMLInputElement>(`[name="${name}"]`)?.focus();
  }

  return (
    <form class="stack" ref={form} onSubmit={submit} noValidate>
      <p class={failure.value ? "alert" : ""} role="alert" id="sign-in-failure">
        {failure.value}
      </p>
      <div class="field">
        <label for="login">{t("login")}</label>
        <input
          id="login"
          name="login"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          readOnly={known !== undefined}
          autofocus={known === undefined}
          value={login.value}
          aria-describedby="sign-in-failure"
          onInput={(event) => (login.value = event.currentTarget.value)}
        />
      </div>
      <div class="field">
        <label for="password">{t("password")}</label>
        <input
          id="password"
          name="password"
          {...(isShown.value ? ({ type: "text" } as const) : ({ type: "password" } as const))}
          autocomplete="current-password"
          required
          autofocus={known !== undefined}
          value={password.value}
          aria-describedby="sign-in-failure"
          onInput={(event) => (password.value = event.currentTarget.value)}
        />
      </div>
      <label class="check">
        <input type="checkbox" checked={isShown.value} onChange={() => (isShown.value = !isShown.value)} />
        {t("show_password")}
      </label>
      <button type="submit" class="button primary large" aria-disabled={isSending.value}>
        {isSending.value && <span class="spinner" />}
        {t(isSending.value ? "signing_in" : "sign_in")}
      </button>
    </form>
  );
}
