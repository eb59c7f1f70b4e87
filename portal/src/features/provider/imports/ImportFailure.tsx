import { Alert, Stack } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { asProblem } from "@/client/problem";
import type { DefinitionProblem } from "@/client/types";
import { plural } from "@/lib/format";
import { ErrorState } from "@/ui/ErrorState";
import { ProblemList } from "./ProblemList";

/** A definition that cannot be imported: why, place by place, with the lines in question. */
export function ImportFailure({ error, content }: { error: unknown; content: string | undefined }) {
  const { errors, detail } = asProblem(error);
  // What is already said of the whole needs no place in the list.
  const problems = errors
    .filter((one) => one.message !== detail)
    .map((one) => ({ ...one, code: "", severity: "error", hint: one.hint ?? "" }));
  return (
    <Stack>
      <ErrorState error={error} hideFields />
      {problems.length > 0 && <ProblemList problems={problems} content={content} />}
    </Stack>
  );
}

/** A look found errors: nothing was kept, and each is named with its place. */
export function Broken({
  problems,
  content,
}: {
  problems: DefinitionProblem[];
  content: string | undefined;
}) {
  const errors = problems.filter((one) => one.severity === "error").length;
  return (
    <Stack>
      <Alert
        color="red"
        role="alert"
        icon={<IconAlertTriangle />}
        title={`It cannot be imported: ${plural(errors, "error")}`}
      >
        Nothing was kept. Mend what is named below and read it again.
      </Alert>
      <ProblemList problems={problems} content={content} />
    </Stack>
  );
}
