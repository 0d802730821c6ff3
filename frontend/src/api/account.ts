import { readProblem } from "./problem";
import type { Send } from "./send";

/** All of the person's data, as one JSON document from the server. */
export async function exportAccount(send: Send): Promise<Blob> {
  const response = await send("/api/account/export");
  if (!response.ok) throw await readProblem(response);
  return response.blob();
}

/** Deletes the person's account, which also ends the session. */
export async function deleteAccount(send: Send): Promise<void> {
  const body = JSON.stringify({ confirm: "delete" });
  const response = await send("/api/account", { method: "DELETE", body });
  if (!response.ok) throw await readProblem(response);
}
