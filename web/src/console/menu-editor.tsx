// A campaign's phone menu: read it, edit a draft, go through it as a caller, publish it, go back to an old version.
import { useMemo } from "preact/hooks";
import type { PhoneMenu } from "../api/types";
import { t, word } from "../i18n/console";
import { phoneNumber } from "../i18n/format";
import { DraftForm } from "./draft-form";
import { DraftPage } from "./draft-page";
import { Texts } from "./menu-fields";
import { HoursEditor } from "./menu-hours";
import { OptionsEditor, TopicField } from "./menu-options";
import { differences, MenuStore } from "./menu-store";
import { MenuWalk } from "./menu-walk";
import { standing } from "./plan-editor";
import { NumberField } from "./number-field";
import { PublishDialog } from "./publish-dialog";
import { Versions } from "./versions";

export function MenuEditor({ campaignId }: { campaignId: string }) {
  const store = useMemo(() => new MenuStore(campaignId), [campaignId]);
  return (
    <DraftPage
      campaignId={campaignId}
      store={store}
      title="menu_of"
      lead="menu_lead"
      standing={(menu) => (
        <>
          <p class="small">{menu.number ? standing(menu) : t("menu_never_published")}</p>
          <Numbers menu={menu} />
        </>
      )}
    >
      {() => (
        <div class="menu-columns">
          <Editor store={store} />
          <MenuWalk store={store} />
        </div>
      )}
    </DraftPage>
  );
}

/** Where the published menu is heard; with a link to a telephone, where one stands on this machine. */
function Numbers({ menu: { numbers, phone_page } }: { menu: PhoneMenu }) {
  if (!numbers.length) return <p class="small">{t("menu_no_number")}</p>;
  return (
    <p class="small menu-numbers">
      {t("menu_numbers")}{" "}
      {numbers.map((number) => (
        <span key={number}>
          <strong>{phoneNumber(number)}</strong>{" "}
          {phone_page && (
            <a href={`${phone_page}?to=${encodeURIComponent(number)}`} target="_blank" rel="noopener">
              {t("menu_call")} <span class="unseen">{t("opens_new_tab")}</span>
            </a>
          )}
        </span>
      ))}
    </p>
  );
}

function Editor({ store }: { store: MenuStore }) {
  const { welcome, otherwise, timeout_seconds } = store.document;
  return (
    <DraftForm
      store={store}
      verdict={verdict(store)}
      publishing={(close) => (
        <PublishDialog
          store={store}
          title={t("menu_publish_title")}
          changes={differences(store.inForce.value!.document, store.document)}
          published={(number) => t("menu_published", { number })}
          onClose={close}
        />
      )}
    >
      <section aria-labelledby="menu-welcome">
        <h2 id="menu-welcome">{t("menu_welcome")}</h2>
        <p class="muted small">{t("menu_welcome_lead")}</p>
        <Texts
          store={store}
          place="welcome"
          label={t("menu_welcome_text")}
          texts={welcome}
          isLong
          onChange={(texts) => store.change({ welcome: texts })}
        />
      </section>
      <OptionsEditor store={store} />
      <section aria-labelledby="menu-otherwise">
        <h2 id="menu-otherwise">{t("menu_otherwise")}</h2>
        <div class="plan-fields">
          <TopicField
            store={store}
            place="otherwise"
            label={t("menu_otherwise_topic")}
            hint={t("menu_otherwise_hint")}
            topic={otherwise}
            onChange={(topic) => store.change({ otherwise: topic })}
          />
          <NumberField
            store={store}
            place="timeout_seconds"
            label={t("menu_timeout")}
            hint={t("menu_timeout_hint")}
            value={timeout_seconds}
            min={2}
            max={15}
            onChange={(seconds) => store.change({ timeout_seconds: seconds })}
          />
        </div>
      </section>
      <HoursEditor store={store} />
      <Versions store={store} />
    </DraftForm>
  );
}

function verdict(store: MenuStore): string {
  const count = Object.keys(store.faults.value).length;
  if (count) return t("menu_faults", { n: count });
  const { value: seconds } = store.checked;
  if (!seconds) return "";
  const lengths = store.languages.map((one) => `${word("language", one)} ${seconds[one] ?? 0} s`);
  return t("menu_checked", { lengths: lengths.join(", ") });
}
