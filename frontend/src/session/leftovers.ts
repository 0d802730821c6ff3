/** What is the browser's and nobody's: its appearance, which chat it uses, a sign-in on its way. */
const NOBODYS = /^(taskchat\.(scheme|chat)$|oidc\.(?!user:))/;

/**
 * Removes from the browser's storage what people have left there, tokens of earlier versions of
 * this page included. With `except`, that person's own stays.
 */
export function removeLeftovers(except?: string): void {
  for (const storage of [localStorage, sessionStorage]) {
    for (const key of Object.keys(storage)) {
      if (!NOBODYS.test(key) && !isOf(except, key)) storage.removeItem(key);
    }
  }
}

function isOf(user: string | undefined, key: string): boolean {
  // The developer's sign-in renews itself by the name that was typed.
  return user !== undefined && (key.endsWith(`.${user}`) || key === "taskchat.user");
}
