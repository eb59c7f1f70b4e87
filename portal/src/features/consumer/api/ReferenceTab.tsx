import { lazy, Suspense } from "react";
import type { Api } from "@/client/types";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { LoadingRows } from "@/ui/Loading";
import classes from "./ApiPage.module.css";
import { useKeyFor } from "./FirstCall";
import { useApi, useChosenVersion, useReference } from "./queries";

// Scalar is a large library: only who opens a reference loads it.
const ScalarReference = lazy(() => import("./ScalarReference"));

export function ReferenceTab() {
  return <Loaded query={useApi()}>{(target) => <Reference target={target} />}</Loaded>;
}

function Reference({ target }: { target: Api }) {
  const { versionId } = useChosenVersion(target);
  const reference = useReference(versionId);
  const key = useKeyFor(target);
  if (versionId === null) {
    return (
      <EmptyState title="No definition yet">The provider has not published a version of this API.</EmptyState>
    );
  }
  return (
    <Loaded query={reference} loading={<LoadingRows rows={8} />}>
      {(document) => (
        <Suspense fallback={<LoadingRows rows={8} />}>
          <div className={classes.reference}>
            <ScalarReference document={document} apiKey={key} />
          </div>
        </Suspense>
      )}
    </Loaded>
  );
}
