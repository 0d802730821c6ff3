import { readProblem } from "./problem";
import type { Send } from "./send";

/** Everything of the person, as the server puts it together: one JSON document. */
export async function exportAccount(send: Send): Promise<Blob> {
  const response = await send("/api/account/export");
  if (!response.ok) throw await readProblem(response);
  return response.blob();
}

/** Erases the person's account, and ends the session with it. */
export async function deleteAccount(send: Send): Promise<void> {
  const body = JSON.stringify({ confirm: "delete" });
  const response = await send("/api/account", { method: "DELETE", body });
  if (!response.ok) throw await readProblem(response);
}
