import { useState } from "react";

/** Stops what runs, and says at once that it does: a call that waits for a silent network ends later. */
export function StopButton({ onStop }: { onStop: () => void }) {
  const [stop, setStop] = useState<"offered" | "asked">("offered");
  // Not `disabled`: the focus stays where it is.
  return (
    <>
      <button
        type="button"
        aria-disabled={stop === "asked"}
        onClick={() => {
          if (stop === "asked") return;
          setStop("asked");
          onStop();
        }}
      >
        {stop === "asked" ? "Stopping …" : "Stop"}
      </button>
      <p role="status">
        {stop === "asked" &&
          "It is being stopped. If the network does not answer, this takes up to two minutes."}
      </p>
    </>
  );
}
