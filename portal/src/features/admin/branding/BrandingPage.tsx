import { Alert, Button, ColorInput, Group, Paper, Select, Stack, TextInput } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { IconFlask } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { api, ifMatch } from "@/client/http";
import { formErrors } from "@/client/problem";
import { hubQuery, useHub } from "@/client/session";
import type { Hub } from "@/client/types";
import { can, readOnly } from "@/lib/may";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorState } from "@/ui/ErrorState";
import { notifyDone } from "@/ui/notify";
import { PageHeader } from "@/ui/PageHeader";
import { LogoInput } from "./LogoInput";

/** The hub's own name and colours: consumers see no other. */
export function BrandingPage() {
  const hub = useHub();
  return (
    <>
      <PageHeader title="Branding" description="Under which name consumers know this hub." />
      <Stack maw={720} gap="lg">
        <BrandingForm key={hub.revision} hub={hub} />
        {hub.demo && can(hub, "update") && <DemoContent />}
      </Stack>
    </>
  );
}

function BrandingForm({ hub }: { hub: Hub }) {
  const queryClient = useQueryClient();
  const save = api.useMutation("patch", "/api/v1/hub");
  const form = useForm({
    initialValues: {
      name: hub.name,
      tagline: hub.tagline,
      logo_url: hub.logo_url,
      primary_color: hub.primary_color,
      support_url: hub.support_url,
      signup: hub.signup as "closed" | "open",
    },
    validate: { name: isNotEmpty("A hub needs a name") },
    enhanceGetInputProps: readOnly(!can(hub, "update")),
  });
  const submit = form.onSubmit((body) =>
    save.mutate(
      { params: { header: ifMatch(hub) }, body },
      {
        onSuccess: (saved) => {
          queryClient.setQueryData(hubQuery.queryKey, saved);
          notifyDone("Saved");
        },
        onError: (error) => form.setErrors(formErrors(error)),
      },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Paper p="lg">
        <Stack>
          {save.isError && <ErrorState error={save.error} hideFields />}
          <TextInput label="Name" {...form.getInputProps("name")} />
          <TextInput
            label="Tagline"
            description="The sentence on the first page"
            {...form.getInputProps("tagline")}
          />
          <LogoInput
            hub={{ ...hub, ...form.values }}
            error={form.errors.logo_url}
            readOnly={!can(hub, "update")}
            onChange={(logo) => form.setFieldValue("logo_url", logo)}
          />
          <ColorInput
            label="Colour"
            description="Buttons and links; kept readable on light and dark by itself"
            format="hex"
            withEyeDropper={false}
            placeholder="#3b5bdb"
            {...form.getInputProps("primary_color")}
          />
          <TextInput label="Support address" placeholder="https://…" {...form.getInputProps("support_url")} />
          <Select
            label="New people"
            data={[
              { value: "closed", label: "By invitation of an administrator" },
              { value: "open", label: "Anybody may sign up" },
            ]}
            {...form.getInputProps("signup")}
          />
          {can(hub, "update") && (
            <Group justify="flex-end">
              <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
                Save
              </Button>
            </Group>
          )}
        </Stack>
      </Paper>
    </form>
  );
}

function DemoContent() {
  const [opened, dialog] = useDisclosure(false);
  const queryClient = useQueryClient();
  const remove = api.useMutation("delete", "/api/v1/demo", {
    onSuccess: async () => {
      await queryClient.invalidateQueries();
      notifyDone("The demo content is gone");
      dialog.close();
    },
  });
  return (
    <Alert color="gray" icon={<IconFlask />} title="This hub holds demo content">
      <Group justify="space-between">
        <span>Sample APIs, teams, people and a week of usage, to look around with.</span>
        <Button variant="default" onClick={dialog.open}>
          Remove it
        </Button>
      </Group>
      <ConfirmDialog
        opened={opened}
        title="Remove the demo content?"
        action="Remove it"
        danger
        busy={remove.isPending}
        error={remove.error}
        onClose={dialog.close}
        onConfirm={() => remove.mutate({})}
      >
        Everything marked as demo goes: APIs, teams, people, apps and their usage. What you made yourself
        stays.
      </ConfirmDialog>
    </Alert>
  );
}
