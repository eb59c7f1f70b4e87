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
  /**
   * This is what the whole page is about: without it the failure is the page, with a heading of its own. Where nothing
   * is there it may say why, and lead to another place.
   */
  page?: boolean | Missing;
  children: (data: Data) => ReactNode;
}

interface Missing {
  says: string;
  link: ReactNode;
}

const MISSING: Missing = {
  says: "It may have been moved or removed, or it belongs to a team you are not in.",
  link: (
    <ButtonLink to="/apis" variant="default">
      Explore the APIs
    </ButtonLink>
  ),
};

/** The three states of every query, decided in one place: loading, failed, there. */
export function Loaded<Data>({ query, loading, page = false, children }: Props<Data>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) {
    const failure = <ErrorState error={query.error} retry={() => void query.refetch()} />;
    if (!page) return failure;
    return (
      <FailedPage error={query.error} missing={page === true ? MISSING : page}>
        {failure}
      </FailedPage>
    );
  }
  return <>{loading ?? <LoadingRows />}</>;
}

interface FailedProps {
  error: unknown;
  missing: Missing;
  children: ReactNode;
}

function FailedPage({ error, missing, children }: FailedProps) {
  const { status, title } = asProblem(error);
  const nothing = status === 404;
  return (
    <Container size="sm" py="xl">
      <PageHeader title={nothing ? "There is nothing here" : title} description={nothing && missing.says} />
      {nothing ? missing.link : children}
    </Container>
  );
}
