// Page object: what the tests read and press in the window.
import assert from "node:assert/strict";

/** Selector of a stage of the connection test. */
export const stage = (name) => `[data-testid=stage-${name}]`;

export class WindowPage {
  constructor(browser) {
    this.browser = browser;
  }

  $(selector) {
    return this.browser.$(selector);
  }

  /** Waits until the text of an element matches; returns when the page showed it. */
  async reads(selector, pattern, milliseconds = 25_000) {
    const seen = await this.browser.execute(
      (wanted, source, timeout) =>
        new Promise((resolve) => {
          const text = () => document.querySelector(wanted)?.innerText.trim() ?? null;
          const found = () => new RegExp(source).test(text() ?? "");
          const end = (at) => {
            watching.disconnect();
            clearTimeout(late);
            resolve({ at, text: text() });
          };
          const watching = new MutationObserver(() => found() && end(Date.now()));
          const late = setTimeout(() => end(null), timeout);
          watching.observe(document.documentElement, { subtree: true, childList: true, attributes: true, characterData: true });
          if (found()) end(Date.now());
        }),
      selector,
      pattern.source,
      milliseconds,
    );
    assert.ok(seen.at !== null, `${selector} does not read ${pattern} after ${milliseconds} ms, but ${JSON.stringify(seen.text)}`);
    return seen.at;
  }

  text(selector) {
    return this.$(selector).getText();
  }

  async press(selector) {
    const element = await this.$(selector);
    await element.waitForClickable();
    await element.click();
  }

  /** Replaces the text of a field. */
  type(selector, text) {
    return this.$(selector).setValue(text);
  }

  value(selector) {
    return this.$(selector).getValue();
  }

  /** Waits until nothing matches. */
  gone(selector) {
    return this.$(selector).waitForExist({ reverse: true, timeout: 25_000 });
  }

  /** Chooses by searching. The page shows the choice before the core has it. */
  async chooseModel(name) {
    await this.press("#model");
    await this.$("[data-testid=model-list]").waitForDisplayed();
    await this.browser.keys([...name, "Enter"]);
    await this.reads("#model-name", new RegExp(`^${name.replaceAll(".", "\\.")}$`));
  }

  /** Presses Tab until the element has the focus. */
  async tabTo(selector, most = 20) {
    for (let pressed = 0; pressed < most; pressed += 1) {
      if (await this.has(selector)) return;
      await this.browser.keys("Tab");
    }
    assert.fail(`${most} times Tab do not lead to ${selector}`);
  }

  /** Returns whether the element has the focus. */
  has(selector) {
    return this.browser.execute((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
  }

  /** Starts recording each state shown for the stages of the test. */
  async noteStages() {
    await this.browser.execute(() => {
      window.__stages = [];
      const note = () => {
        const states = [...document.querySelectorAll(".stage")].map((stage) => stage.dataset.status).join(" ");
        if (states && window.__stages.at(-1) !== states) window.__stages.push(states);
      };
      new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });
    });
  }

  stages() {
    return this.browser.execute(() => window.__stages);
  }

  /** Expects no violation of the content policy; the page records them from before its first script. */
  async keptItsPolicy() {
    assert.deepEqual(await this.browser.execute(() => window.__cspViolations), []);
  }
}
