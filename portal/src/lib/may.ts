/** Whether the API said that the reader may do this with the object; what is not said is not offered. */
export function can(object: { may?: readonly string[] | undefined }, action: string): boolean {
  return object.may?.includes(action) ?? false;
}
