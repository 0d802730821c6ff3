import { ProblemError, requestWords } from "../../api/problem";
import type { ChatClient } from "../client";
import type { Attachment } from "../protocol";
import { fault, type Rules, tooManyWords, typeOf } from "./rules";
import { type Upload, uploadFile } from "./upload";

/** A file in the composer that is being uploaded or has been uploaded. */
export interface Chip {
  key: string;
  name: string;
  /** In bytes. Undefined for a file that came back from a refused message. */
  size: number | undefined;
  /** The URL of a preview, if the file is an image. */
  preview: string | undefined;
  /** The uploaded part, from 0 to 1. */
  progress: number;
  /** Set once the upload is complete. */
  attachment: Attachment | undefined;
}

/** The files of the next message. */
export class Tray {
  #chips: readonly Chip[] = [];
  #error: string | undefined;
  readonly #uploads = new Map<string, AbortController>();

  constructor(
    readonly client: Pick<ChatClient, "createAttachment" | "deleteAttachment">,
    readonly changed: () => void,
    readonly upload: Upload = uploadFile,
  ) {}

  get chips(): readonly Chip[] {
    return this.#chips;
  }

  /** A message about the files that could not be attached. */
  get error(): string | undefined {
    return this.#error;
  }

  get uploading(): boolean {
    return this.#uploads.size > 0;
  }

  get ids(): string[] {
    return this.#chips.flatMap(({ attachment }) => (attachment ? [attachment.id] : []));
  }

  /** Uploads the files that can be attached, and sets `error` for the others. */
  async add(files: readonly File[], rules: Rules): Promise<void> {
    const faults: string[] = [];
    const taken: Promise<void>[] = [];
    for (const file of files) {
      const reason =
        fault(file, rules) ??
        (this.#chips.length >= rules.maxCount ? tooManyWords(rules) : undefined);
      if (reason) faults.push(reason);
      else taken.push(this.#send(file, typeOf(file, rules) ?? file.type));
    }
    this.#error = [...new Set(faults)].join(" ") || undefined;
    this.changed();
    await Promise.all(taken);
  }

  /** Removes a file, also from the server. */
  remove(key: string): void {
    const chip = this.#chips.find((one) => one.key === key);
    this.#drop(key);
    this.#error = undefined;
    this.changed();
    // If this fails, the server deletes the file after an hour.
    if (chip?.attachment) this.client.deleteAttachment(chip.attachment.id).catch(() => {});
  }

  /** Removes all files after they were sent. */
  clear(): void {
    for (const { key } of this.#chips) this.#drop(key);
    this.#error = undefined;
    this.changed();
  }

  /** Brings back the attachments of a refused message. */
  set(attachments: readonly Attachment[]): void {
    const known = new Map(this.#chips.map((chip) => [chip.attachment?.id, chip]));
    this.#chips = attachments.map(
      (attachment) =>
        known.get(attachment.id) ?? {
          key: attachment.id,
          name: attachment.name,
          size: undefined,
          preview: attachment.type === "image" ? attachment.preview_url : undefined,
          progress: 1,
          attachment,
        },
    );
    this.changed();
  }

  async #send(file: File, type: string): Promise<void> {
    const key = crypto.randomUUID();
    const abort = new AbortController();
    this.#uploads.set(key, abort);
    const preview = type.startsWith("image/") ? URL.createObjectURL(file) : undefined;
    const chip = { key, name: file.name, size: file.size, preview, progress: 0 };
    this.#chips = [...this.#chips, { ...chip, attachment: undefined }];
    let made: Attachment | undefined;
    try {
      const { upload_descriptor, ...attachment } = await this.client.createAttachment({
        name: file.name,
        size: file.size,
        mime_type: type,
      });
      made = attachment;
      abort.signal.throwIfAborted();
      const onProgress = (progress: number) => this.#update(key, { progress });
      await this.upload(upload_descriptor, file, onProgress, abort.signal);
      this.#uploads.delete(key);
      this.#update(key, { progress: 1, attachment });
    } catch (error) {
      if (made) this.client.deleteAttachment(made.id).catch(() => {});
      if (!abort.signal.aborted) {
        this.#error = `“${file.name}” was not attached. ${reasonOf(error)}`;
      }
      this.#drop(key);
      this.changed();
    }
  }

  #update(key: string, change: Partial<Chip>): void {
    this.#chips = this.#chips.map((chip) => (chip.key === key ? { ...chip, ...change } : chip));
    this.changed();
  }

  #drop(key: string): void {
    const chip = this.#chips.find((one) => one.key === key);
    if (chip?.preview?.startsWith("blob:")) URL.revokeObjectURL(chip.preview);
    this.#uploads.get(key)?.abort();
    this.#uploads.delete(key);
    this.#chips = this.#chips.filter((one) => one.key !== key);
  }
}

const OF_FILES = new Set(["payload-too-large", "too-many-uploads", "storage-full"]);

function reasonOf(error: unknown): string {
  if (!(error instanceof ProblemError)) return "It could not be uploaded. Try again.";
  // The rest are words for messages.
  return OF_FILES.has(error.code) ? error.detail : requestWords(error);
}
