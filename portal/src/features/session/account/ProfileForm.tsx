import { Button, Group, Stack, TextInput } from "@mantine/core";
import { isEmail, isNotEmpty, useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "@/client/http";
import { formErrors } from "@/client/problem";
import { sessionQuery, useSession } from "@/client/session";
import { ErrorState } from "@/ui/ErrorState";
import { notifyDone } from "@/ui/notify";
import { Pair } from "@/ui/Pair";

export function ProfileForm() {
  const user = useSession()?.user;
  const queryClient = useQueryClient();
  const save = api.useMutation("patch", "/api/v1/me");
  const form = useForm({
    initialValues: { name: user?.name ?? "", email: user?.email ?? "" },
    validate: { name: isNotEmpty("How should others see you?"), email: isEmail("This is no mail address") },
  });
  const submit = form.onSubmit((body) =>
    save.mutate(
      { body },
      {
        onSuccess: () => {
          notifyDone("Profile saved");
          form.resetDirty(body);
          void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
        },
        onError: (error) => form.setErrors(formErrors(error)),
      },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {save.isError && <ErrorState error={save.error} hideFields />}
        <Pair>
          <TextInput label="Name" autoComplete="name" {...form.getInputProps("name")} />
          <TextInput
            label="Mail address"
            type="email"
            autoComplete="email"
            {...form.getInputProps("email")}
          />
        </Pair>
        <Group justify="flex-end">
          <Button type="submit" variant="default" loading={save.isPending} disabled={!form.isDirty()}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
