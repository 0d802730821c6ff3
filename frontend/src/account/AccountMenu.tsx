import { useState } from "react";
import { exportAccount } from "../api/account";
import { requestWords } from "../api/problem";
import type { Send } from "../api/send";
import type { Session } from "../api/session";
import { Icon } from "../ui/icons";
import { Menu } from "../ui/Menu";
import { useNotify } from "../ui/toasts";
import { DeleteAccount } from "./DeleteAccount";
import { saveFile } from "./saveFile";

interface Props {
  user: Session["user"];
  send: Send;
  /** Called when the account and the session are deleted. */
  onDeleted: () => void;
}

/** Shows who is signed in, with a menu to export their data or delete their account. */
export function AccountMenu({ user, send, onDeleted }: Props) {
  const [deleting, setDeleting] = useState(false);
  const notify = useNotify();
  const name = user.email ?? user.id;

  async function exportData() {
    notify({ text: "Your data is being put together." });
    try {
      const today = new Date().toISOString().slice(0, 10);
      saveFile(`taskchat-export-${today}.json`, await exportAccount(send));
      notify({ text: "Your data has been saved as a file." });
    } catch (error) {
      notify({
        text: `Your data could not be exported. ${requestWords(error)}`,
        tone: "danger",
        action: { label: "Try again", run: () => void exportData() },
      });
    }
  }

  return (
    <>
      <Menu
        label={`Account: ${name}`}
        button={
          <>
            <Icon name="account" />
            <span className="who" title={name}>
              {name}
            </span>
          </>
        }
        heading={
          <p className="menu-heading">
            Signed in as <strong>{name}</strong>
          </p>
        }
        items={[
          { label: "Export my data", icon: "download", onSelect: () => void exportData() },
          {
            label: "Delete account…",
            icon: "trash",
            danger: true,
            onSelect: () => setDeleting(true),
          },
        ]}
      />
      {deleting && (
        <DeleteAccount
          name={name}
          send={send}
          onExport={() => void exportData()}
          onDeleted={onDeleted}
          onClose={() => setDeleting(false)}
        />
      )}
    </>
  );
}
