// A window with its own sandbox, app and page object.
import { openApp } from "./app.js";
import { WindowPage } from "./page.js";
import { startSandbox } from "./sandbox.js";

/** Opens it; `close` ends everything. Takes the options of the app. */
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

/** A test in its own window. If it returns a function, that checks what the window left behind after it closed. */
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
