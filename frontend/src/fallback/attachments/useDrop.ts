import { type DragEvent, useState } from "react";

/** Handlers for files that are dropped on an element. Without `onFiles` there are none. */
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
      // Otherwise the browser would leave the page to open the file.
      event.preventDefault();
      onFiles([...event.dataTransfer.files]);
    },
  };
  return { over, dropProps };
}
