/**
 * Scalar's markup has a few places that a screen reader cannot name. They are mended from outside, as they appear, until
 * the library does it itself. Every rule only adds what is missing.
 */
type Rule = [selector: string, mend: (element: Element, index: number) => void];

function name(element: Element, label: string): void {
  const named =
    element.getAttribute("aria-label") ||
    element.getAttribute("aria-labelledby") ||
    element.textContent?.trim();
  if (!named) element.setAttribute("aria-label", label);
}

const RULES: Rule[] = [
  // Scalar's own header on a phone is no second banner of the page.
  ["header", (element) => element.setAttribute("role", "group")],
  [
    "[role=combobox][contenteditable]",
    (element) => {
      if (!element.getAttribute("aria-label"))
        element.setAttribute("aria-label", element.getAttribute("data-placeholder") || "Value");
      if (!element.hasAttribute("aria-expanded")) element.setAttribute("aria-expanded", "false");
      if (!element.hasAttribute("aria-controls")) element.setAttribute("aria-controls", "main");
    },
  ],
  ["button[class*=copy-button]:not([aria-label])", (element) => element.setAttribute("aria-label", "Copy")],
  [
    ".t-doc__header",
    (element) => {
      element.setAttribute("role", "navigation");
      element.setAttribute("aria-label", "Contents of the reference");
    },
  ],
  // Its label says other words than those that are seen; the seen ones do.
  ["button.show-more[aria-label]", (element) => element.removeAttribute("aria-label")],
  // Its own example of a key is a string that says nothing.
  ['input[placeholder^="QUxM"]', (element) => element.setAttribute("placeholder", "The key of your app")],
  ["button", (element) => name(element, "More")],
  [
    "[role=region]",
    (element, index) => {
      const label = element.getAttribute("aria-label") ?? "Example";
      if (!/ \d+$/.test(label)) element.setAttribute("aria-label", `${label} ${index + 1}`);
    },
  ],
];

function mend(root: ParentNode): void {
  for (const [selector, repair] of RULES) {
    root.querySelectorAll(selector).forEach(repair);
  }
}

/** Mends what is there and what comes; returns the function that ends it. */
export function keepMended(root: HTMLElement): () => void {
  let due = 0;
  const observer = new MutationObserver(() => {
    cancelAnimationFrame(due);
    due = requestAnimationFrame(() => mend(root));
  });
  observer.observe(root, { childList: true, subtree: true });
  mend(root);
  return () => {
    observer.disconnect();
    cancelAnimationFrame(due);
  };
}
