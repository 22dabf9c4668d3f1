// The few icons there are: 16 by 16, drawn in the colour of the text.

const paths = {
  back: "M10 3 5 8l5 5",
  clip: "m13 7.5-5.3 5.300a3 3 0 0 1-4.2-4.200L9 3.100a2 2 0 0 1 2.8 2.800L6.4 11.300a1 1 0 0 1-1.4-1.400l4.7-4.7",
  close: "m4 4 8 8m0-8-8 8",
  bolt: "M9 1.800 3.500 9H8l-1 5.200L12.500 7H8z",
  copy: "M5.5 5.500v-3h8v8h-3m-8-5h8v8h-8z",
  dialogue: "M2 3h8.500v6H6l-2.500 2V9H2zM12.500 6H14v6h-1.500v2L10 12H7.500v-1",
  done: "m3 8.5 3.5 3.500L13 4.5",
  download: "M8 2.500v8m-3-3 3 3 3-3m-8.5 6h11",
  envelope: "M2 3.500h12v9H2zm0 .5 6 4.800L14 4",
  inbox: "M2 9.5 4 3h8l2 6.500v3.500H2zh3.500l1 1.500h3l1-1.500H14",
  keys: "M1.5 4h13v8h-13zm3 2.500h.01m2.3 0h.01m2.3 0h.01m2.3 0h.01M5 9.500h6",
  link: "M9 3h4v4m0-4L7.5 8.500M6.5 4H3v9h9V9.5",
  minus: "M3.500 8h9",
  more: "M3.500 8h.01M8 8h.01M12.500 8h.01",
  pin: "M5.500 2h5l-.7 4.500 2.200 2.500H4l2.200-2.500zM8 9v5",
  plug: "M5.500 2v3m5-3v3M3.500 5h9v2.500a4.500 4.500 0 0 1-9 0zM8 12v2.500",
  plus: "M8 3v10M3 8h10",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zm3.6-1.400L14 14",
  eye: "M1.500 8S4 3.500 8 3.500 14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8zM10 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0z",
  gear: "M6.700 1.800h2.600l.4 1.900 1.300.8 1.900-.6 1.300 2.200-1.500 1.300v1.200l1.500 1.300-1.300 2.200-1.900-.6-1.300.8-.4 1.900H6.700l-.4-1.900-1.300-.8-1.900.6-1.300-2.200 1.500-1.300V7.400L1.800 6.100l1.300-2.200 1.900.6 1.300-.8zM10 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0z",
  sliders: "M2 4.500h7m3.500 0H14M12.500 4.500a1.700 1.700 0 1 1-3.500 0 1.700 1.700 0 0 1 3.500 0zM2 11.500h1.500m3.500 0h7M7 11.500a1.700 1.700 0 1 1-3.500 0 1.700 1.700 0 0 1 3.500 0z",
  tag: "M2.500 2.500h5L14 9l-5 5-6.500-6.500zM5.500 5.500h.01",
  trash: "M2.5 4.500h11m-7-2h3m-5.5 2 .6 9h6.800l.6-9m-5 2.500v4m2-4v4",
  unread: "M2 3.500h7M14 8v4.500H2V4l6 4.8 2-1.600M13 5.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  up: "M8 13V3.500m-4 4 4-4 4 4",
  warning: "M8 2 1.5 13.500h13zm0 4.500v3m0 2v.01",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path class="logo-sign" d="M10.1 1.5h11.8l8.6 8.6v11.8l-8.6 8.6H10.1l-8.6-8.6V10.1z" />
      <path class="logo-mail" d="M7.5 11h17v10.5h-17zm0 .5 8.5 6.5 8.5-6.5" />
    </svg>
  );
}
