import { Alert, Button, Group, List, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconRefresh } from "@tabler/icons-react";
import { asProblem, type FieldError, PORTAL_CHANGED, type Problem, placeInWords } from "@/client/problem";
import { Said } from "./Said";

interface Props {
  error: unknown;
  retry?: () => void;
  /** Errors already shown beside their fields need no second mention. */
  hideFields?: boolean;
}

const AT_FIELDS = "Something cannot be taken as it stands; see the marked fields.";

/** What went wrong, the way out, and the id to give to whoever runs the hub. */
export function ErrorState({ error, retry, hideFields = false }: Props) {
  const problem = asProblem(error);
  // What does not fit the schema is named at its fields, and nothing else is wrong.
  const atFields = hideFields && problem.code === "invalid" && problem.errors.length > 0;
  // The hub repeats the first of them; a list says it, or the form does.
  const repeated = problem.errors.some((item) => bare(problem.detail).endsWith(bare(item.message)));
  if (atFields) return <Alert color="red" icon={<IconAlertTriangle />} title={AT_FIELDS} role="alert" />;
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle />} title={problem.title} role="alert">
      <Stack gap="xs">
        {!repeated && problem.detail && problem.detail !== problem.title && (
          <Text size="sm">
            <Said>{problem.detail}</Said>
          </Text>
        )}
        {!hideFields && problem.errors.length > 0 && <FieldErrors errors={problem.errors} />}
        {problem.hint && (
          <Text size="sm" fw={550}>
            <Said>{problem.hint}</Said>
          </Text>
        )}
        <Footer problem={problem} retry={retry} />
      </Stack>
    </Alert>
  );
}

/** Without what makes a sentence of it. */
const bare = (text: string): string => text.toLowerCase().replace(/\.$/, "");

function FieldErrors({ errors }: { errors: FieldError[] }) {
  return (
    <List size="sm" spacing={4}>
      {errors.map((item) => (
        <List.Item key={`${item.pointer}:${item.message}`}>
          {(item.pointer || item.line) && (
            <Text span inherit fw={600} mr={6}>
              {item.line ? `line ${item.line}` : placeInWords(item.pointer)}
            </Text>
          )}
          <Said>{`${item.message} ${item.hint ?? ""}`}</Said>
        </List.Item>
      ))}
    </List>
  );
}

function Footer({ problem, retry }: { problem: Problem; retry: (() => void) | undefined }) {
  const ids = [problem.code, problem.requestId, problem.decisionId].filter(Boolean);
  return (
    <Group justify="space-between" gap="xs">
      <Text size="xs" ff="monospace" c="dimmed">
        {ids.join(" · ")}
      </Text>
      {problem.code === PORTAL_CHANGED ? (
        <Again label="Reload the page" onClick={() => window.location.reload()} />
      ) : (
        retry && <Again label="Try again" onClick={retry} />
      )}
    </Group>
  );
}

function Again({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button size="compact-sm" variant="default" leftSection={<IconRefresh size={14} />} onClick={onClick}>
      {label}
    </Button>
  );
}
