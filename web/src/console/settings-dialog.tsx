// Settings: what this browser does, and the password.
import { useSignal } from "@preact/signals";
import { t } from "../i18n/console";
import { Dialog } from "../ui/dialog";
import { chime, mayNotify } from "./alerts";
import { api, explain } from "./session";
import { set, settings } from "./settings";
import { tell } from "./toast";

const PASSWORD_CHARACTERS_MIN = 12;

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const wasRefused = useSignal(false);
  const { hasSound, hasNotifications, entersSend, hasSingleKeys } = settings.value;

  async function toggleNotifications() {
    const isWanted = !hasNotifications;
    const isAllowed = isWanted && (await mayNotify());
    wasRefused.value = isWanted && !isAllowed;
    set({ hasNotifications: isAllowed });
  }

  function toggleSound() {
    set({ hasSound: !hasSound });
    if (!hasSound) chime();
  }

  return (
    <Dialog title={t("settings")} onClose={onClose}>
      <div class="stack">
        <label class="check">
          <input type="checkbox" checked={hasSound} onChange={toggleSound} />
          {t("setting_sound")}
        </label>
        <label class="check">
          <input type="checkbox" checked={hasNotifications} onChange={() => void toggleNotifications()} />
          {t("setting_notifications")}
        </label>
        <p class={wasRefused.value ? "alert" : ""} role="alert">
          {wasRefused.value && t("setting_notifications_refused")}
        </p>
        <label class="check">
          <input type="checkbox" checked={entersSend} onChange={() => set({ entersSend: !entersSend })} />
          <span>
            {t("setting_enter")}
            <span class="hint">{t("setting_enter_hint")}</span>
          </span>
        </label>
        <label class="check">
          <input type="checkbox" checked={hasSingleKeys} onChange={() => set({ hasSingleKeys: !hasSingleKeys })} />
          {t("setting_keys")}
        </label>
      </div>
      <details class="fold">
        <summary>{t("change_password")}</summary>
        <PasswordForm />
      </details>
      <div class="actions">
        <button type="button" class="button primary" onClick={onClose}>
          {t("close")}
        </button>
      </div>
    </Dialog>
  );
}

function PasswordForm() {
  const current = useSignal("");
  const next = useSignal("");
  const failure = useSignal("");

  async function submit(event: Event) {
    event.preventDefault();
    failure.value = next.value.length < PASSWORD_CHARACTERS_MIN ? t("password_too_short") : "";
    if (failure.value) return;
    const body = { current_password: current.value, new_password: next.value };
    try {
      await api.send("PUT", "/api/v1/session/password", { body });
      current.value = next.value = "";
      tell(t("password_changed"));
    } catch (error) {
      failure.value = explain(error);
    }
  }

  return (
    <form class="stack" onSubmit={submit}>
      <p class={failure.value ? "alert" : ""} role="alert">
        {failure.value}
      </p>
      <div class="field">
        <label for="current-password">{t("current_password")}</label>
        <input
          id="current-password"
          type="password"
          autocomplete="current-password"
          required
          value={current.value}
          onInput={(event) => (current.value = event.currentTarget.value)}
        />
      </div>
      <div class="field">
        <label for="new-password">{t("new_password")}</label>
        <input
          id="new-password"
          type="password"
          autocomplete="new-password"
          required
          aria-describedby="new-password-hint"
          value={next.value}
          onInput={(event) => (next.value = event.currentTarget.value)}
        />
        <p class="hint" id="new-password-hint">
          {t("new_password_hint")}
        </p>
      </div>
      <button type="submit" class="button">
        {t("change_password")}
      </button>
    </form>
  );
}
