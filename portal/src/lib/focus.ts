/**
 * Focus after a navigation. The page's heading may come later than the navigation (code and data are loaded), so the
 * wish is kept until a heading takes it; anything the reader does in between cancels it.
 */
let wanted = false;

export function wantFocus(main: HTMLElement | null): void {
  wanted = true;
  main?.focus({ preventScroll: true });
}

export function takeFocus(heading: HTMLElement | null): void {
  if (!wanted || !heading) return;
  wanted = false;
  const active = document.activeElement;
  if (!active || active === document.body || active.id === "main") heading.focus({ preventScroll: true });
}
