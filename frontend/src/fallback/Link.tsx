import type { ReactNode } from "react";

/**
 * A link that the model wrote, with its target next to the text: a prompt injection may have made
 * the model give it a misleading text. Only web and mail links work. Others are shown as text.
 */
export function Link({ href, children }: { href: string; children: string }): ReactNode {
  const place = readPlace(href);
  if (place === undefined) return children;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {/* Isolated, so that right-to-left text cannot reverse the target. */}
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

/** The mail address, or the host as the browser parses it: in ASCII, without a user name. */
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

/** Whether the text is already the target. */
function isPlace(words: string, place: string): boolean {
  return (
    words
      .trim()
      .replace(/^(https?:\/\/|mailto:)/i, "")
      .replace(/\/$/, "") === place
  );
}
