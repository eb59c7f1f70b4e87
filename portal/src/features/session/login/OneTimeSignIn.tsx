import { Button, Stack } from "@mantine/core";
import { api } from "@/client/http";
import { ErrorState } from "@/ui/ErrorState";
import { TextLink } from "@/ui/links";
import { useEnter } from "./useEnter";

/** A click, not the mere opening, spends the link: mail scanners and previews open links too. */
export function OneTimeSignIn({ token, next }: { token: string; next: string | undefined }) {
  const enter = useEnter(next);
  const signIn = api.useMutation("post", "/api/v1/session");
  return (
    <Stack>
      {signIn.isError && <ErrorState error={signIn.error} />}
      <Button
        size="md"
        loading={signIn.isPending}
        onClick={() =>
          signIn.mutate({ body: { one_time_token: token } }, { onSuccess: (session) => void enter(session) })
        }
      >
        Continue
      </Button>
      <TextLink to="/login" search={next ? { next } : {}} size="sm" ta="center">
        Sign in with a password
      </TextLink>
    </Stack>
  );
}
