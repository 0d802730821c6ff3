import type { ChatKitOptions, ColorScheme } from "@openai/chatkit";
import type { Session } from "../api/session";

/** The page's colours and fonts, the same as in `styles/base.css`. */
const COLORS = {
  light: { accent: "#2b6c5c", background: "#ffffff", raised: "#ffffff" },
  dark: { accent: "#7cc7b1", background: "#1a1c1b", raised: "#222524" },
} as const;
const FONT =
  '"Inter", system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", ' +
  '"Liberation Sans", sans-serif';
const GREEN_HUE = 150;

/** The chat's theme and its texts before the first message. */
export function appearance(
  scheme: ColorScheme,
  { model, attachments }: Pick<Session, "model" | "attachments">,
): Omit<ChatKitOptions, "api"> {
  const { accent, background, raised } = COLORS[scheme];
  return {
    frameTitle: "Chat with the assistant",
    theme: {
      colorScheme: scheme,
      radius: "round",
      density: "normal",
      typography: { baseSize: 15, fontFamily: FONT },
      color: {
        accent: { primary: accent, level: 1 },
        grayscale: { hue: GREEN_HUE, tint: 1 },
        // `foreground` is not a text color: it fills the surface of cards, menus and the composer.
        surface: { background, foreground: raised },
      },
    },
    header: { title: { enabled: true } },
    history: { enabled: true, showDelete: true, showRename: true },
    startScreen: {
      greeting: "What shall we get done?",
      prompts: [
        {
          label: "Call mom tomorrow at 5pm",
          prompt: "Create a task to call mom tomorrow at 5pm",
          icon: "plus",
        },
        { label: "What is due this week?", prompt: "What is due this week?", icon: "calendar" },
        {
          label: "What is overdue?",
          prompt: "Which of my tasks are overdue?",
          icon: "lightbulb",
        },
        {
          label: "Complete everything",
          prompt: "Mark all my tasks as done",
          icon: "check-circle",
        },
      ],
    },
    composer: {
      placeholder: "Ask, or say what to do. @ names a task",
      attachments: attachments
        ? {
            enabled: true,
            maxSize: attachments.max_bytes,
            maxCount: attachments.max_count,
            accept: attachments.types,
          }
        : { enabled: false },
    },
    threadItemActions: { feedback: true, retry: true },
    thread: { autoScroll: true },
    disclaimer: {
      text: `Answered by ${model}. It can be wrong; every change can be undone.`,
      highContrast: true,
    },
  };
}
