// What a policy came to on the days of a season, beside the one in force: figures, charts with their tables, who loses.
import type {
  SimulatedAlternative,
  SimulatedDay,
  SimulatedFigures,
  SimulatedGroups,
  SimulatedSide,
  SimulatedTotals,
} from "../api/types";
import { t, word } from "../i18n/console";
import { count, fullDate, percent, timer } from "../i18n/format";
import { bars, Chart, hourName } from "./chart";

type Topics = { slug: string; name: string }[];
type Names = [string, string];

const TOTALS = [
  ...(["arrived", "admitted", "exempt", "closed", "deflected", "hung_up", "answered", "abandoned", "waiting"] as const),
  ...(["wait_p50_seconds", "wait_p90_seconds", "abandon_share", "refused_share", "staff_needed"] as const),
  ...(["citizens", "citizens_answered", "citizens_helped", "unserved_share"] as const),
];
const BY_HOUR = [
  ...(["arrived", "admitted", "exempt", "closed", "deflected", "answered", "abandoned"] as const),
  ...(["wait_p50_seconds", "wait_p90_seconds", "abandon_share", "staff_needed"] as const),
];
const CHARTS = ["admitted", "deflected", "wait_p90_seconds", "staff_needed"] as const;
const ALTERNATIVES: SimulatedAlternative[] = ["callback", "sms_link", "chat", "voicemail"];
const GROUPS: SimulatedGroups[] = ["line", "topic", "hour", "habit"];

function told(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (name.endsWith("_seconds")) return timer(value);
  return name.endsWith("_share") ? percent(value) : count(value);
}

export function SimulatedDays({ days, names, topics }: { days: SimulatedDay[]; names: Names; topics: Topics }) {
  return (
    <>
      {days.map((day) => (
        <Day key={day.name} day={day} names={names} topics={topics} />
      ))}
    </>
  );
}

function Day({ day, names, topics }: { day: SimulatedDay; names: Names; topics: Topics }) {
  const title = t("simulation_day_title", {
    day: word("simulation_day", day.name),
    date: fullDate(day.date),
    factor: count(day.calls_factor),
  });
  const { before, after } = day;
  return (
    <section class="day" aria-label={title}>
      <h3>{title}</h3>
      <Totals day={day} names={names} label={`${title} – ${t("simulation_figure")}`} />
      <div class="charts">
        {CHARTS.map((name) => (
          <Chart
            key={name}
            title={word("simulation_chart", name)}
            bars={bars(before.hours, after.hours, (hour) => hour[name])}
            names={names}
          />
        ))}
      </div>
      <details class="fold">
        <summary>{t("simulation_table")}</summary>
        {([before, after] as const).map((side, number) => (
          <Hours key={number} side={side} name={names[number]!} within={title} />
        ))}
      </details>
      <Sides title={t("simulation_alternatives")} within={title} names={names} rows={alternatives(before, after)} />
      <Sides title={t("simulation_channels")} within={title} names={names} rows={channels(before, after)} />
      <h4>{t("simulation_losers")}</h4>
      <p class="muted small">{t("simulation_losers_lead")}</p>
      <div class="cards">
        {GROUPS.map((group) => (
          <Sides
            key={group}
            title={word("simulation_losers", group)}
            within={title}
            names={names}
            rows={losers(group, day, topics)}
          />
        ))}
      </div>
    </section>
  );
}

function Totals({ day, names, label }: { day: SimulatedDay; names: Names; label: string }) {
  const rows = TOTALS.map((name) => {
    const [before, after] = [day.before, day.after].map((side) => told(name, side.totals[name as keyof SimulatedTotals] as number));
    const better = day.better[name as keyof SimulatedDay["better"]];
    return { name: word("simulation", name), before: before!, after: after!, better };
  });
  return <Table label={label} names={names} rows={rows} />;
}

interface Row {
  name: string;
  before: string;
  after: string;
  better?: "before" | "after" | "same" | undefined;
}

function Sides({ title, within, names, rows }: { title: string; within: string; names: Names; rows: Row[] }) {
  return (
    <div>
      <h4>{title}</h4>
      <Table label={`${within} – ${title}`} names={names} rows={rows} />
    </div>
  );
}

function Table({ label, names, rows }: { label: string; names: Names; rows: Row[] }) {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("simulation_figure")}</th>
            {names.map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              {(["before", "after"] as const).map((side, number) => (
                <td key={side} class="number" data-label={names[number]}>
                  <span>
                    {row.better === side && <span class="better">{t("simulation_better")} </span>}
                    {row[side]}
                  </span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Hours({ side, name, within }: { side: SimulatedSide; name: string; within: string }) {
  const cells: [string, (hour: SimulatedFigures) => string][] = [
    ...BY_HOUR.map((one): [string, (hour: SimulatedFigures) => string] => [
      one === "staff_needed" ? t("simulation_chart_staff_needed") : word("simulation", one),
      (hour) => told(one, hour[one]),
    ]),
    ...ALTERNATIVES.map((one): [string, (hour: SimulatedFigures) => string] => [
      t("simulation_offered", { name: word("simulation_way", one) }),
      (hour) => count(hour.offered[one]),
    ]),
  ];
  return (
    <>
      <h4>{name}</h4>
      <div class="table-box" tabIndex={0} role="region" aria-label={`${within} – ${t("simulation_table")} – ${name}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("simulation_hour")}</th>
              {cells.map(([head]) => (
                <th key={head} scope="col" class="number">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {side.hours.map((hour) => (
              <tr key={hour.hour}>
                <th scope="row">{hourName(hour.hour)}</th>
                {cells.map(([head, read]) => (
                  <td key={head} class="number" data-label={head}>
                    {read(hour)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function alternatives(before: SimulatedSide, after: SimulatedSide): Row[] {
  return before.alternatives.flatMap((old, number) => {
    const name = word("simulation_way", old.name);
    const now = after.alternatives[number]!;
    return (["offered", "taken"] as const).map((one) => ({
      name: word("simulation", one, { name }),
      before: count(old[one]),
      after: count(now[one]),
    }));
  });
}

function channels(before: SimulatedSide, after: SimulatedSide): Row[] {
  const figures = [
    ["contacts", "contacts"],
    ["abandoned", "lost"],
    ["waiting", "waiting"],
    ["wait_p90_seconds", "wait_p90_seconds"],
    ["work_hours", "work_hours"],
  ] as const;
  return before.channels.flatMap((old, number) =>
    figures.map(([figure, key]) => ({
      name: `${word("simulation_channel", old.name)} – ${word("simulation", key)}`,
      before: told(figure, old[figure]),
      after: told(figure, after.channels[number]![figure]),
    })),
  );
}

function losers(group: SimulatedGroups, day: SimulatedDay, topics: Topics): Row[] {
  const [old, now] = [day.before.losers[group], day.after.losers[group]];
  const keys = [...new Set([...old, ...now].filter((one) => one.asked).map((one) => one.name))];
  const share = (side: typeof old, name: string) => told("refused_share", side.find((one) => one.name === name)?.refused_share);
  return keys.map((name) => ({ name: groupName(group, name, topics), before: share(old, name), after: share(now, name) }));
}

function groupName(group: SimulatedGroups, name: string, topics: Topics): string {
  if (group === "hour") return hourName(name);
  if (group === "topic") return topics.find((one) => one.slug === name)?.name ?? name;
  return word(`simulation_${group}`, name);
}
