export function ReferenceTab() {
  return null;
}
