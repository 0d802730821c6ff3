import { type DragEvent, useState } from "react";

/** Files that are dragged over an element and dropped there; nothing happens without `onFiles`. */
export function useDrop(onFiles: ((files: File[]) => void) | undefined) {
  const [over, setOver] = useState(false);
  if (!onFiles) return { over: false, dropProps: {} };

  const bringsFiles = ({ dataTransfer }: DragEvent) => dataTransfer.types.includes("Files");
  const dropProps = {
    onDragOver(event: DragEvent) {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave({ currentTarget, relatedTarget }: DragEvent) {
      if (!currentTarget.contains(relatedTarget as Node | null)) setOver(false);
    },
    onDrop(event: DragEvent) {
      setOver(false);
      if (!bringsFiles(event)) return;
      // Or the browser opens the file in the place of the page.
      event.preventDefault();
      onFiles([...event.dataTransfer.files]);
    },
  };
  return { over, dropProps };
}
