import { type DragEvent, useId, useState } from "react";
import type { ChosenFile } from "../tasks/shared/chosen-file.js";

/** Takes a file by a click, by the keyboard, or by dropping it. */
export function FilePicker({
  label,
  hint,
  onChoose,
}: {
  label: string;
  hint: string;
  onChoose: (file: ChosenFile) => void;
}) {
  const id = useId();
  const [isOver, setIsOver] = useState(false);
  const choose = (files: FileList | null) => {
    const file = files?.[0];
    if (file !== undefined) onChoose({ name: file.name, blob: file });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    choose(event.dataTransfer.files);
  };
  return (
    <div
      className={isOver ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="file"
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => {
          choose(target.files);
          // The same file can be chosen again.
          target.value = "";
        }}
      />
      <p className="small" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  );
}
