import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useChanged } from "@/client/changed";
import { api, http, ifMatch } from "@/client/http";
import type { Api, Lifecycle } from "@/client/types";
import { can } from "@/lib/may";
import { DeleteButton } from "@/ui/DeleteButton";
import { notifyFailed } from "@/ui/notify";

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
          {can(target, "delete") && (
            <Group justify="space-between">
              <Text size="sm">Delete it with its versions and plans.</Text>
              <DeleteButton name={target.name} then="/studio" remove={() => remove(target)}>
                It leaves the catalog and every gateway. This cannot be taken back.
              </DeleteButton>
            </Group>
          )}
        </Stack>
      </Paper>
    </section>
  );
}

function remove(target: Api) {
  const params = { path: { api_id: target.id }, header: ifMatch(target) };
  return http.DELETE("/api/v1/apis/{api_id}", { params });
}
