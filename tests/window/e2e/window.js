// A window with all that belongs to it: a sandbox of its own, the app on it, and what stands in its page.
import { openApp } from "./app.js";
import { WindowPage } from "./page.js";
import { startSandbox } from "./sandbox.js";

/** Opens it; `close` ends all of it. The options are the app's. */
export async function openWindow(options) {
  const sandbox = await startSandbox();
  try {
    const app = await openApp(sandbox, options);
    const close = async () => {
      await app.close();
      await sandbox.close();
    };
    return { sandbox, app, page: new WindowPage(app.browser), close };
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

/** A test in a window of its own. A function that it answers with looks at what the window left when it has gone. */
export const inWindow = (work, options) => async (t) => {
  const window = await openWindow(options);
  try {
    const look = await work(window, t);
    await window.page.keptItsPolicy();
    if (!look) return;
    await window.app.browser.deleteSession();
    await look();
  } finally {
    await window.close();
  }
};
