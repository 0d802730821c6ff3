import { useSyncExternalStore } from "react";
import { readRules } from "./attachments/rules";
import type { Tray } from "./attachments/tray";
import { useDrop } from "./attachments/useDrop";
import { Composer } from "./Composer";
import type { ChatClient } from "./client";
import type { ComposerModel } from "./composerModel";
import type { Conversation } from "./conversation";
import { Head } from "./Head";
import { History } from "./History";
import { ChatIcon } from "./icons";
import { Markdown } from "./Markdown";
import { Messages } from "./Messages";
import type { ChatState } from "./place";
import { StartScreen } from "./StartScreen";
import type { Store } from "./store";
import { readTheme } from "./theme";
import { lastUserMessage } from "./transcript";

interface Props {
  store: Store;
  conversation: Conversation;
  composer: ComposerModel;
  tray: Tray;
  client: ChatClient;
  onSubmit: () => void;
  onHistory: (open: boolean) => void;
}

/** The whole chat: head, history or messages, errors, composer, and disclaimer. */
export function ChatView({
  store,
  conversation,
  composer,
  tray,
  client,
  onSubmit,
  onHistory,
}: Props) {
  const { options, chat, history, draft, quote, chips, attachError } = useSyncExternalStore(
    store.subscribe,
    store.read,
  );
  const theme = readTheme(options.theme);
  const open = (threadId: string | null) => {
    onHistory(false);
    if (threadId !== chat.threadId) void conversation.open(threadId);
  };
  const rules = chat.status.type === "active" ? readRules(options) : undefined;
  const onFiles = rules && ((files: File[]) => void tray.add(files, rules));
  const { over, dropProps } = useDrop(onFiles);
  const empty = chat.items.length === 0 && !chat.loading && !chat.loadFailed;

  return (
    <div className="chat" {...theme.attributes} style={theme.style} {...dropProps}>
      {over && (
        <p className="drop-here" role="status">
          Drop files to attach them
        </p>
      )}
      {options.header?.enabled !== false && (
        <Head
          options={options}
          title={chat.title}
          history={history}
          onNew={() => open(null)}
          onHistory={onHistory}
        />
      )}
      <div className="body">
        {history && (
          <History
            client={client}
            options={options.history ?? {}}
            current={chat.threadId}
            onOpen={open}
            onClose={() => onHistory(false)}
          />
        )}
        {chat.loading && (
          <p className="quiet center" role="status">
            Loading the conversation…
          </p>
        )}
        {chat.loadFailed && (
          <p className="quiet center" role="alert">
            The conversation could not be loaded.{" "}
            <button type="button" className="link" onClick={() => void conversation.fetchUpdates()}>
              Try again
            </button>
          </p>
        )}
        {empty && chat.phase === "idle" ? (
          <StartScreen
            option={options.startScreen ?? {}}
            onPrompt={(content) => void conversation.send(content)}
          />
        ) : (
          <Messages
            chat={chat}
            options={options}
            conversation={conversation}
            onQuote={(text) => {
              composer.quote = text;
              composer.focus();
            }}
          />
        )}
      </div>
      <ErrorLine chat={chat} onRetry={() => void conversation.retry()} />
      <Composer
        options={options}
        chat={chat}
        draft={draft}
        quote={quote}
        chips={chips}
        attachError={attachError}
        tray={tray}
        rules={rules}
        onFiles={onFiles}
        model={composer}
        onSubmit={onSubmit}
        onStop={() => conversation.stop()}
      />
      <footer className="foot">
        {options.disclaimer && <Markdown text={options.disclaimer.text} />}
        <p className="fallback-note">Basic chat, in place of OpenAI’s ChatKit.</p>
      </footer>
      <Announcer chat={chat} />
    </div>
  );
}

function ErrorLine({ chat, onRetry }: { chat: ChatState; onRetry: () => void }) {
  if (!chat.error) return null;
  return (
    <div className="error-line" role="alert">
      <ChatIcon name="circle-alert" />
      <span>{chat.error.message}</span>
      {chat.error.allowRetry && lastUserMessage(chat.items) && (
        <button type="button" className="widget-button" onClick={onRetry}>
          Retry
        </button>
      )}
    </div>
  );
}

/** Announces answers to screen readers: each once it is complete, not word by word. */
function Announcer({ chat }: { chat: ChatState }) {
  const last = chat.items.findLast((item) => item.type === "assistant_message");
  const words =
    chat.phase === "responding"
      ? "The assistant is answering"
      : last?.type === "assistant_message"
        ? last.content.map(({ text }) => text).join(" ")
        : "";
  return (
    <div className="visually-hidden" aria-live="polite">
      {words}
    </div>
  );
}
