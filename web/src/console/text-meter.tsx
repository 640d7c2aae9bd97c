// Under a reply by SMS: how many characters and parts it has as it is typed, and which characters cost.
import type { ReplyTo } from "../api/types";
import { t, word } from "../i18n/console";
import { phoneNumber } from "../i18n/format";
import { Icon } from "../ui/icons";
import { count } from "./segments";

/** The count changes with each key, and is read on demand; only what is to be known at once is announced. */
export function TextMeter({ body, id }: { body: string; id: string }) {
  const { units, parts, perPart, costly } = count(body);
  const room = Math.max(parts, 1) * perPart;
  return (
    <div class="text-meter small">
      <p id={id}>
        {t("text_units", { units, room })} · <strong>{t("text_parts", { n: parts })}</strong>
      </p>
      <p class="costly" role="status">
        {costly.length > 0 && (
          <>
            <Icon name="warning" size={14} /> {t("text_costly")}{" "}
            {costly.map((one) => (
              <mark key={one}>{one === " " || one === "\u00a0" || one === "\u202f" ? t("hard_space") : one}</mark>
            ))}
          </>
        )}
      </p>
    </div>
  );
}

/** Why nothing can be sent to this number, in words that say what to do instead. */
export function TextRefused({ reason }: { reason: string }) {
  return (
    <p class="text-refused">
      <Icon name="warning" size={16} /> {word("text_refused", reason)}
    </p>
  );
}

/** Between which numbers: `SMS · 36101 → +33 6 12 34 56 78`. */
export function textWay({ from_address, to_address }: ReplyTo): string {
  return `${from_address} → ${to_address ? phoneNumber(to_address) : "?"}`;
}
