import { ChatIcon } from "../icons";
import type { Attachment } from "../protocol";

/** The attachments of a sent message: previews of images, and the names of other files. */
export function SentAttachments({ attachments }: { attachments: readonly Attachment[] }) {
  if (attachments.length === 0) return null;
  return (
    <ul className="sent-files" aria-label="Attached files">
      {attachments.map((attachment) => (
        <li key={attachment.id}>
          {attachment.type === "image" ? (
            <a href={attachment.preview_url} target="_blank" rel="noopener noreferrer">
              <img src={attachment.preview_url} alt={attachment.name} loading="lazy" />
            </a>
          ) : (
            <span className="sent-file">
              <ChatIcon name="document" />
              {attachment.name}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
