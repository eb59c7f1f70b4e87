// Runs before the first paint, so that a dark page never flashes white. A file, because inline scripts are forbidden.
(() => {
  let choice = "auto";
  try {
    choice = localStorage.getItem("color-scheme") || "auto";
  } catch {
    // Storage may be switched off; then the system decides.
  }
  const dark =
    choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
