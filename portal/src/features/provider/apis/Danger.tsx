import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useChanged } from "@/client/changed";
import { api, ifMatch } from "@/client/http";
import type { Api, Lifecycle } from "@/client/types";
import { can } from "@/lib/may";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { notifyDone, notifyFailed } from "@/ui/notify";

const STEPS: Partial<Record<Lifecycle, { to: Lifecycle; label: string; text: string }[]>> = {
  published: [
    { to: "deprecated", label: "Deprecate", text: "It keeps working; consumers see that it is going away." },
  ],
  deprecated: [
    { to: "published", label: "Publish again", text: "Consumers no longer see a warning." },
    { to: "retired", label: "Retire", text: "It leaves the catalog and the gateways for good." },
  ],
};

/** The steps of an API's life that consumers notice. */
export function Danger({ target }: { target: Api }) {
  const changed = useChanged();
  const move = api.useMutation("patch", "/api/v1/apis/{api_id}", {
    onError: notifyFailed,
    onSuccess: () => void changed(),
  });
  const steps = STEPS[target.lifecycle] ?? [];
  if (!can(target, "update") && !can(target, "delete")) return null;
  return (
    <section>
      <Title order={2} mb="sm">
        Its life
      </Title>
      <Paper p="lg">
        <Stack>
          {steps.map((step) => (
            <Group key={step.to} justify="space-between">
              <Text size="sm">{step.text}</Text>
              <Button
                variant="default"
                loading={move.isPending}
                onClick={() =>
                  move.mutate({
                    params: { path: { api_id: target.id }, header: ifMatch(target) },
                    body: { lifecycle: step.to },
                  })
                }
              >
                {step.label}
              </Button>
            </Group>
          ))}
          {can(target, "delete") && <Delete target={target} />}
        </Stack>
      </Paper>
    </section>
  );
}

function Delete({ target }: { target: Api }) {
  const [opened, dialog] = useDisclosure(false);
  const navigate = useNavigate();
  const changed = useChanged();
  const remove = api.useMutation("delete", "/api/v1/apis/{api_id}", {
    onSuccess: async () => {
      notifyDone(`${target.name} is deleted`);
      await navigate({ to: "/studio" });
      await changed();
    },
  });
  return (
    <Group justify="space-between">
      <Text size="sm">Delete it with its versions and plans.</Text>
      <Button variant="default" c="var(--mantine-color-error)" onClick={dialog.open}>
        Delete
      </Button>
      <ConfirmDialog
        opened={opened}
        title={`Delete “${target.name}”?`}
        action="Delete it"
        danger
        busy={remove.isPending}
        error={remove.error}
        onClose={dialog.close}
        onConfirm={() => remove.mutate({ params: { path: { api_id: target.id }, header: ifMatch(target) } })}
      >
        It leaves the catalog and every gateway. This cannot be taken back.
      </ConfirmDialog>
    </Group>
  );
}
