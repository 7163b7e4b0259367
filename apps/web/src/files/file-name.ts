/** `carryover-0x1234-2026-11-23`: what a file is called unless the person says otherwise. */
export function fileName(about: string, ms: number, ending: string): string {
  const day = new Date(ms).toISOString().slice(0, 10);
  return `carryover-${about}-${day}.${ending}`;
}
