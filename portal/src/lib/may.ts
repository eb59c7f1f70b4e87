/** What makes the inputs of a form say that they are only to be read: for `enhanceGetInputProps` of `useForm`. */
export const readOnly = (only: boolean) => () => (only ? { readOnly: true, variant: "filled" } : {});

/** Whether the API said that the reader may do this with the object; what is not said is not offered. */
export function can(object: { may?: readonly string[] | undefined }, action: string): boolean {
  return object.may?.includes(action) ?? false;
}
