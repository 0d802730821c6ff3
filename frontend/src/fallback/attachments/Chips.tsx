import { ChatIcon } from "../icons";
import { sizeWords } from "./rules";
import type { Chip, Tray } from "./tray";

interface Props {
  chips: readonly Chip[];
  error: string | undefined;
  tray: Tray;
  /** Called after a file was removed, whose button had the focus. */
  onRemoved: () => void;
}

/** The files of the next message, and an error about those that could not be attached. */
export function Chips({ chips, error, tray, onRemoved }: Props) {
  return (
    <>
      {error && (
        <p className="attach-error" role="alert">
          <ChatIcon name="circle-alert" size={16} />
          {error}
        </p>
      )}
      {chips.length > 0 && (
        <ul className="chips" aria-label="Attached files">
          {chips.map((chip) => (
            <ChipView
              key={chip.key}
              chip={chip}
              onRemove={() => {
                tray.remove(chip.key);
                onRemoved();
              }}
            />
          ))}
        </ul>
      )}
    </>
  );
}

function ChipView({ chip, onRemove }: { chip: Chip; onRemove: () => void }) {
  const { name, size, preview, progress, attachment } = chip;
  return (
    <li className="chip">
      {preview ? (
        <img src={preview} alt="" width={36} height={36} />
      ) : (
        <span className="chip-icon">
          <ChatIcon name="document" />
        </span>
      )}
      <span className="chip-words">
        <span className="chip-name">{name}</span>
        {size !== undefined && <small>{sizeWords(size)}</small>}
      </span>
      {!attachment && (
        <progress max={1} value={progress} aria-label={`Uploading ${name}`} className="chip-bar" />
      )}
      <button
        type="button"
        className="small-button"
        aria-label={`Remove ${name}`}
        onClick={onRemove}
      >
        <ChatIcon name="close" size={15} />
      </button>
    </li>
  );
}
