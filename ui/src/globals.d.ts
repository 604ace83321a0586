/// <reference types="svelte" />
/// <reference types="vite/client" />

/** True in builds for tests and in `npm run dev`: the page may run on the in-memory core. */
declare const __FAKE__: boolean;
/** True in builds for tests: the page may run on a core behind a local test server. */
declare const __BRIDGE__: boolean;

/** The version of the page, which is that of Usher. */
declare const __VERSION__: string;

/** The language of the page. */
declare const __LANGUAGE__: string;

interface Window {
  /** Violations of the content policy; any entry fails the tests. */
  __cspViolations: string[];
}
