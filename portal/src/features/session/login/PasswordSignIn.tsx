import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { api } from "@/client/http";
import { ErrorState } from "@/ui/ErrorState";
import { useEnter } from "./useEnter";

export function PasswordSignIn({ next }: { next: string | undefined }) {
  const enter = useEnter(next);
  const signIn = api.useMutation("post", "/api/v1/session");
  const form = useForm({
    initialValues: { email: "", password: "" },
    validate: { email: isNotEmpty("Enter your mail address"), password: isNotEmpty("Enter your password") },
  });
  const submit = form.onSubmit((body) =>
    signIn.mutate({ body }, { onSuccess: (session) => void enter(session) }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {signIn.isError && <ErrorState error={signIn.error} />}
        <TextInput
          label="Mail address"
          type="email"
          autoComplete="username"
          size="md"
          {...form.getInputProps("email")}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          size="md"
          visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
          {...form.getInputProps("password")}
        />
        <Button type="submit" size="md" loading={signIn.isPending}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}
