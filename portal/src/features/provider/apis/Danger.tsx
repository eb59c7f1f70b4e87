import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { http, ifMatch } from "@/client/http";
import type { Api, Lifecycle } from "@/client/types";
import { can } from "@/lib/may";
import { AskButton } from "@/ui/AskButton";
import { DeleteButton } from "@/ui/DeleteButton";
import { Subscribed } from "../subscribers/Subscribed";

interface Step {
  to: Lifecycle;
  label: string;
  text: string;
  /** What subscribers get of it. */
  follows: string;
  done: string;
  danger: boolean;
}

const STEPS: Partial<Record<Lifecycle, Step[]>> = {
  published: [
    {
      to: "deprecated",
      label: "Deprecate",
      text: "It keeps working; consumers see that it is going away.",
      follows:
        "From now on the catalog and its pages warn everybody that it is going away. Calls go on as before, and you can publish it again.",
      done: "Deprecated",
      danger: false,
    },
  ],
  deprecated: [
    {
      to: "published",
      label: "Publish again",
      text: "Consumers no longer see a warning.",
      follows: "The warning goes from the catalog and from its pages; calls go on as before.",
      done: "Published again",
      danger: false,
    },
    {
      to: "retired",
      label: "Retire",
      text: "Its end: withdraw it from its gateways first.",
      follows:
        "Nobody can subscribe to it any more, and no gateway can serve it again. This cannot be taken back.",
      done: "Retired",
      danger: true,
    },
  ],
};

/** The steps of an API's life that consumers notice. */
export function Danger({ target }: { target: Api }) {
  const steps = can(target, "update") ? (STEPS[target.lifecycle] ?? []) : [];
  if (steps.length === 0 && !can(target, "delete")) return null;
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
              <AskButton
                label={step.label}
                title={`${step.label}: ${target.name}?`}
                action={step.label}
                danger={step.danger}
                run={() => move(target, step.to)}
                done={step.done}
              >
                <Subscribed apiId={target.id} /> {step.follows}
              </AskButton>
            </Group>
          ))}
          {can(target, "delete") && (
            <Group justify="space-between">
              <Text size="sm">Delete it with its versions and plans.</Text>
              <DeleteButton name={target.name} then="/studio" remove={() => remove(target)}>
                <Subscribed apiId={target.id} /> It can be deleted once nobody is subscribed and no gateway
                serves it. Its versions, plans and policies go with it. This cannot be taken back.
              </DeleteButton>
            </Group>
          )}
        </Stack>
      </Paper>
    </section>
  );
}

function move(target: Api, lifecycle: Lifecycle) {
  const params = { path: { api_id: target.id }, header: ifMatch(target) };
  return http.PATCH("/api/v1/apis/{api_id}", { params, body: { lifecycle } });
}

function remove(target: Api) {
  const params = { path: { api_id: target.id }, header: ifMatch(target) };
  return http.DELETE("/api/v1/apis/{api_id}", { params });
}
