"""Why a call was let through or refused, and what would become of one that is only described."""
