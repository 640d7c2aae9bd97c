// Fields of the menu's editor: a text in each language with how long it takes to say, and what is wrong with it.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Language, SpokenTexts } from "../api/types";
import { t, word } from "../i18n/console";
import { Typed } from "./typed";

/** As the server reckons it (`contact/domain/menu_document.py`). */
const CHARACTERS_PER_SECOND = 15;

/** Whoever knows what is wrong at each place, and in which languages the campaign speaks. */
export interface Edited {
  faultsAt: (place: string) => string[];
  readonly languages: readonly Language[];
}

interface FieldProps {
  /** Left out where faults are told elsewhere. */
  store?: Pick<Edited, "faultsAt">;
  /** In the document: `options.0.key`. */
  place?: string;
  label: ComponentChildren;
  hint?: string;
  class?: string;
  /** Given what the control needs to be described by its hint and its fault. */
  children: (control: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ComponentChildren;
}

export function Field({ store, place = "", label, hint, class: name = "", children }: FieldProps) {
  const id = useId();
  const found = store?.faultsAt(place) ?? [];
  const described = [hint && `${id}-hint`, found.length && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div class={`field ${name}`}>
      <label for={id}>{label}</label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": found.length > 0 || undefined })}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {found.length > 0 && (
        <p class="error" id={`${id}-fault`}>
          {found.join(" ")}
        </p>
      )}
    </div>
  );
}

interface TextsProps {
  store: Edited;
  place: string;
  label: string;
  texts: SpokenTexts;
  isLong?: boolean;
  max?: number;
  onChange: (texts: SpokenTexts) => void;
}

/** The text in each of the campaign's languages. */
export function Texts({ store, place, label, texts, isLong, max, onChange }: TextsProps) {
  return (
    <div class="plan-fields">
      {store.languages.map((language) => (
        <Field
          key={language}
          store={store}
          place={`${place}.${language}`}
          label={`${label} (${word("language", language)})`}
          hint={isLong ? spoken(texts[language] ?? "") : undefined}
          class={isLong ? "menu-text" : ""}
        >
          {(control) => {
            const field = {
              ...control,
              lang: language,
              required: true,
              maxLength: max ?? (isLong ? 300 : 80),
              value: texts[language] ?? "",
              onInput: (event: { currentTarget: { value: string } }) =>
                onChange({ ...texts, [language]: event.currentTarget.value }),
            };
            return isLong ? <textarea rows={2} {...field} /> : <input {...field} />;
          }}
        </Field>
      ))}
    </div>
  );
}

function spoken(text: string): string {
  return t("menu_seconds", { n: Math.ceil(text.length / CHARACTERS_PER_SECOND) });
}

interface WordsProps {
  store: Edited;
  place: string;
  words: Record<Language, string[]>;
  onChange: (words: Record<Language, string[]>) => void;
}

/** The words that mean an option, separated by commas. */
export function Words({ store, place, words, onChange }: WordsProps) {
  return (
    <div class="plan-fields">
      {store.languages.map((language) => (
        <Field
          key={language}
          store={store}
          place={`${place}.${language}`}
          label={`${t("menu_words")} (${word("language", language)})`}
          hint={t("menu_words_hint")}
        >
          {(control) => (
            <Typed
              {...control}
              lang={language}
              value={(words[language] ?? []).join(", ")}
              onTyped={(text) => {
                const typed = text.split(",").map((one) => one.trim());
                onChange({ ...words, [language]: typed.filter(Boolean) });
              }}
            />
          )}
        </Field>
      ))}
    </div>
  );
}
