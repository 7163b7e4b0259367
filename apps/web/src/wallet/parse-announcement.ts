import { printable } from "../text/format.js";
import type { AnnouncedWallet, Eip1193Provider } from "./eip-1193.js";

const maxNameChars = 40;
const maxIconChars = 200_000;

/**
 * Reads the detail of an `eip6963:announceProvider` event. Any extension can send one.
 *
 * @returns `undefined` for one that is none
 */
export function parseAnnouncement(
  detail: unknown,
): AnnouncedWallet | undefined {
  if (!isObject(detail)) return undefined;
  const { info, provider } = detail;
  if (!isObject(info) || !isProvider(provider)) return undefined;
  const { uuid, name, icon } = info;
  if (typeof uuid !== "string" || typeof name !== "string") return undefined;
  const shown = printable(name).slice(0, maxNameChars);
  if (uuid === "" || shown === "") return undefined;
  return {
    info: { uuid, name: shown, icon: isImage(icon) ? icon : undefined },
    provider,
  };
}

/** Images that are in the address itself: nothing is fetched for them. */
const isImage = (icon: unknown): icon is string =>
  typeof icon === "string" &&
  icon.length <= maxIconChars &&
  /^data:image\/(png|jpeg|gif|webp|svg\+xml)[;,]/.test(icon);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

const isProvider = (value: unknown): value is Eip1193Provider =>
  isObject(value) && typeof value["request"] === "function";
