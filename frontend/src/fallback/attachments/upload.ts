import type { CreatedAttachment } from "../protocol";

export type Upload = (
  to: CreatedAttachment["upload_descriptor"],
  file: File,
  onProgress: (part: number) => void,
  signal: AbortSignal,
) => Promise<void>;

/** Sends the file's bytes unchanged. Not with `fetch`, which does not report progress. */
export const uploadFile: Upload = (to, file, onProgress, signal) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(to.method, to.url);
    for (const [name, value] of Object.entries(to.headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onload = () =>
      request.status < 300 ? resolve() : reject(new Error(`Upload: ${request.status}`));
    request.onerror = () => reject(new Error("Upload: no connection"));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
