// Offers: who waits, for whom one would speak, how long there is to answer.
import { t, word } from "../i18n/console";
import { duration } from "../i18n/format";
import type { Offer } from "../api/types";
import { secondsUntil } from "../live/clock";
import { Icon } from "../ui/icons";
import { acceptHere } from "./softphone";
import { answering, decline, offers } from "./work";

export function Offers() {
  if (!offers.value.length) return null;
  return (
    <section class="offers" aria-label={t("offers")}>
      {offers.value.map((offer, index) => (
        <OfferCard key={offer.id} offer={offer} isFirst={index === 0} />
      ))}
    </section>
  );
}

function OfferCard({ offer, isFirst }: { offer: Offer; isFirst: boolean }) {
  const { topic, administration, channel, language, waited_seconds, citizen_name, last_exchange: last } = offer;
  const isBusy = answering.value !== null;
  return (
    <article class="offer" data-hue={administration.hue} aria-label={t("offer_title", { topic: topic.name })}>
      <header class="band">
        <div>
          <p class="band-label">{t("offer_from")}</p>
          <p class="band-name">{administration.name}</p>
        </div>
        <Countdown offer={offer} />
      </header>
      <div class="offer-body">
        <h2>{topic.name}</h2>
        <p class="facts">
          <span>
            <Icon name={channel} size={15} /> {word("channel", channel)}
          </span>
          <span>{word("language", language)}</span>
          <span>{t("offer_waited", { time: duration(waited_seconds) })}</span>
        </p>
        {citizen_name && <p class="small">{citizen_name}</p>}
        {last?.body && (
          <blockquote class="last">
            <span class="unseen">{t("offer_last")} : </span>
            {last.body}
          </blockquote>
        )}
        <div class="offer-actions">
          <button
            type="button"
            class="button primary"
            aria-disabled={isBusy}
            aria-keyshortcuts={isFirst ? "Alt+A" : undefined}
            onClick={() => void acceptHere(offer)}
          >
            {t("accept")} {isFirst && <kbd aria-hidden="true">{t("key_alt")} A</kbd>}
          </button>
          <button
            type="button"
            class="button"
            aria-disabled={isBusy}
            aria-keyshortcuts={isFirst ? "Alt+D" : undefined}
            onClick={() => void decline(offer)}
          >
            {t("decline")} {isFirst && <kbd aria-hidden="true">{t("key_alt")} D</kbd>}
          </button>
        </div>
      </div>
    </article>
  );
}

const RADIUS = 15;
const AROUND = 2 * Math.PI * RADIUS;

function Countdown({ offer }: { offer: Offer }) {
  const left = secondsUntil(offer.expires_at);
  const whole = (Date.parse(offer.expires_at) - Date.parse(offer.offered_at)) / 1000;
  const share = whole > 0 ? Math.min(1, left / whole) : 0;
  const shown = Math.ceil(left);
  return (
    <div class="countdown" role="timer" aria-label={t("offer_left", { n: shown })}>
      <svg viewBox="0 0 36 36" width="36" height="36" aria-hidden="true">
        <circle cx="18" cy="18" r={RADIUS} class="track" />
        <circle
          cx="18"
          cy="18"
          r={RADIUS}
          class="left"
          stroke-dasharray={AROUND}
          stroke-dashoffset={AROUND * (1 - share)}
        />
      </svg>
      <span class="tabular" aria-hidden="true">
        {shown}
      </span>
    </div>
  );
}
