// The options of a phone menu, in the order in which they are said.
import { useRef } from "preact/hooks";
import type { LeadsTo, MenuOption } from "../api/types";
import { t } from "../i18n/console";
import { Icon } from "../ui/icons";
import { Field, Texts, Words } from "./menu-fields";
import { KEYS, type MenuStore, OPTIONS_MAX, told } from "./menu-store";
import { MoveButtons, moved } from "./move-buttons";
import { replaced } from "./plan-fields";
import { newId } from "./plan-store";
import { Remove } from "./remove-button";

/** By what a row is the same row, whichever key it is given; keys may be given twice while one edits. */
const rowOf = ({ id, key }: MenuOption) => id ?? key;

const LEADS_TO: readonly LeadsTo[] = ["topic", "person", "voicemail"];

export function OptionsEditor({ store }: { store: MenuStore }) {
  const { options } = store.document;
  const list = useRef<HTMLOListElement>(null);
  const put = (next: MenuOption[]) => store.change({ options: next });
  const move = (from: number, to: number) => put(moved(options, from, to));

  function add() {
    const key = KEYS.find((one) => !options.some((option) => option.key === one))!;
    const topic = store.inForce.value!.topics.find((one) => !options.some((option) => option.topic === one.id));
    put([
      ...options,
      { id: newId(), key, name: {}, words: { fr: [], en: [] }, leads_to: topic ? "topic" : "person", topic: topic?.id ?? null },
    ]);
    requestAnimationFrame(() => list.current!.lastElementChild!.querySelector("input")!.focus());
  }

  return (
    <section aria-labelledby="menu-options">
      <h2 id="menu-options">{t("menu_options")}</h2>
      <p class="muted small">{t("menu_options_lead")}</p>
      <ol class="plan-list" ref={list}>
        {options.map((option, place) => (
          <li key={rowOf(option)} class="card">
            <div class="plan-topic-head">
              <h3>
                <kbd>{option.key}</kbd> {told(option.name)}
              </h3>
              <span class="with-dot">
                <MoveButtons name={told(option.name)} place={place} last={options.length - 1} move={move} />
                <Remove
                  label={t("menu_option_remove", { name: told(option.name) })}
                  isDisabled={options.length === 1}
                  onClick={() => put(options.filter((_, index) => index !== place))}
                />
              </span>
            </div>
            <OptionFields
              store={store}
              place={place}
              option={option}
              onChange={(next) => put(replaced(options, place, next))}
            />
          </li>
        ))}
      </ol>
      {options.length < OPTIONS_MAX ? (
        <button type="button" class="button" onClick={add}>
          <Icon name="plus" size={16} /> {t("menu_option_new")}
        </button>
      ) : (
        <p class="muted small">{t("menu_options_full", { n: OPTIONS_MAX })}</p>
      )}
    </section>
  );
}

interface OptionFieldsProps {
  store: MenuStore;
  place: number;
  option: MenuOption;
  onChange: (option: MenuOption) => void;
}

function OptionFields({ store, place, option, onChange }: OptionFieldsProps) {
  const at = `options.${place}`;
  const topics = store.inForce.value!.topics;
  return (
    <>
      <Texts
        store={store}
        place={`${at}.name`}
        label={t("menu_name")}
        texts={option.name}
        onChange={(name) => onChange({ ...option, name })}
      />
      <div class="plan-fields">
        <Field store={store} place={`${at}.key`} label={t("menu_key")} class="number-field">
          {(control) => (
            <select
              {...control}
              value={option.key}
              onChange={(event) => onChange({ ...option, id: rowOf(option), key: event.currentTarget.value })}
            >
              {KEYS.map((key) => (
                <option key={key} value={key}>
                  {key}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field store={store} place={`${at}.leads_to`} label={t("menu_leads_to")}>
          {(control) => (
            <select
              {...control}
              value={option.leads_to}
              onChange={(event) => {
                const leads_to = event.currentTarget.value as LeadsTo;
                onChange({ ...option, leads_to, topic: leads_to === "topic" ? topics[0]!.id : null });
              }}
            >
              {LEADS_TO.map((one) => (
                <option key={one} value={one}>
                  {t(`menu_to_${one}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
        {option.leads_to === "topic" && (
          <TopicField
            store={store}
            place={`${at}.topic`}
            label={t("menu_topic")}
            topic={option.topic}
            onChange={(topic) => onChange({ ...option, topic })}
          />
        )}
      </div>
      <Words
        store={store}
        place={`${at}.words`}
        words={option.words}
        onChange={(words) => onChange({ ...option, words })}
      />
    </>
  );
}

interface TopicFieldProps {
  store: MenuStore;
  place: string;
  label: string;
  hint?: string;
  topic: string | null;
  onChange: (topic: string) => void;
}

export function TopicField({ store, place, label, hint, topic, onChange }: TopicFieldProps) {
  const topics = store.inForce.value!.topics;
  const isGone = !topics.some((one) => one.id === topic);
  return (
    <Field store={store} place={place} label={label} hint={hint}>
      {(control) => (
        <select {...control} value={topic ?? ""} onChange={(event) => onChange(event.currentTarget.value)}>
          {isGone && <option value={topic ?? ""}>{t("menu_topic_gone")}</option>}
          {topics.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
