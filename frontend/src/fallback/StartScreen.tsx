import type { StartScreenOption, UserMessageContent } from "@openai/chatkit";
import { ChatIcon } from "./icons";

interface Props {
  option: StartScreenOption;
  onPrompt: (content: UserMessageContent[]) => void;
}

export function StartScreen({ option, onPrompt }: Props) {
  return (
    <div className="start">
      <p className="greeting">{option.greeting ?? "What can I help with today?"}</p>
      <ul>
        {(option.prompts ?? []).map(({ label, prompt, icon }) => (
          <li key={label}>
            <button
              type="button"
              className="prompt"
              onClick={() =>
                onPrompt(
                  typeof prompt === "string" ? [{ type: "input_text", text: prompt }] : prompt,
                )
              }
            >
              {icon && <ChatIcon name={icon} />}
              {label}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
