import { Stack } from "@mantine/core";
import { asProblem } from "@/client/problem";
import { ErrorState } from "@/ui/ErrorState";
import { ProblemList } from "./ProblemList";

/** A definition that cannot be imported: why, place by place, with the lines in question. */
export function ImportFailure({ error, content }: { error: unknown; content: string | undefined }) {
  const { errors } = asProblem(error);
  const problems = errors.map((one) => ({ ...one, code: "", severity: "error", hint: one.hint ?? "" }));
  return (
    <Stack>
      <ErrorState error={error} hideFields />
      {problems.length > 0 && <ProblemList problems={problems} content={content} />}
    </Stack>
  );
}
