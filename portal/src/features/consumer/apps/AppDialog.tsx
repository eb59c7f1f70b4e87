import { Button, Group, Modal, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, ifMatch } from "@/client/http";
import { formErrors } from "@/client/problem";
import { ownersOf, useSession } from "@/client/session";
import type { App } from "@/client/types";
import { ErrorState } from "@/ui/ErrorState";
import { notifyDone } from "@/ui/notify";

interface Props {
  opened: boolean;
  onClose: () => void;
  /** The app to change; without one a new app is made. */
  app?: App;
}

export function AppDialog({ opened, onClose, app }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={app ? "Change the app" : "New app"}>
      {app ? <ChangeForm app={app} onClose={onClose} /> : <CreateForm onClose={onClose} />}
    </Modal>
  );
}

const rules = { name: isNotEmpty("Name it after what will call the APIs") };

function CreateForm({ onClose }: { onClose: () => void }) {
  const owners = ownersOf(useSession());
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const make = api.useMutation("post", "/api/v1/apps");
  const form = useForm({
    initialValues: { name: "", description: "", owner_id: owners[0]?.value ?? "" },
    validate: rules,
  });
  const submit = form.onSubmit((body) =>
    make.mutate(
      { body },
      {
        onSuccess: (made) => {
          void queryClient.invalidateQueries({ queryKey: ["get", "/api/v1/apps"] });
          onClose();
          void navigate({ to: "/apps/$appId", params: { appId: made.id } });
        },
        onError: (error) => form.setErrors(formErrors(error)),
      },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {make.isError && <ErrorState error={make.error} hideFields />}
        <TextInput label="Name" placeholder="Storefront" data-autofocus {...form.getInputProps("name")} />
        <Textarea label="What it is" {...form.getInputProps("description")} />
        {owners.length > 1 && <Select label="Belongs to" data={owners} {...form.getInputProps("owner_id")} />}
        <Buttons action="Make the app" busy={make.isPending} onClose={onClose} />
      </Stack>
    </form>
  );
}

function ChangeForm({ app, onClose }: { app: App; onClose: () => void }) {
  const queryClient = useQueryClient();
  const save = api.useMutation("patch", "/api/v1/apps/{app_id}");
  const form = useForm({ initialValues: { name: app.name, description: app.description }, validate: rules });
  const submit = form.onSubmit((body) =>
    save.mutate(
      { params: { path: { app_id: app.id }, header: ifMatch(app) }, body },
      {
        onSuccess: () => {
          notifyDone("App saved");
          void queryClient.invalidateQueries({ queryKey: ["get"] });
          onClose();
        },
        onError: (error) => form.setErrors(formErrors(error)),
      },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {save.isError && <ErrorState error={save.error} hideFields />}
        <TextInput label="Name" data-autofocus {...form.getInputProps("name")} />
        <Textarea label="What it is" {...form.getInputProps("description")} />
        <Buttons action="Save" busy={save.isPending} onClose={onClose} />
      </Stack>
    </form>
  );
}

function Buttons({ action, busy, onClose }: { action: string; busy: boolean; onClose: () => void }) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onClose}>
        Cancel
      </Button>
      <Button type="submit" loading={busy}>
        {action}
      </Button>
    </Group>
  );
}
