import { useState } from "react";
import type { ImportResult } from "@/client/types";
import { PageHeader } from "@/ui/PageHeader";
import { ConfirmImport } from "./ConfirmImport";
import { SourceForm } from "./SourceForm";
import type { Source } from "./source";

/** Two steps: bring a definition and see what was read from it; then say where the API goes. */
export function ImportPage() {
  const [read, setRead] = useState<{ source: Source; result: ImportResult } | null>(null);
  return (
    <>
      <PageHeader
        title="Import an API"
        description="OpenAPI 3.1, 3.0 or Swagger 2.0, as JSON or YAML. Nothing is kept before you say so."
      />
      {read ? (
        <ConfirmImport source={read.source} result={read.result} onBack={() => setRead(null)} />
      ) : (
        <SourceForm onRead={(source, result) => setRead({ source, result })} />
      )}
    </>
  );
}
