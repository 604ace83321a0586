// Scenarios of the tools.

import type { SignInCopiesView, ToolPreview } from "../../bindings";
import { copies, sharedCopies, unreadableCopies } from "../fixtures/copies";
import { failure, type Scenario, type ScenarioChange, type UserInput } from "../fixtures";
import { address, passOf } from "../fixtures/gateway";
import { appPreview, connectedTools, connectionOf, tools, toolsWithApp } from "../fixtures/tools";

const scenario =
  (inputs: UserInput[] = [], change: (base: Scenario, now: number) => Partial<Scenario> = () => ({})) =>
  (base: Scenario, now: number): Scenario => ({
    ...base,
    gateway: { at: "on", address },
    toolList: connectedTools(now),
    passes: ["codex", "claude-code", "pi", "scripts"].map((name) => passOf(now, name)),
    ...change(base, now),
    inputs: ["[data-testid=go-tools]", ...inputs],
  });

const button = (tool: string, which: "connect" | "disconnect" | "first") =>
  `[data-tool="${tool}"] [data-${which}]`;

const open = [button("opencode", "connect")];

const previews = (tool: string, preview: Partial<ToolPreview>) => () => ({
  toolPreviews: { [tool]: preview },
});

/** The same buttons are on the page before. */
const inCopies = (which: "connect" | "first") =>
  `[data-testid=screen-sign-in-copies] ${button("opencode", which)}`;

/** The page with every sign-in, from that of the tools. */
const map = (of: (now: number) => SignInCopiesView, inputs: UserInput[] = []) =>
  scenario(["#show-sign-ins", ...inputs], (_base, now) => ({ copies: of(now), toolList: tools() }));

const nothing = (): SignInCopiesView => ({ one_writer: true, copies: [], not_looked_at: [] });

export const toolScenarios: Record<string, ScenarioChange> = {
  copies: map(copies),
  "copies-shared": map(sharedCopies),
  "copies-unreadable": map(unreadableCopies),
  "copies-empty": map(nothing),
  "copies-move": map(sharedCopies, [inCopies("connect")]),
  "copies-moved": map(sharedCopies, [inCopies("connect"), inCopies("first")]),
  tools: scenario(),
  "tools-new": scenario([], () => ({ toolList: tools(), passes: [] })),
  "tools-empty": scenario([], () => ({
    toolList: tools().map((one) => ({ ...one, found: false })),
    passes: [],
  })),
  "tools-off": scenario([], () => ({ gateway: { at: "off", port: 18_740 } })),
  "tools-off-preview": scenario(open, () => ({ gateway: { at: "off", port: 18_740 } })),
  "tools-used": scenario([], (_base, now) => ({
    toolList: connectedTools(now).map((one) =>
      one.id === "pi" ? { ...one, connection: connectionOf("pi", now, { last_used_at: now - 12 }) } : one,
    ),
  })),
  "tools-restore": scenario(["#disconnect-all"]),
  "tools-restored": scenario(["#disconnect-all", "[data-testid=restore-tools] .btn-danger"]),
  "tools-interrupted": scenario([], (_base, now) => ({
    toolList: connectedTools(now).map((one) =>
      one.id === "pi" ? { ...one, connection: connectionOf("pi", now, { interrupted: true }) } : one,
    ),
  })),
  "tools-silence": scenario([], (_base, now) => ({
    toolList: connectedTools(now).map((one) =>
      one.id === "pi" ? { ...one, connection: connectionOf("pi", now, { restore_after_minutes: 10 }) } : one,
    ),
  })),
  "tools-preview": scenario(open),
  "tools-default": scenario([button("codex", "connect")], () => ({ toolList: tools() })),
  "tools-conflicts": scenario(
    open,
    previews("opencode", {
      conflicts: [
        { kind: "variable", subject: "OPENAI_API_KEY", detail: "" },
        { kind: "switcher", subject: "cc-switch", detail: "~/.cc-switch" },
      ],
    }),
  ),
  "tools-blocked": scenario(
    open,
    previews("opencode", {
      blocked: true,
      files: [],
      conflicts: [{ kind: "version", subject: "0.3.0", detail: "1.0.0" }],
    }),
  ),
  "tools-app": scenario([button("codex-app", "connect")], (_base, now) => ({
    toolList: toolsWithApp(now),
    toolPreviews: { "codex-app": appPreview() },
  })),
  "tools-app-connected": scenario([], (_base, now) => ({
    toolList: toolsWithApp(now).map((one) => {
      if (one.id === "codex-app") return { ...one, connection: connectionOf("codex-app", now) };
      if (one.id !== "codex" || one.connection === null) return one;
      return { ...one, connection: { ...one.connection, served_by: "Codex desktop app" } };
    }),
  })),
  "tools-by-hand": scenario([button("goose", "connect")]),
  "tools-connected": scenario([...open, button("opencode", "first")]),
  "tools-tried": scenario([...open, button("opencode", "first"), "#try-tool"]),
  "tools-trial-failed": scenario([...open, button("opencode", "first"), "#try-tool"], () => ({
    toolTrial: "failed",
  })),
  "tools-disconnected": scenario([button("codex", "disconnect")]),
  "tools-kept": scenario([button("codex", "disconnect")], () => ({
    toolsUndone: {
      codex: {
        files: [
          {
            path: "~/.codex/config.toml",
            changed: true,
            exact: false,
            removed: false,
            kept: ["model_providers.usher.base_url"],
          },
        ],
      },
    },
  })),
  "tools-unreadable": scenario(open, () => ({
    toolPreviews: {
      opencode: failure("tool_file_unusable", "opencode.json has an error in line 12, column 3"),
    },
  })),
};
