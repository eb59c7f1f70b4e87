import { Container } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { asProblem } from "@/client/problem";
import { ErrorState } from "./ErrorState";
import { LoadingRows } from "./Loading";
import { ButtonLink } from "./links";
import { PageHeader } from "./PageHeader";

interface Props<Data> {
  query: UseQueryResult<Data, unknown>;
  loading?: ReactNode;
  /** This is what the whole page is about: without it the failure is the page, with a heading of its own. */
  page?: boolean;
  children: (data: Data) => ReactNode;
}

/** The three states of every query, decided in one place: loading, failed, there. */
export function Loaded<Data>({ query, loading, page = false, children }: Props<Data>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) {
    const failure = <ErrorState error={query.error} retry={() => void query.refetch()} />;
    return page ? <FailedPage error={query.error}>{failure}</FailedPage> : failure;
  }
  return <>{loading ?? <LoadingRows />}</>;
}

function FailedPage({ error, children }: { error: unknown; children: ReactNode }) {
  const { status, title } = asProblem(error);
  const missing = status === 404;
  return (
    <Container size="sm" py="xl">
      <PageHeader
        title={missing ? "There is nothing here" : title}
        description={missing && "It may have been moved or removed, or it belongs to a team you are not in."}
      />
      {missing ? (
        <ButtonLink to="/apis" variant="default">
          Explore the APIs
        </ButtonLink>
      ) : (
        children
      )}
    </Container>
  );
}
