/** The page's icons, drawn with one stroke in a square of 24 units. */
const PATHS = {
  check: "M5 12.5l4.5 4.5L19 7.5",
  chevronDown: "M6.5 9.5l5.5 5.5 5.5-5.5",
  close: "M6 6l12 12M18 6L6 18",
  trash: "M4 7h16M9.5 7V4.5h5V7M6.5 7l1 12.5h9l1-12.5M10 11v5M14 11v5",
  plus: "M12 5v14M5 12h14",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20",
  clock: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7.5V12l3 2",
  flag: "M6 21V4M6 4.5h11l-2.5 4 2.5 4H6",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M20 14.5A8.3 8.3 0 0 1 9.5 4a8.3 8.3 0 1 0 10.5 10.5z",
  list: "M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01",
  chat: "M4 5h16v11.5H10L5.5 20v-3.5H4z",
  alert: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 8v5M12 16h.01",
  offline:
    "M3 3l18 18M8.5 16a5 5 0 0 1 6 -.6M5 12.5a10 10 0 0 1 4-2.3M12 8.8a11 11 0 0 1 7 3.7M2.5 9a15 15 0 0 1 4-2.6M11 5.1A15.500 15.500 0 0 1 21.500 9M12 19.500h.01",
  account: "M12 12.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.8-3.6 3.7-5 7.5-5s6.7 1.4 7.5 5",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 19.5h14",
  signOut: "M14 4.500H5.500v15H14M10 12h10.500M17 8.500l3.500 3.500-3.500 3.500",
  note: "M5 6.500h14M5 12h14M5 17.500h8",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
