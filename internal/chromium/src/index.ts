export { type Built, buildOnce, makeBuildDirectory } from "./build-once.js";
export { bundlePage, type PageBundle } from "./bundle-page.js";
export { type OpenPage, startBrowser, type TestBrowser } from "./browser.js";
export { findChromium } from "./find-chromium.js";
export { later, laterIterable } from "./later.js";
export {
  addPasskeyAuthenticator,
  type PasskeyAuthenticator,
} from "./passkeys.js";
export { serveDirectory, type SiteServer } from "./serve-directory.js";
