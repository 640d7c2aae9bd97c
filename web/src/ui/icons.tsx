// The few drawings of the pages, 20 by 20, in the colour of the text; decorative, words stand beside them.

const PATHS = {
  send: "M3 10 17 3.5l-4.5 13.5-2.8-5.7z M9.7 11.3 17 3.5",
  down: "M10 4v12 M5 11l5 5 5-5",
  check: "M4 10.5l4 4 8-9",
  checks: "M2 10.5l4 4 7.5-8.5 M9.5 14l.5.500L18 6",
  clock: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14z M10 6.5V10l2.5 2",
  warning: "M10 3 18 16.5H2z M10 8v4 M10 14.2v.1",
  close: "M5 5l10 10 M15 5 5 15",
  more: "M4.5 10h.01 M10 10h.01 M15.5 10h.01",
  lock: "M5 9h10v7.5H5z M7 9V6.5a3 3 0 0 1 6 0V9",
  copy: "M7 7h9v9H7z M4 13V4h9",
  search: "M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z M13 13l4 4",
  plus: "M10 4v12 M4 10h12",
  chat: "M3.5 5h13v8.5H10L6 16.5v-3H3.5z",
  voice:
    "M5 3.5h3l1.2 3.5-2 1.5a9 9 0 0 0 4.3 4.3l1.5-2 3.5 1.2v3a1.5 1.5 0 0 1-1.5 1.5A12 12 0 0 1 3.5 5 1.5 1.5 0 0 1 5 3.5z",
  sms: "M3.5 4h13v9.5H11L7 17v-3.5H3.5z M7 8.8h.01 M10 8.8h.01 M13 8.8h.01",
  email: "M3 5h14v10.5H3z M3 6l7 5.5L17 6",
  list: "M7 5.5h10 M7 10h10 M7 14.5h10 M3.5 5.5h.01 M3.5 10h.01 M3.5 14.5h.01",
  file: "M5 3h6.5L15 6.5V17H5z M11.5 3v3.5H15",
  inbox: "M3 11.5 5 4.5h10l2 7v4.5H3z M3 11.5h4l1 2h4l1-2h4",
  person: "M10 3.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6z M4 16.5c.6-3.2 3-4.8 6-4.8s5.4 1.6 6 4.8",
  settings: "M3 6h8 M15 6h2 M13 4v4 M3 14h2 M9 14h8 M7 12v4",
  note: "M4 3.5h12v9l-4 4H4z M12 16.5v-4h4",
  board: "M3 4h14v12H3z M3 8h14 M8 8v8",
  away: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14z M5.2 14.8l9.6-9.6",
};

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width={name === "more" ? 2.6 : 1.6}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
