/** Keys that belong to no person: color scheme, choice of chat element, unfinished sign-in. */
const NOBODYS = /^(taskchat\.(scheme|chat)$|oidc\.(?!user:))/;

/**
 * Removes all people's data from the browser's storage, including tokens from earlier versions of
 * this page. With `except`, that person's data stays.
 */
export function removeLeftovers(except?: string): void {
  for (const storage of [localStorage, sessionStorage]) {
    for (const key of Object.keys(storage)) {
      if (!NOBODYS.test(key) && !isOf(except, key)) storage.removeItem(key);
    }
  }
}

function isOf(user: string | undefined, key: string): boolean {
  // The developer sign-in needs the typed name to renew a session.
  return user !== undefined && (key.endsWith(`.${user}`) || key === "taskchat.user");
}
