/** Between the end of a task and the word that nothing of it is left. */
export function BeingCleared() {
  return <p role="status">Everything is being cleared from this browser …</p>;
}
