import type { ThreadItemActionsOption } from "@openai/chatkit";
import { useEffect, useState } from "react";
import type { Conversation } from "../conversation";
import { ChatIcon } from "../icons";
import type { Turn } from "./turns";

const COPIED_SHOWN_MS = 2_000;

interface Props {
  turn: Turn;
  option: ThreadItemActionsOption;
  rated: "positive" | "negative" | undefined;
  conversation: Conversation;
}

/** The actions of an answer: copy, rate and, for the last answer, retry. */
export function AnswerActions({ turn, option, rated, conversation }: Props) {
  return (
    <div className="answer-actions" data-last={turn.last || undefined}>
      {turn.answer && <CopyButton text={turn.answer} />}
      {option.feedback &&
        (["positive", "negative"] as const).map((kind) => (
          <button
            key={kind}
            type="button"
            className="small-button"
            aria-label={kind === "positive" ? "Good answer" : "Bad answer"}
            aria-pressed={rated === kind}
            onClick={() => void conversation.rate(turn.end, kind)}
          >
            <ChatIcon name={kind === "positive" ? "thumb-up" : "thumb-down"} size={16} />
          </button>
        ))}
      {option.retry && turn.last && (
        <button
          type="button"
          className="small-button"
          aria-label="Try again"
          onClick={() => void conversation.retry()}
        >
          <ChatIcon name="reload" size={16} />
        </button>
      )}
    </div>
  );
}

function CopyButton({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  // Browsers only give secure pages access to the clipboard.
  if (!navigator.clipboard) return null;
  return (
    <>
      <button
        type="button"
        className="small-button"
        aria-label="Copy answer"
        onClick={() =>
          navigator.clipboard.writeText(text).then(
            () => setCopied(true),
            () => setCopied(false),
          )
        }
      >
        <ChatIcon name={copied ? "check" : "copy"} size={16} />
      </button>
      <span className="visually-hidden" role="status">
        {copied && "Copied"}
      </span>
    </>
  );
}
