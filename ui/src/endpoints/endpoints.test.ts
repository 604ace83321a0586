import { describe, expect, it } from "vitest";

import { environmentKey, savedKey } from "../ipc/fake/fixtures/providers";
import { addressProblem, hostOf, isLocalNetwork, isLoopback, isPlainHttp } from "./address";
import { emptyDraft, withPreset, headerProblem, parseSeconds, serviceAt, withTyped } from "./form";
import { keyProblem, keyState } from "./key";

const groq = { id: "groq", name: "Groq", base_url: "https://api.groq.com/openai/v1", needs_key: true };
const ollama = { id: "ollama", name: "Ollama", base_url: "http://localhost:11434/v1", needs_key: false };

describe("a key", () => {
  it("shows the saved key, or a form without one", () => {
    expect(keyState({ kind: "missing" }, "key", false)).toEqual({ at: "form", first: true });
    expect(keyState({ kind: "missing" }, "service", false)).toEqual({ at: "none", why: "missing" });
    expect(keyState(savedKey(0), "key", false)).toMatchObject({ at: "saved", endsIn: "7Qf2" });
    expect(keyState(savedKey(0), "key", true)).toEqual({ at: "form", first: false });
    expect(keyState(environmentKey, "key", false)).toMatchObject({ at: "environment" });
    expect(keyState({ kind: "not_needed" }, "service", false)).toEqual({ at: "none", why: "not_needed" });
    const moved = { kind: "key_of_other_address", origin: "https://a.example" } as const;
    expect(keyState(moved, "service", false)).toMatchObject({ at: "other_address" });
  });

  it("of OpenAI must begin with sk-, others need not", () => {
    expect(keyProblem(" ", "key")).toBe("empty");
    expect(keyProblem("pk-live-4f81", "key")).toBe("not_openai");
    expect(keyProblem(" sk-proj-1 ", "key")).toBeNull();
    expect(keyProblem("gsk_1", "service")).toBeNull();
  });
});

describe("an address", () => {
  it("must be https, or http on this computer or, if allowed, in the local network", () => {
    expect(addressProblem("", false)).toBe("empty");
    expect(addressProblem("api.groq.com/openai/v1", false)).toBe("scheme");
    expect(addressProblem("ftp://x.example", false)).toBe("scheme");
    expect(addressProblem("http://api.groq.com/openai", false)).toBe("plain");
    expect(addressProblem("http://192.168.1.5:8000", true)).toBeNull();
    expect(addressProblem("http://localhost:11434", false)).toBeNull();
    expect(addressProblem(" https://api.groq.com/openai/v1 ", false)).toBeNull();
  });

  it("recognises hosts of the local network", () => {
    const local = [
      "gpu",
      "gpu.lan",
      "gpu.local",
      "nas.home.arpa",
      "10.0.0.4",
      "172.20.1.1",
      "100.100.1.2",
      "[fd00::1]",
    ];
    const open = [
      "api.groq.com",
      "local.example",
      "8.8.8.8",
      "172.32.1.1",
      "100.128.0.1",
      "[2606:4700::1111]",
    ];
    expect(local.filter((host) => !isLocalNetwork(`http://${host}:8000/v1`))).toEqual([]);
    expect(open.filter((host) => isLocalNetwork(`http://${host}:8000/v1`))).toEqual([]);
  });

  it("is that of a known service, or of another", () => {
    expect(serviceAt([groq, ollama], " https://api.groq.com/openai/v1/ ")).toBe("groq");
    expect(serviceAt([groq, ollama], "https://api.groq.com/openai/v2")).toBe("other");
    expect(serviceAt([groq, ollama], "")).toBe("other");
  });

  it("recognises loopback addresses", () => {
    expect(["http://localhost:1", "http://127.0.0.9", "http://[::1]:8"].every(isLoopback)).toBe(true);
    expect(["http://gpu.lan", "http://1270.0.0.1.example", "x"].some(isLoopback)).toBe(false);
    expect(isPlainHttp("http://gpu.lan:8000")).toBe(true);
    expect(hostOf("http://gpu.lan:8000/v1")).toBe("gpu.lan:8000");
    expect(hostOf("https:")).toBeNull();
  });
});

describe("a new service", () => {
  it("is filled in by a preset", () => {
    expect(withPreset(emptyDraft, groq)).toMatchObject({ name: "Groq", url: groq.base_url });
    expect(withPreset(withPreset(emptyDraft, groq), ollama)).toMatchObject({
      name: "Ollama",
      url: ollama.base_url,
    });
    expect(withPreset(withPreset(emptyDraft, groq), null)).toMatchObject({ name: "", url: "" });
  });

  it("keeps what was typed by hand", () => {
    const named = withTyped(withPreset(emptyDraft, groq), "name", "My Groq");
    expect(withPreset(named, ollama)).toMatchObject({ name: "My Groq", url: ollama.base_url });
    expect(withPreset(withTyped(named, "name", ""), ollama).name).toBe("Ollama");
  });

  it("validates timeout and headers", () => {
    expect(["1", "30", " 3600 "].map(parseSeconds)).toEqual([1, 30, 3_600]);
    expect(["0", "soon", "1.5", "3601", ""].map(parseSeconds)).toEqual([null, null, null, null, null]);
    const problem = (name: string, value = "Usher") => headerProblem({ name, value });
    expect(["X-Title", " x_title ", "Api-Key2"].map((name) => problem(name))).toEqual([null, null, null]);
    expect(["", "X Title", "X.Title", "X-Títle", "x:y"].map((name) => problem(name))).toEqual(
      Array.from({ length: 5 }, () => "name"),
    );
    expect(["Host", "content-type", "ACCEPT", "Transfer-Encoding"].map((name) => problem(name))).toEqual(
      Array.from({ length: 4 }, () => "reserved"),
    );
    expect(problem("X-Title", " ")).toBe("value_empty");
    expect([problem("X-Title", "Zoë"), problem("X-Title", "a\tb")]).toEqual(["value", "value"]);
    expect(problem("X-Title", " a b~ ")).toBeNull();
  });
});
