// What a field of a form lacks, said in the page's language: a browser's own words are in the browser's.
import { type Key, t } from "../i18n/console";

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** From now on, in all forms of *page* that the browser checks. */
export function speakOfFaults(page: Document): void {
  page.addEventListener(
    "invalid",
    ({ target }) => {
      const control = target as Control;
      control.setCustomValidity("");
      if (!control.validity.valid) control.setCustomValidity(lacks(control));
    },
    true,
  );
  for (const name of ["input", "change"]) {
    page.addEventListener(name, ({ target }) => (target as Partial<Control>).setCustomValidity?.(""), true);
  }
}

function lacks(control: Control): string {
  const { type, validity } = control;
  const key: Key = validity.valueMissing && !validity.badInput ? (type === "checkbox" ? "field_tick" : "field_needed") : "field_wrong";
  const { min, max } = control as HTMLInputElement;
  if ((validity.rangeUnderflow || validity.rangeOverflow) && min && max) return t("field_range", { min, max });
  return t(key);
}
