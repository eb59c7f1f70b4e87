import { Button, PasswordInput, Stack } from "@mantine/core";
import { hasLength, useForm } from "@mantine/form";
import { api, http } from "@/client/http";
import { formErrors } from "@/client/problem";
import type { Session } from "@/client/types";
import { ErrorState } from "@/ui/ErrorState";
import { useEnter } from "./useEnter";

export function FirstPasswordForm({ session, next }: { session: Session; next: string | undefined }) {
  const enter = useEnter(next);
  const change = api.useMutation("post", "/api/v1/me/password");
  const form = useForm({
    initialValues: { new_password: "" },
    validate: { new_password: hasLength({ min: 12 }, "At least twelve characters; a few words do well") },
  });
  const submit = form.onSubmit((body) =>
    change.mutate(
      { body },
      {
        onSuccess: async () => {
          // The session may have been renewed with the password: ask for it rather than guess.
          const { data } = await http.GET("/api/v1/session");
          await enter(data ?? { ...session, must_set_password: false });
        },
        onError: (error) => form.setErrors(formErrors(error)),
      },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {change.isError && <ErrorState error={change.error} hideFields />}
        <input
          type="email"
          name="username"
          autoComplete="username"
          value={session.user.email}
          readOnly
          hidden
        />
        <PasswordInput
          label="New password"
          autoComplete="new-password"
          size="md"
          visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
          {...form.getInputProps("new_password")}
        />
        <Button type="submit" size="md" loading={change.isPending}>
          Keep this password
        </Button>
      </Stack>
    </form>
  );
}
