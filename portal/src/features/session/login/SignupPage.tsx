import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { hasLength, isEmail, isNotEmpty, useForm } from "@mantine/form";
import { useNavigate } from "@tanstack/react-router";
import { api } from "@/client/http";
import { formErrors } from "@/client/problem";
import { useHub } from "@/client/session";
import { ErrorState } from "@/ui/ErrorState";
import { TextLink } from "@/ui/links";
import { LoginFrame } from "./LoginFrame";

/** Where the hub lets people in by themselves. */
export function SignupPage() {
  const hub = useHub();
  const have = <TextLink to="/login">I have an account</TextLink>;
  if (hub.signup !== "open") {
    return (
      <LoginFrame
        title="By invitation"
        text="Accounts here are made by an administrator. Ask one for a sign-in link."
        below={have}
      >
        {null}
      </LoginFrame>
    );
  }
  return (
    <LoginFrame title={`Join ${hub.name}`} below={have}>
      <SignupForm />
    </LoginFrame>
  );
}

function SignupForm() {
  const navigate = useNavigate();
  const join = api.useMutation("post", "/api/v1/signup");
  const form = useForm({
    initialValues: { name: "", email: "", password: "" },
    validate: {
      name: isNotEmpty("How should others see you?"),
      email: isEmail("This is no mail address"),
      password: hasLength({ min: 12 }, "At least twelve characters; a few words do well"),
    },
  });
  const submit = form.onSubmit((body) =>
    join.mutate(
      { body },
      {
        onError: (error) => form.setErrors(formErrors(error)),
      },
    ),
  );
  if (join.isSuccess) {
    return (
      <Stack>
        <Text role="status">{join.data.message}</Text>
        <Button onClick={() => void navigate({ to: "/login" })}>Sign in</Button>
      </Stack>
    );
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {join.isError && <ErrorState error={join.error} hideFields />}
        <TextInput label="Your name" autoComplete="name" {...form.getInputProps("name")} />
        <TextInput
          label="Mail address"
          type="email"
          autoComplete="username"
          {...form.getInputProps("email")}
        />
        <PasswordInput
          label="Password"
          autoComplete="new-password"
          visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
          {...form.getInputProps("password")}
        />
        <Button type="submit" loading={join.isPending}>
          Create the account
        </Button>
      </Stack>
    </form>
  );
}
