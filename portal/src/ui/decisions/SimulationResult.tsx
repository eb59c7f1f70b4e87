import { Divider, Group, Stack, Text, Timeline, Title } from "@mantine/core";
import { IconCheck, IconCornerDownLeft, IconHandStop, IconQuestionMark } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import type { Simulation, Step } from "@/client/types";
import { words } from "@/lib/format";
import { Said } from "@/ui/Said";
import { DecidedByCard, Facts, ResultBadge, WayOut } from "./parts";

const BELOW_THE_HEADER = 72;

/** What would become of a described call, step by step in the order of execution. */
export function SimulationResult({ result }: { result: Simulation }) {
  const place = useRef<HTMLDivElement>(null);
  // On a phone the button is the last that is in sight.
  useEffect(() => {
    if (result) place.current?.scrollIntoView({ block: "nearest" });
  }, [result]);
  const where = [result.operation?.label, result.api?.name, `on ${result.gateway.name}`];
  return (
    <Stack mt="lg" ref={place} style={{ scrollMarginTop: BELOW_THE_HEADER }}>
      <Divider />
      <div>
        <Group gap="xs">
          <Title order={3}>{[result.status, result.title].filter(Boolean).join(": ")}</Title>
          <ResultBadge result={result.result} />
        </Group>
        <Text size="sm">
          <Said>{result.text}</Said>
        </Text>
        <Text size="xs" c="dimmed">
          {where.filter(Boolean).join(" · ")}
        </Text>
      </div>
      <WayOut steps={result.way_out} />
      <Timeline bulletSize={22} lineWidth={2} active={result.steps.length}>
        {result.steps.map((step) => (
          <Timeline.Item
            key={step.name}
            title={words(step.name)}
            bullet={<Mark step={step} />}
            color={COLORS[step.verdict] ?? "gray"}
          >
            <Text size="sm">
              <Said>{step.text}</Said>
            </Text>
            <Facts facts={step.facts} caption={`Facts of ${step.name}`} />
          </Timeline.Item>
        ))}
      </Timeline>
      {result.decided_by && <DecidedByCard by={result.decided_by} />}
    </Stack>
  );
}

const COLORS: Record<string, string> = { passed: "green", refused: "red", answered: "blue" };

function Mark({ step }: { step: Step }) {
  const label = words(step.verdict);
  if (step.verdict === "passed") return <IconCheck size={13} aria-label={label} role="img" />;
  if (step.verdict === "refused") return <IconHandStop size={13} aria-label={label} role="img" />;
  if (step.verdict === "answered") return <IconCornerDownLeft size={13} aria-label={label} role="img" />;
  return <IconQuestionMark size={13} aria-label={label} role="img" />;
}
