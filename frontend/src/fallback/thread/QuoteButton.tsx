import { type RefObject, useEffect, useState } from "react";
import { ChatIcon } from "../icons";

interface Selected {
  text: string;
  top: number;
  left: number;
}

const ABOVE_PX = 40;
const WIDTH_PX = 92;

/** Appears next to selected text in an answer, and puts the text into the composer as a quote. */
export function QuoteButton(props: {
  scroller: RefObject<HTMLElement | null>;
  onQuote: (text: string) => void;
}) {
  const { scroller, onQuote } = props;
  const [selected, setSelected] = useState<Selected>();
  useEffect(() => {
    const look = () => setSelected(scroller.current ? readSelection(scroller.current) : undefined);
    document.addEventListener("selectionchange", look);
    return () => document.removeEventListener("selectionchange", look);
  }, [scroller]);
  if (!selected) return null;
  return (
    <button
      type="button"
      className="quote-button"
      style={{ top: selected.top, left: selected.left }}
      // Otherwise the selection would be cleared before the click.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => {
        onQuote(selected.text);
        setSelected(undefined);
      }}
    >
      <ChatIcon name="quote" size={15} /> Quote
    </button>
  );
}

/** The selected text within one answer, and its position in the scroller. */
function readSelection(scroller: HTMLElement): Selected | undefined {
  const root = scroller.getRootNode() as ShadowRoot & { getSelection?: () => Selection | null };
  // Chromium has a shadow tree's selection at its root, other browsers at the document.
  const selection = root.getSelection ? root.getSelection() : document.getSelection();
  const text = selection?.toString().trim();
  if (!selection?.rangeCount || !text) return undefined;
  const selected = selection.getRangeAt(0);
  const answer = answerOf(selected.startContainer);
  // A triple click extends the selection to the next block, so the text decides if it is the
  // answer's.
  if (!answer || !squeezed(answer.textContent).includes(squeezed(text))) return undefined;
  const range = selected.getBoundingClientRect();
  const box = scroller.getBoundingClientRect();
  return {
    text,
    top: Math.max(range.top - box.top - ABOVE_PX, 0) + scroller.scrollTop,
    left: Math.max(Math.min(range.left - box.left, box.width - WIDTH_PX), 0),
  };
}

const squeezed = (text: string | null) => (text ?? "").replace(/\s+/g, "");

function answerOf(node: Node | null): Element | null {
  const element = node instanceof Element ? node : node?.parentElement;
  return element?.closest(".assistant-message") ?? null;
}
