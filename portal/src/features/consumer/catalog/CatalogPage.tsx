import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { ErrorState } from "@/ui/ErrorState";
import { LoadingCards } from "@/ui/Loading";
import { PageHeader } from "@/ui/PageHeader";
import { CatalogFacets } from "./CatalogFacets";
import classes from "./CatalogPage.module.css";
import { CatalogResults } from "./CatalogResults";
import { type CatalogFilters, useCatalog } from "./queries";

/** Every API one may see, narrowed by words and facets; the whole state is in the address, to be shared. */
export function CatalogPage() {
  const filters = useSearch({ from: "/apis" });
  const navigate = useNavigate({ from: "/apis" });
  const found = useCatalog(filters);
  const change = (patch: Partial<CatalogFilters>) =>
    void navigate({ search: (before) => ({ ...before, ...patch }), replace: true });
  return (
    <>
      <PageHeader title="Explore" description="Search by what an API does, or by a path you remember." />
      <div className={classes.layout}>
        <div className={classes.search}>
          <SearchField value={filters.q ?? ""} onChange={(q) => change({ q: q || undefined })} />
        </div>
        <aside className={classes.facets} aria-label="Filters">
          <CatalogFacets facets={found.data?.pages[0]?.facets} filters={filters} onChange={change} />
        </aside>
        <div>
          {found.isError && !found.data ? (
            <ErrorState error={found.error} retry={() => void found.refetch()} />
          ) : found.data ? (
            <CatalogResults found={found} filters={filters} onClear={() => void navigate({ search: {} })} />
          ) : (
            <LoadingCards />
          )}
        </div>
      </div>
    </>
  );
}

function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const later = useDebouncedCallback(onChange, 200);
  useEffect(() => setText(value), [value]);
  return (
    <TextInput
      type="search"
      size="md"
      aria-label="Search APIs and operations"
      placeholder="Search APIs and operations"
      leftSection={<IconSearch size={18} />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        later(event.currentTarget.value.trim());
      }}
    />
  );
}
