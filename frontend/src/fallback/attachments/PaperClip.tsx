import { useRef } from "react";
import { ChatIcon } from "../icons";
import { acceptOf, type Rules } from "./rules";

interface Props {
  rules: Rules;
  disabled: boolean;
  onFiles: (files: File[]) => void;
}

/** The button that opens the browser's file dialog. */
export function PaperClip({ rules, disabled, onFiles }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        multiple={rules.maxCount > 1}
        accept={acceptOf(rules)}
        onChange={({ target }) => {
          onFiles([...(target.files ?? [])]);
          // Otherwise the same file could not be chosen again.
          target.value = "";
        }}
      />
      <button
        type="button"
        className="small-button attach"
        aria-label="Attach files"
        disabled={disabled}
        onClick={() => input.current?.click()}
      >
        <ChatIcon name="paperclip" size={19} />
      </button>
    </>
  );
}
