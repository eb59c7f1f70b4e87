import { useNavigate, useRouter } from "@tanstack/react-router";
import { startSession } from "@/client/session";
import type { Session } from "@/client/types";
import { safeNext } from "@/lib/search";

/** Takes the new session and goes where the reader wanted to be. */
export function useEnter(next: string | undefined) {
  const navigate = useNavigate();
  const router = useRouter();
  return async (session: Session) => {
    await startSession(session);
    await router.invalidate();
    if (!session.must_set_password) await navigate({ href: safeNext(next), replace: true });
  };
}
