// Runs before the first paint; a file of its own because the content policy allows no inline script.
// Resolves the "System" theme and follows it, and records policy violations for the tests.
(() => {
  window.__cspViolations = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    window.__cspViolations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`);
  });

  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    root.dataset.theme = dark.matches ? "dark" : "light";
  };
  dark.addEventListener("change", follow);
  follow();

  // Dialogs put the action first on Windows.
  root.dataset.os = /Windows/.test(navigator.userAgent) ? "windows" : "other";
})();
