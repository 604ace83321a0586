import { mount, unmount } from "svelte";

import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/controls.css";
import "./styles/popups.css";
import "./styles/screens.css";
import "./styles/preferences.css";
import "./styles/tables.css";
import "./styles/tools.css";
import "./styles/activity.css";
import "./styles/windows.css";
import App from "./App.svelte";
import { followInput } from "./components/accessibility/lastInput";
import { connect, isInWindow, type Ending } from "./ipc/connect";

followInput();

/** Loaded at once, because the server may have gone when it is needed. */
const closed = isInWindow ? null : import("./Closed.svelte");
let app: ReturnType<typeof mount> | null = null;
let ended = false;

/** Shows why the page has no core any more. The first reason counts. */
async function end(why: Ending) {
  if (ended) return;
  ended = true;
  const module = await closed;
  if (app) await unmount(app);
  if (module) mount(module.default, { target: document.body, props: { why } });
}

const core = await connect((why) => void end(why));
if (core && !ended) app = mount(App, { target: document.body, props: { core } });
