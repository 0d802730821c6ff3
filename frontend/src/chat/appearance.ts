import type { ChatKitOptions, ColorScheme } from "@openai/chatkit";

const ACCENT = { light: "#2b6c5c", dark: "#7cc7b1" } as const;

/** What the chat looks like and says before anyone has written. */
export function appearance(scheme: ColorScheme, model: string): Omit<ChatKitOptions, "api"> {
  return {
    frameTitle: "Chat with the assistant",
    theme: {
      colorScheme: scheme,
      radius: "round",
      density: "normal",
      color: { accent: { primary: ACCENT[scheme], level: 1 } },
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
    composer: { placeholder: "Ask, or say what to do…", attachments: { enabled: false } },
    threadItemActions: { feedback: true, retry: true },
    thread: { autoScroll: true },
    disclaimer: { text: `Answered by ${model}. It can be wrong; every change can be undone.` },
  };
}
