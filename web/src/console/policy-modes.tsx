// The pace of the telephone: targets and shares, the modes, and what each kind of line is offered in each of them.
import { useId } from "preact/hooks";
import type { PolicyDocument, PolicyLine, PolicyMode, PolicyModeName, PolicyOffer } from "../api/types";
import { t } from "../i18n/console";
import { MoveButtons, moved } from "./move-buttons";
import { NumberField } from "./number-field";
import { Figures, Fold } from "./policy-fields";
import type { PolicyStore } from "./policy-store";
import { Remove } from "./remove-button";

const MODES: readonly PolicyModeName[] = ["advise", "throttle", "essential_only"];
const LINES: readonly PolicyLine[] = ["mobile", "fixed", "withheld", "overseas", "relay"];
const OFFERS: readonly PolicyOffer[] = ["callback", "sms_link", "chat", "voicemail", "quiet_hours", "article"];

export function PolicyPace({ store }: { store: PolicyStore }) {
  const { pace } = store.document;
  const put = (part: Partial<PolicyDocument["pace"]>) => store.change({ pace: { ...pace, ...part } });
  return (
    <section aria-labelledby="policy-pace">
      <h2 id="policy-pace">{t("policy_pace")}</h2>
      <p class="muted small">{t("policy_pace_lead")}</p>
      <Figures
        store={store}
        place="pace"
        values={pace}
        fields={[
          ["target_wait_seconds", 10, 7200],
          ["floor_percent", 1, 90],
          ["returning_percent", 0, 90],
          ["sticky_minutes", 1, 240],
          ["dwell_minutes", 1, 120],
        ]}
        onChange={put}
      />
      <NumberField
        store={store}
        place="pace.wait_cap_seconds"
        label={t("policy_wait_cap_seconds")}
        hint={t("policy_wait_cap_hint")}
        value={pace.wait_cap_seconds}
        min={10}
        max={7200}
        isOptional
        onChange={(wait_cap_seconds) => put({ wait_cap_seconds })}
      />
      <h3>{t("policy_modes")}</h3>
      <p class="muted small">{t("policy_modes_lead")}</p>
      {MODES.map((name) => (
        <Mode key={name} store={store} name={name} />
      ))}
    </section>
  );
}

function Mode({ store, name }: { store: PolicyStore; name: PolicyModeName }) {
  const { modes } = store.document;
  const mode = modes[name];
  const put = (part: Partial<PolicyMode>) => store.change({ modes: { ...modes, [name]: { ...mode, ...part } } });
  return (
    <Fold store={store} place={`modes.${name}`} title={t(`policy_mode_${name}`)}>
      <div class="plan-list">
        <p class="muted small">{t(`policy_mode_${name}_lead`)}</p>
        <Figures
          store={store}
          place={`modes.${name}`}
          values={mode}
          fields={[
            ["enter_seconds", 1, 7200],
            ["exit_seconds", 0, 7200],
          ]}
          onChange={put}
        />
        {LINES.map((line) => (
          <Offers
            key={line}
            store={store}
            place={`modes.${name}.alternatives.${line}`}
            line={line}
            offers={mode.alternatives[line]}
            onChange={(offers) => put({ alternatives: { ...mode.alternatives, [line]: offers } })}
          />
        ))}
      </div>
    </Fold>
  );
}

interface OffersProps {
  store: PolicyStore;
  place: string;
  line: PolicyLine;
  offers: PolicyOffer[];
  onChange: (offers: PolicyOffer[]) => void;
}

/** What is offered, the first first: each can be moved, taken away, and what is left be added. */
function Offers({ store, place, line, offers, onChange }: OffersProps) {
  const id = useId();
  const found = store.faultsAt(place);
  const left = OFFERS.filter((one) => !offers.includes(one));
  return (
    <div class="policy-offers" role="group" aria-labelledby={id} aria-describedby={found.length ? `${id}-fault` : undefined}>
      <h4 id={id}>{t(`policy_line_${line}`)}</h4>
      <ol>
        {offers.map((offer, number) => {
          const name = t(`policy_offer_${offer}`);
          return (
            <li key={offer} class="chip">
              {name}
              <MoveButtons
                name={name}
                place={number}
                last={offers.length - 1}
                move={(from, to) => onChange(moved(offers, from, to))}
              />
              <Remove
                label={t("policy_remove", { name })}
                onClick={() => onChange(offers.filter((one) => one !== offer))}
              />
            </li>
          );
        })}
      </ol>
      {left.length > 0 && (
        <select
          aria-label={t("policy_offer_add", { line: t(`policy_line_${line}`) })}
          value=""
          onChange={(event) => onChange([...offers, event.currentTarget.value as PolicyOffer])}
        >
          <option value="" disabled>
            {t("policy_add")}
          </option>
          {left.map((one) => (
            <option key={one} value={one}>
              {t(`policy_offer_${one}`)}
            </option>
          ))}
        </select>
      )}
      {found.length > 0 && (
        <p class="error" id={`${id}-fault`}>
          {found.join(" ")}
        </p>
      )}
    </div>
  );
}
