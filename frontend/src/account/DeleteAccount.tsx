import { type FormEvent, useEffect, useRef, useState } from "react";
import { deleteAccount } from "../api/account";
import { requestWords } from "../api/problem";
import type { Send } from "../api/send";

const WORD = "delete";

interface Props {
  name: string;
  send: Send;
  onExport: () => void;
  onDeleted: () => void;
  onClose: () => void;
}

/** Says what is deleted with the account, and deletes it after the person has typed the word. */
export function DeleteAccount({ name, send, onExport, onDeleted, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  // Phone keyboards start with a capital letter.
  const confirmed = typed.trim().toLowerCase() === WORD;

  useEffect(() => {
    dialog.current?.showModal();
    field.current?.focus();
  }, []);
  const close = () => {
    dialog.current?.close();
    // Not left to the `close` event: it waits for the next frame, which background tabs do not get.
    onClose();
  };
  /** Closes the dialog first, because it would cover the notices about the export. */
  const exportFirst = () => {
    close();
    onExport();
  };

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!confirmed || busy) return;
    setBusy(true);
    setFault(undefined);
    try {
      await deleteAccount(send);
      onDeleted();
    } catch (error) {
      setFault(`Your account has not been deleted. ${requestWords(error)}`);
      setBusy(false);
    }
  }

  return (
    <dialog
      ref={dialog}
      className="editor delete-account"
      aria-labelledby="delete-account-title"
      aria-describedby="delete-account-goes"
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) close();
      }}
      onClose={onClose}
    >
      <h2 id="delete-account-title">Delete your account?</h2>
      <div id="delete-account-goes">
        <p>
          This deletes for good what is kept for <strong>{name}</strong>, on all devices:
        </p>
        <ul>
          <li>all tasks, the completed ones too</li>
          <li>all conversations with the assistant; an answer being written ends</li>
          <li>the history of changes: nothing can be undone</li>
        </ul>
      </div>
      <p>
        You may want to{" "}
        <button type="button" className="link" onClick={exportFirst}>
          export your data
        </button>{" "}
        first.
      </p>
      <form onSubmit={submit}>
        <label className="field">
          <span>
            To confirm, type <strong>{WORD}</strong>
          </span>
          <input
            ref={field}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        </label>
        {fault && (
          <p className="field-fault" role="alert">
            {fault}
          </p>
        )}
        <footer className="editor-foot">
          <span className="spacer" />
          <button type="button" className="button button-quiet" disabled={busy} onClick={close}>
            Cancel
          </button>
          <button type="submit" className="button button-destroy" disabled={!confirmed || busy}>
            {busy ? "Deleting…" : "Delete account"}
          </button>
        </footer>
      </form>
    </dialog>
  );
}
