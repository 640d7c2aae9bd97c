// The frame of the console: who is signed in decides what there is.
import { useSignal, useSignalEffect } from "@preact/signals";
import { t, word } from "../i18n/console";
import { LANGUAGES, language } from "../i18n/language";
import { secondsSince } from "../live/clock";
import { Announcer, announce } from "../ui/announcer";
import { Icon } from "../ui/icons";
import { Menu } from "../ui/menu";
import { CallBar } from "./call-bar";
import { Campaigns } from "./campaigns";
import { Grants } from "./grants";
import { ShortcutsDialog, useShortcuts } from "./keyboard";
import { MenuEditor } from "./menu-editor";
import { NewTicketDialog } from "./new-ticket";
import { Operator } from "./operator";
import { PlanEditor } from "./plan-editor";
import { PolicyEditor } from "./policy-editor";
import { Link, place } from "./router";
import { account, chooseLanguage, explain, hasExpired, live, resume, session, signOut, startFailure } from "./session";
import { SettingsDialog } from "./settings-dialog";
import { ExpiredDialog, SignInPage } from "./sign-in";
import { Skills } from "./skills";
import { release } from "./softphone";
import { Toasts } from "./toast";
import { Wallboard } from "./wallboard";
import { offers, unread } from "./work";
import { Workspace } from "./workspace";

export type Dialogs = "settings" | "shortcuts" | "new-ticket" | null;

export function App() {
  useSignalEffect(() => {
    const waiting = offers.value.length;
    const count = waiting + unread.value;
    document.title = `${waiting ? "● " : ""}${count ? `(${count}) ` : ""}Guichet`;
  });
  if (session.value === undefined) return <Starting />;
  return (
    <>
      {session.value === null ? <SignInPage /> : <Console />}
      <Toasts />
      <Announcer />
    </>
  );
}

function Starting() {
  if (!startFailure.value) {
    return (
      <p class="loading" role="status">
        {t("loading")}
      </p>
    );
  }
  return (
    <main class="empty">
      <h1>Guichet</h1>
      <p role="alert">{explain(startFailure.value)}</p>
      <button type="button" class="button" onClick={() => void resume()}>
        {t("try_again")}
      </button>
    </main>
  );
}

const NAV = {
  agent: [["", "nav_work"]],
  supervisor: [
    ["wallboard", "nav_wallboard"],
    ["tickets", "nav_tickets"],
    ["skills", "nav_skills"],
  ],
  administrator: [
    ["campaigns", "nav_campaigns"],
    ["grants", "nav_grants"],
  ],
  operator: [["", "nav_operator"]],
} as const;

const EDITORS: Record<string, typeof PlanEditor> = { phone: MenuEditor, policy: PolicyEditor };

function Console() {
  const { role } = account();
  const dialog = useSignal<Dialogs>(null);
  useShortcuts((name) => (dialog.value = name));
  const section = place.value[0] ?? "";
  const home = NAV[role][0]![0];
  const isHere = (name: string) =>
    name === section || (section === "" && name === home) || (name === "" && section === "tickets");
  return (
    <div class="console">
      <a class="skip" href="#main">
        {t("skip")}
      </a>
      <header class="bar">
        <p class="mark">Guichet</p>
        <nav aria-label={t("nav")}>
          {NAV[role].map(([name, key]) => (
            <Link key={name} to={name ? `/console/${name}` : "/console"} isCurrent={isHere(name)}>
              {t(key)}
            </Link>
          ))}
        </nav>
        <ConnectionMark />
        {role === "agent" && (
          <button
            type="button"
            class="button new-ticket"
            aria-label={t("new_ticket")}
            aria-keyshortcuts="Alt+N"
            onClick={() => (dialog.value = "new-ticket")}
          >
            <Icon name="plus" size={16} /> <span>{t("new_ticket")}</span>
          </button>
        )}
        <AccountMenu open={(name) => (dialog.value = name)} />
      </header>
      <ConnectionBanner />
      {role === "agent" && <CallBar />}
      <main id="main" tabIndex={-1}>
        <Section section={section || home} />
      </main>
      {dialog.value === "settings" && <SettingsDialog onClose={() => (dialog.value = null)} />}
      {dialog.value === "shortcuts" && <ShortcutsDialog onClose={() => (dialog.value = null)} />}
      {dialog.value === "new-ticket" && <NewTicketDialog onClose={() => (dialog.value = null)} />}
      {hasExpired.value && <ExpiredDialog />}
    </div>
  );
}

function Section({ section }: { section: string }) {
  const { role } = account();
  if (role === "operator") return <Operator />;
  const inside = place.value[1];
  if (role === "administrator" && section === "campaigns") {
    if (!inside) return <Campaigns />;
    const Editor = EDITORS[place.value[2] ?? ""] ?? PlanEditor;
    return <Editor key={inside} campaignId={inside} />;
  }
  if (role === "administrator" && section === "grants") return <Grants />;
  if (role === "supervisor" && section === "wallboard") return <Wallboard />;
  if (role === "supervisor" && section === "skills") return <Skills />;
  const hasTickets = role === "agent" || role === "supervisor";
  if (hasTickets && (section === "" || section === "tickets")) return <Workspace ticketId={place.value[1] ?? null} />;
  return (
    <div class="empty">
      <h1>{t("not_found_title")}</h1>
      <p>{t("not_found_body")}</p>
      <Link to="/console" class="button">
        {t("back")}
      </Link>
    </div>
  );
}

function AccountMenu({ open }: { open: (dialog: Dialogs) => void }) {
  const { name, role } = account();
  return (
    <div class="account">
      <div class="account-name">
        <p class="truncate">{name}</p>
        <p class="muted">{word("role", role)}</p>
      </div>
      <Menu label={t("account_menu", { name })}>
        <p class="menu-title">
          {name} <span class="muted">{word("role", role)}</span>
        </p>
        {LANGUAGES.filter((tongue) => tongue !== language.value).map((tongue) => (
          <button type="button" key={tongue} lang={tongue} onClick={() => chooseLanguage(tongue)}>
            {t(`language_${tongue}`)}
          </button>
        ))}
        <button type="button" onClick={() => open("settings")}>
          {t("settings")}
        </button>
        <button type="button" onClick={() => open("shortcuts")}>
          {t("shortcuts")} <kbd>?</kbd>
        </button>
        <a href="/docs" target="_blank" rel="noopener">
          {t("api_docs")} <span class="unseen">{t("opens_new_tab")}</span>
        </a>
        <button type="button" onClick={() => void release().then(signOut)}>
          {t("sign_out")}
        </button>
      </Menu>
    </div>
  );
}

function ConnectionMark() {
  const state = live.connection.value;
  if (state === "offline" || state === "signed_out") return null;
  return (
    <p class={`connection-mark ${state}`}>
      <span>{t(state === "online" ? "connected" : "connecting")}</span>
    </p>
  );
}

function ConnectionBanner() {
  const wasOffline = useSignal(false);
  useSignalEffect(() => {
    const isOffline = live.connection.value === "offline";
    if (wasOffline.peek() && live.connection.value === "online") announce(t("back_online"));
    wasOffline.value = isOffline || (wasOffline.peek() && live.connection.value !== "online");
  });
  if (live.connection.value !== "offline") return null;
  const age = Math.round(secondsSince(new Date(live.freshAtMs.value).toISOString()));
  return (
    <div class="banner" role="alert">
      <Icon name="warning" />
      {/* The age runs on screen only: spoken every second it would drown everything else. */}
      <p aria-hidden="true" class="tabular">
        {t("offline", { n: age })}
      </p>
      <p class="unseen">{t("connecting")}</p>
    </div>
  );
}
