"""Work that is too large for one transaction: done after it, in short steps, and taken up again after a crash."""
