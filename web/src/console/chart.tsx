// Bars of two policies, hour by hour. What it shows stands in a table as well.
import { t } from "../i18n/console";
import { count } from "../i18n/format";

const WIDTH = 360;
const HEIGHT = 120;
const LEFT = 36;
const BOTTOM = 16;

export interface Bar {
  hour: number;
  before: number;
  after: number;
}

export function Chart({ title, bars, names }: { title: string; bars: Bar[]; names: [string, string] }) {
  const most = Math.max(1, ...bars.flatMap((bar) => [bar.before, bar.after]));
  const step = (WIDTH - LEFT) / Math.max(1, bars.length);
  const height = (value: number) => ((HEIGHT - BOTTOM) * value) / most;
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 -8 ${WIDTH} ${HEIGHT + 8}`} role="img" aria-label={title}>
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <line x1={LEFT} x2={WIDTH} y1={HEIGHT - BOTTOM - height(share * most)} y2={HEIGHT - BOTTOM - height(share * most)} />
            <text x={LEFT - 4} y={HEIGHT - BOTTOM - height(share * most) + 4} text-anchor="end">
              {count(share * most)}
            </text>
          </g>
        ))}
        {bars.map(({ hour, before, after }, number) => (
          <g key={hour}>
            {[before, after].map((value, side) => (
              <rect
                key={side}
                class={side ? "after" : "before"}
                x={LEFT + number * step + step * (side ? 0.5 : 0.12)}
                y={HEIGHT - BOTTOM - height(value)}
                width={step * 0.36}
                height={height(value)}
              />
            ))}
            <text x={LEFT + (number + 0.5) * step} y={HEIGHT - 3} text-anchor="middle">
              {hour}
            </text>
          </g>
        ))}
      </svg>
      <p class="chart-key" aria-hidden="true">
        {names.map((name, side) => (
          <span key={name}>
            <svg viewBox="0 0 12 12">
              <rect class={side ? "after" : "before"} x="1" y="1" width="10" height="10" />
            </svg>
            {name}
          </span>
        ))}
      </p>
    </figure>
  );
}

/** The same hours of two sides; 0 where one of them had nothing. */
export function bars<H extends { hour: number }>(before: H[], after: H[], read: (hour: H) => number | null): Bar[] {
  const hours = [...new Set([...before, ...after].map((one) => one.hour))].sort((a, b) => a - b);
  const at = (side: H[], hour: number) => {
    const found = side.find((one) => one.hour === hour);
    return found ? (read(found) ?? 0) : 0;
  };
  return hours.map((hour) => ({ hour, before: at(before, hour), after: at(after, hour) }));
}

export function hourName(hour: number | string): string {
  return t("simulation_hours_of", { hour });
}
