import type { ChatKitOptions } from "@openai/chatkit";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef } from "react";
import { Chips } from "./attachments/Chips";
import { PaperClip } from "./attachments/PaperClip";
import type { Rules } from "./attachments/rules";
import type { Chip, Tray } from "./attachments/tray";
import type { ComposerModel } from "./composerModel";
import { ChatIcon } from "./icons";
import type { ChatState } from "./place";
import { useMentions } from "./useMentions";

const MOST_HIGH_PX = 180;

interface Props {
  options: ChatKitOptions;
  chat: ChatState;
  draft: string;
  quote: string;
  chips: readonly Chip[];
  attachError: string | undefined;
  tray: Tray;
  /** Which files can be attached. Undefined if none can. */
  rules: Rules | undefined;
  onFiles: ((files: File[]) => void) | undefined;
  model: ComposerModel;
  onSubmit: () => void;
  onStop: () => void;
}

/** The message field. Enter sends, Shift+Enter starts a new line, `@` searches for a task. */
export function Composer(props: Props) {
  const { options, chat, draft, quote, model, chips, tray, rules, onFiles, onSubmit, onStop } =
    props;
  const field = useRef<HTMLTextAreaElement>(null);
  const mentions = useMentions(options.entities?.onTagSearch, model, field);
  const lockedId = useId();
  const sending = chat.phase === "sending";
  const busy = chat.phase !== "idle";
  const { status } = chat;
  const locked = status.type === "locked";

  useEffect(() => {
    model.attach(field.current);
    return () => model.attach(null);
  }, [model]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const box = field.current;
    if (!box) return;
    box.style.height = "auto";
    // While hidden, as on a phone in the other view, the field has no height to adopt.
    if (box.scrollHeight > 0) box.style.height = `${Math.min(box.scrollHeight, MOST_HIGH_PX)}px`;
  }, [draft]);

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.nativeEvent.isComposing || mentions.onKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (!busy) onSubmit();
    }
  }

  if (status.type === "closed") {
    return (
      <p className="composer composer-closed" role="status">
        {status.reason ?? "This conversation has ended. Start a new one to go on."}
      </p>
    );
  }
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) onSubmit();
      }}
    >
      {mentions.list}
      {locked && (
        <p className="composer-locked" id={lockedId} role="status">
          <ChatIcon name="lock" size={16} />
          {status.reason ?? "This conversation takes no messages at the moment."}
        </p>
      )}
      {quote && (
        <div className="composer-quote">
          <ChatIcon name="quote" size={15} />
          <span>{quote}</span>
          <button
            type="button"
            className="small-button"
            aria-label="Do not quote"
            onClick={() => {
              model.quote = "";
              model.focus();
            }}
          >
            <ChatIcon name="close" size={15} />
          </button>
        </div>
      )}
      <Chips chips={chips} error={props.attachError} tray={tray} onRemoved={() => model.focus()} />
      <div className="composer-box" data-sending={sending} data-locked={locked || undefined}>
        {rules && onFiles && <PaperClip rules={rules} disabled={sending} onFiles={onFiles} />}
        <textarea
          ref={field}
          rows={1}
          value={draft}
          readOnly={sending}
          disabled={locked}
          aria-describedby={locked ? lockedId : undefined}
          aria-label="Message"
          placeholder={options.composer?.placeholder ?? "Message the AI"}
          enterKeyHint="send"
          {...mentions.fieldProps}
          onChange={(event) => {
            model.value = event.target.value;
            mentions.look(event.target.value, event.target.selectionStart);
          }}
          onKeyDown={onKeyDown}
          onBlur={mentions.close}
          onPaste={(event) => {
            const files = [...event.clipboardData.files];
            if (files.length === 0 || !onFiles) return;
            event.preventDefault();
            onFiles(files);
          }}
        />
        {busy ? (
          <button
            type="button"
            className="send"
            aria-label="Stop"
            disabled={!chat.cancellable}
            onClick={onStop}
          >
            <ChatIcon name="stop" />
          </button>
        ) : (
          <button
            type="submit"
            className="send"
            aria-label="Send"
            disabled={locked || tray.uploading || !(draft.trim() || chips.length)}
          >
            <ChatIcon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}
