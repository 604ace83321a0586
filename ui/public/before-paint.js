// Runs before the first paint; a file of its own because the content policy allows no inline script.
// Applies the chosen theme, or follows the system's, and records policy violations for the tests.
(() => {
  window.__cspViolations = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    window.__cspViolations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`);
  });

  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    const chosen = localStorage.getItem("appearance");
    const system = dark.matches ? "dark" : "light";
    root.dataset.theme = chosen === "light" || chosen === "dark" ? chosen : system;
  };
  dark.addEventListener("change", follow);
  // Chosen in Preferences.
  addEventListener("appearance", follow);
  follow();

  // Dialogs put the action first on Windows.
  root.dataset.os = /Windows/.test(navigator.userAgent) ? "windows" : "other";
})();
