/** The icons that our server and this element use, by ChatKit's names. */
const PATHS: Record<string, string> = {
  "empty-circle": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17z",
  "check-circle": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM8.5 12.2l2.5 2.5 4.700-5",
  check: "M5 12.5l4.500 4.500L19 7.500",
  "circle-alert": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 8v5M12 16h.01",
  "trash-2": "M4 7h16M9.5 7V4.500h5V7M6.500 7l1 12.500h9l1-12.500M10 11v5M14 11v5",
  plus: "M12 5v14M5 12h14",
  calendar: "M4.500 6h15v14h-15zM4.500 10.500h15M8.500 3.500V7M15.500 3.500V7",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20",
  write: "M4 20l1-4.500L16 4.500l3.500 3.500L8.500 19zM14 6.500l3.500 3.500",
  lightbulb:
    "M9 17.500h6M10 20.500h4M8.500 14.500a5.500 5.500 0 1 1 7 0c-.6.500-1 1.200-1 2h-5c0-.8-.4-1.500-1-2z",
  history: "M4 12a8 8 0 1 0 2.500-5.800L4 8.500M4 4.500v4h4M12 8v4.500l3 1.500",
  compose: "M12 5H5v14h14v-7M10 14l.5-3L18 3.500l2.500 2.500L13 13.500z",
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19V5.500M6 11l6-6 6 6",
  stop: "M7.500 7.500h9v9h-9z",
  reload: "M20 12a8 8 0 1 1-2.500-5.800L20 8.500M20 4.500v4h-4",
  "thumb-up":
    "M7.500 11v9H4v-9zM7.500 11l4-7.500c1.500 0 2.500 1 2.500 2.500L13.500 9H19l-1.500 9.500c-.2 1-1 1.500-2 1.500h-8",
  "thumb-down":
    "M7.500 13V4H4v9zM7.500 13l4 7.500c1.500 0 2.500-1 2.500-2.500L13.500 15H19l-1.500-9.500c-.2-1-1-1.500-2-1.500h-8",
  "chevron-right": "M9.500 6l6 6-6 6",
  "chevron-down": "M6.500 9.500l5.500 5.500 5.500-5.500",
  copy: "M9 9h10.500v10.500H9zM5.500 15H4.500V4.500H15v1",
  quote:
    "M4.500 17V12.500a5 5 0 0 1 4-5M4.500 12.500h4.500V17H4.500zM13.500 17V12.500a5 5 0 0 1 4-5M13.500 12.500H18V17h-4.500z",
  paperclip:
    "M19.500 11.500l-7.700 7.700a4.900 4.900 0 0 1-7-7l8.300-8.200a3.300 3.300 0 0 1 4.600 4.600l-8 8a1.600 1.600 0 0 1-2.300-2.300l7-7",
  document: "M6.500 3.500h7.500l4 4V20.500h-11.500zM13.500 3.500V8H18M9.500 12.500h5M9.500 16h5",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  dot: "M12 13.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3z",
  list: "M9 6.500h11M9 12h11M9 17.500h11M4.500 6.500h.01M4.500 12h.01M4.500 17.500h.01",
};

const ALIASES: Record<string, string> = {
  "check-circle-filled": "check-circle",
  "notebook-pencil": "write",
  "write-alt": "write",
  "list-checks": "list",
};

export function ChatIcon({ name, size = 18 }: { name: string; size?: number }) {
  const plain = name.replace(/^lucide:/, "");
  return (
    <svg
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
      <path d={PATHS[plain] ?? PATHS[ALIASES[plain] ?? ""] ?? PATHS.dot} />
    </svg>
  );
}
