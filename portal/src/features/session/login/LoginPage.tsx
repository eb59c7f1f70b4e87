import { Center, Loader } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useHub, useSession } from "@/client/session";
import { TextLink } from "@/ui/links";
import { FirstPasswordForm } from "./FirstPasswordForm";
import { LoginFrame } from "./LoginFrame";
import { OneTimeSignIn } from "./OneTimeSignIn";
import { PasswordSignIn } from "./PasswordSignIn";

/** Signing in: by one-time link, by password; whoever has no password yet chooses one before going on. */
export function LoginPage() {
  const { next, token } = useSearch({ from: "/login" });
  const hub = useHub();
  const session = useSession();
  const entered = session && !session.must_set_password ? session.user.id : null;
  const [before] = useState(entered);
  if (entered && entered !== before) {
    return (
      <LoginFrame title={`Welcome to ${hub.name}`}>
        <Center py="md">
          <Loader size="sm" />
        </Center>
      </LoginFrame>
    );
  }
  if (session?.must_set_password) {
    return (
      <LoginFrame
        title="Choose a password"
        text="You signed in with a one-time link. From now on this password signs you in."
      >
        <FirstPasswordForm session={session} next={next} />
      </LoginFrame>
    );
  }
  if (token) {
    return (
      <LoginFrame title={`Welcome to ${hub.name}`} text="This link signs you in once.">
        <OneTimeSignIn token={token} next={next} />
      </LoginFrame>
    );
  }
  return (
    <LoginFrame
      title={`Sign in to ${hub.name}`}
      below={hub.signup === "open" && <TextLink to="/signup">Create an account</TextLink>}
    >
      <PasswordSignIn next={next} />
    </LoginFrame>
  );
}
