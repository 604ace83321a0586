import { mount } from "svelte";

import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/controls.css";
import "./styles/popups.css";
import "./styles/screens.css";
import "./styles/tables.css";
import "./styles/tools.css";
import "./styles/windows.css";
import App from "./App.svelte";
import { followInput } from "./components/accessibility/lastInput";
import { connect } from "./ipc/connect";

followInput();
const core = await connect();
mount(App, { target: document.body, props: { core } });
