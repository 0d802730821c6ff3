import type { ReactNode } from "react";

/**
 * A link that a model wrote, with the place it leads to beside its words: the model may have been
 * told by a text to call it something else. Only to the web and to mail; the rest are just words.
 */
export function Link({ href, children }: { href: string; children: string }): ReactNode {
  const place = readPlace(href);
  if (place === undefined) return children;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {/* Apart from each other, or words written from right to left could turn the place round. */}
      <bdi>{children}</bdi>
      {!isPlace(children, place) && (
        <span className="link-place">
          {" "}
          (<bdi>{place}</bdi>)
        </span>
      )}
    </a>
  );
}

/** The host as the browser reads it, so without user names, and in ASCII; or the mail address. */
function readPlace(href: string): string | undefined {
  const url = URL.canParse(href) ? new URL(href) : undefined;
  switch (url?.protocol) {
    case "http:":
    case "https:":
      return url.host;
    case "mailto:":
      return url.pathname;
    default:
      return undefined;
  }
}

/** The words are the place already. */
function isPlace(words: string, place: string): boolean {
  return (
    words
      .trim()
      .replace(/^(https?:\/\/|mailto:)/i, "")
      .replace(/\/$/, "") === place
  );
}
