import { Button, Group, PasswordInput, Stack } from "@mantine/core";
import { hasLength, isNotEmpty, useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "@/client/http";
import { formErrors } from "@/client/problem";
import { sessionQuery, useSession } from "@/client/session";
import { ErrorState } from "@/ui/ErrorState";
import { notifyDone } from "@/ui/notify";
import { Pair } from "@/ui/Pair";

const TOGGLE = { "aria-label": "Show the password", tabIndex: 0 };

export function PasswordForm() {
  const email = useSession()?.user.email ?? "";
  const queryClient = useQueryClient();
  const change = api.useMutation("post", "/api/v1/me/password");
  const form = useForm({
    initialValues: { current_password: "", new_password: "" },
    validate: {
      current_password: isNotEmpty("Enter the password you have now"),
      new_password: hasLength({ min: 12 }, "At least twelve characters; a few words do well"),
    },
  });
  const submit = form.onSubmit((body) =>
    change.mutate(
      { body },
      {
        onSuccess: () => {
          form.reset();
          notifyDone("Password changed");
          // Changing the password renews the session, and with it the token of unsafe requests.
          void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
        },
        onError: (error) => form.setErrors(formErrors(error)),
      },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {change.isError && <ErrorState error={change.error} hideFields />}
        <input type="email" autoComplete="username" value={email} readOnly hidden />
        <Pair>
          <PasswordInput
            label="Password now"
            autoComplete="current-password"
            visibilityToggleButtonProps={TOGGLE}
            {...form.getInputProps("current_password")}
          />
          <PasswordInput
            label="New password"
            autoComplete="new-password"
            visibilityToggleButtonProps={TOGGLE}
            {...form.getInputProps("new_password")}
          />
        </Pair>
        <Group justify="flex-end">
          <Button type="submit" variant="default" loading={change.isPending}>
            Change the password
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
